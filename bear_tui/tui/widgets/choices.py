"""Answers to choose from, in a question: arrows and vi keys."""

from typing import ClassVar

from textual._widget_navigation import Direction
from textual.binding import Binding
from textual.widgets import OptionList


class Choices(OptionList):
    """Textual's list of options, with the keys that every list here has."""

    BINDINGS: ClassVar = [
        Binding("j", "cursor_down", "down", show=False),
        Binding("k", "cursor_up", "up", show=False),
        Binding("g", "first", "first", show=False),
        Binding("G", "last", "last", show=False),
    ]

    def _move_page(self, direction: Direction) -> None:
        if has_lines(self):
            super()._move_page(direction)


def has_lines(options: OptionList) -> bool:
    """Whether a page can be turned: Textual looks for the line of what is chosen, which a list has
    not that was filled a moment ago or finds no room in the window.
    """
    return options.highlighted in options._index_to_line
