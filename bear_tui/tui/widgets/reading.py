"""A text that scrolls with arrows and vi keys, and shows whether it has the focus."""

from typing import ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll


class Reading(VerticalScroll):
    """A text; with `-titled`, below a title that stays in sight."""

    DEFAULT_CSS = """
    Reading.-titled {
        border-top: solid $border-blurred;
        border-title-color: $muted;
        border-title-style: none;
    }
    Reading.-titled:focus { border-top: solid $primary; border-title-color: $primary; }
    Reading.-titled:nocolor:focus { border-top: heavy $primary; }
    """
    BINDINGS: ClassVar = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("home,g", "move(-1000000)", "first", show=False),
        Binding("end,G", "move(1000000)", "last", show=False),
    ]

    def action_move(self, lines: int) -> None:
        """Scroll at once: each step of an animation would be sent."""
        self.scroll_relative(y=lines, animate=False)
