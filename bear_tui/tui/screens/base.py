"""What the five screens have in common: the header, the body, the keys."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widget import Widget

from bear_tui.tui.copying import copy_path, copy_table
from bear_tui.tui.widgets.header import Header
from bear_tui.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from bear_tui.tui.app import BearApp


class BearScreen(Screen[None]):
    """One of the five. Its class says which tab it is and yields its body."""

    TAB: ClassVar[str]
    BINDINGS: ClassVar = [
        Binding(
            "y", "copy_path", "copy path", show=False, tooltip="copy the path under the cursor"
        ),
        Binding("Y", "copy_table", "copy table", show=False, tooltip="copy the table"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-vast")]
    """The class a screen carries at a width: `.tcss` lays out side by side what fits."""

    _styled_for = ""

    @on(ScreenResume)
    def _style_if_needed(self, event: ScreenResume) -> None:
        """Textual styles the whole screen anew, which takes most of a switch's time.

        What changes meanwhile is styled when it changes; only another theme leaves screens that
        are not seen as they were.
        """
        event.refresh_styles = self.app.theme != self._styled_for
        self._styled_for = self.app.theme

    @property
    def bear(self) -> "BearApp":
        """The app, with its type."""
        return cast("BearApp", self.app)

    def path_here(self) -> Path | None:
        """The file or run that the cursor is on, to be copied."""
        return None

    def action_copy_path(self) -> None:
        """To the clipboard of the person's own terminal."""
        self.bear.say(copy_path(self))

    def action_copy_table(self) -> None:
        """The same, of a whole table."""
        self.bear.say(copy_table(self))

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield Header(self.TAB)
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> Iterable[Widget]:
        """What stands between header and footer."""
        raise NotImplementedError
