"""The answers to a question, with arrows and vi keys."""

import contextlib
from typing import ClassVar

from textual.binding import Binding
from textual.widgets import OptionList


class Choices(OptionList):
    """Textual's list of options, with the keys that every list of the app has."""

    BINDINGS: ClassVar = [
        Binding("j", "cursor_down", "down", show=False),
        Binding("k", "cursor_up", "up", show=False),
        Binding("g", "first", "first", show=False),
        Binding("G", "last", "last", show=False),
    ]

    def action_page_up(self) -> None:
        """Move by a page; Textual fails in a list that was just filled, or has no room."""
        with contextlib.suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move by a page; Textual fails in a list that was just filled, or has no room."""
        with contextlib.suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]
