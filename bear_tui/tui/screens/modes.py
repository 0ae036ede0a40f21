"""The five screens, each made when it is first shown, and the style sheets of all screens."""

import importlib
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from textual.screen import Screen

from bear_tui.tui.widgets.header import TABS


def _maker(tab: str) -> Callable[[], Screen[None]]:
    def make() -> Screen[None]:
        module = importlib.import_module(f"bear_tui.tui.screens.{tab}")
        screen: Screen[None] = getattr(module, f"{tab.capitalize()}Screen")()
        return screen

    return make


MODES: dict[str, str | Callable[[], Screen[Any]]] = {tab: _maker(tab) for tab in TABS}

STYLES: list[str | PurePath] = [
    "app.tcss",
    *sorted(f"screens/{file.name}" for file in Path(__file__).parent.glob("*.tcss")),
]
"""All at once: Textual would read and apply all of them again for one that it reads later."""
