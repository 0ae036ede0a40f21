"""A screen as text that a person can read and git can compare.

The characters first, then a letter for the style of each of them, then what the letters mean.
Photos are left out of the styles: every cell has a colour of its own, and they have their tests.
"""

import string
import time
from collections import Counter
from functools import cache
from typing import Any

from rich.style import Style
from textual.app import App
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input

_PHOTO = "▀▄"
_LETTERS = string.ascii_letters + string.digits
_MARKS = ("bold", "italic", "underline", "reverse", "dim", "strike")
_STILL = 4
"""So many equal frames in a row mean that nothing moves any more."""


def look(app: App[Any]) -> str:
    """Return the characters, a letter for each style (`.` is the commonest), and their meaning."""
    characters, styles = [], []
    for strip in _strips(app):
        pairs = [(character, _name(part.style)) for part in strip for character in part.text]
        characters.append("".join(character for character, _ in pairs).rstrip())
        styles.append(["" if character in _PHOTO else style for character, style in pairs])
    common = Counter(style for row in styles for style in row if style).most_common()
    letters = {"": "▒", common[0][0]: "."}
    for row in styles:
        for style in row:
            letters.setdefault(style, _LETTERS[len(letters) - 2])
    drawn = ["".join(letters[style] for style in row).rstrip(".") for row in styles]
    meaning = [f"{letter} {style}" for style, letter in letters.items() if style]
    return "\n".join((*characters, "", *drawn, "", *meaning, ""))


async def still_look(pilot: Pilot[Any], seconds: float = 10.0) -> str:
    """Return the snapshot once nothing moves any more."""
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False
    before, still, end = _strips(pilot.app), 0, time.monotonic() + seconds
    while still < _STILL:
        assert time.monotonic() < end, f"it does not stop changing:\n{look(pilot.app)}"
        await pilot.pause(0.05)
        now = _strips(pilot.app)
        still = still + 1 if now == before else 0
        before = now
    return look(pilot.app)


def _strips(app: App[Any]) -> list[Strip]:
    return app.screen._compositor.render_strips(app.screen.size)


@cache
def _name(style: Style | None) -> str:
    """`bold #e0a94a on #141312`."""
    if style is None:
        return "-"
    marks = [mark for mark in _MARKS if getattr(style, mark)]
    color = style.color.name if style.color else "-"
    behind = style.bgcolor.name if style.bgcolor else "-"
    return " ".join((*marks, color, "on", behind))
