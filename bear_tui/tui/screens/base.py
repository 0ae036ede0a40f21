"""What the five screens have in common: the header, the body, the keys."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from bear_tui.tui.widgets.header import Header
from bear_tui.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from bear_tui.tui.app import BearApp


class BearScreen(Screen[None]):
    """One of the five. Its class says which tab it is and yields its body."""

    TAB: ClassVar[str]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-vast")]
    """The class a screen carries at a width: `.tcss` lays out side by side what fits."""

    @property
    def bear(self) -> "BearApp":
        """The app, with its type."""
        return cast("BearApp", self.app)

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield Header(self.TAB)
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> Iterable[Widget]:
        """What stands between header and footer."""
        raise NotImplementedError
