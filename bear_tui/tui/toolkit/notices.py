"""Notices in the corner: the newest few, equal ones once, never over much of the window."""

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.content import Content
from textual.notifications import Notification

from bear_tui.text import safe

MOST = 3
"""Notices at a time."""
_SHARE = 3
"""All of them take no more than this part of the window's lines."""
_WIDTH, _AROUND, _BESIDE = 78, 3, 2
"""Columns of a notice, of its border and padding, and of what stands beside it; as in app.tcss."""


def outdated(
    shown: Sequence[Notification], new: Notification, width: int, height: int
) -> list[Notification]:
    """Return which of those shown make room for a new one: its equal, and the oldest."""
    room = height // _SHARE - _taken(new.message, width)
    kept: list[Notification] = []
    for one in reversed([one for one in shown if one.message != new.message]):
        room -= _taken(one.message, width)
        if room < 0 or len(kept) == MOST - 1:
            break
        kept.append(one)
    return [one for one in shown if one not in kept]


def cut(message: str, width: int, height: int) -> str:
    """Return as much of a message as the window has room for."""
    lines, most = _wrapped(message, width), max(1, height // _SHARE - 1)
    return message if len(lines) <= most else " ".join(lines[:most])[:-1] + "…"


def _taken(message: str, width: int) -> int:
    """Lines that a notice takes, with the empty one above it."""
    return 1 + len(_wrapped(message, width))


def _wrapped(message: str, width: int) -> list[str]:
    room = min(_WIDTH, width - _BESIDE) - _AROUND
    return [line.plain for line in Content(safe(message)).wrap(max(1, room))]


def make_room(app: App[Any], notice: Notification) -> None:
    """Shorten a new notice to the window, and take down those that it makes outdated."""
    notice.message = cut(notice.message, *app.size)
    for old in outdated(list(app._notifications), notice, *app.size):
        app._unnotify(old, refresh=False)
