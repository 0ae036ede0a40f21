"""What the five screens have in common: the header, the body, the keys."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.events import ScreenResume
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from bear_tui.tui.copying import CopyingScreen
from bear_tui.tui.widgets.header import Header
from bear_tui.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from bear_tui.tui.app import BearApp


class SparingScreen(Screen[ScreenResultType]):
    """A screen that is there again without being styled anew."""

    _styled_for = ""

    @on(ScreenResume)
    def _style_if_needed(self, event: ScreenResume) -> None:
        """Textual styles the whole screen anew, which takes most of a switch's time.

        What changes meanwhile is styled when it changes; only another theme leaves screens that
        are not seen as they were.
        """
        event.refresh_styles = self.app.theme != self._styled_for
        self._styled_for = self.app.theme


class BearScreen(CopyingScreen[None], SparingScreen[None]):
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
