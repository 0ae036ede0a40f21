"""Keys that mean the same everywhere; sheets, which stand over a screen until they are done."""

from textual.actions import SkipAction
from textual.binding import Binding
from textual.screen import ScreenResultType

from bear_tui.tui.toolkit.backdrop import TintedScreen
from bear_tui.tui.toolkit.dismissal import EndsOnTop

EVERYWHERE = (
    Binding("question_mark", "app.keys", "keys", key_display="?"),
    Binding("f1", "app.keys", "keys", key_display="f1"),  # a field takes `?` as a letter
    Binding("ctrl+q", "app.leave", "quit", show=False, priority=True),
    Binding("ctrl+l", "app.repaint", "draw the screen anew", show=False),
    Binding("ctrl+z", "app.suspend_process", "to the shell; `fg` comes back", show=False),
)
"""Of the app; over a sheet, Textual asks the app for no key, so a sheet has them itself."""


class Sheet(TintedScreen[ScreenResultType], EndsOnTop[ScreenResultType]):  # styled as the first
    """A question, a form, a list over a screen: help, redraw, the shell and leaving are there too.

    A sheet in which no text is typed is left with `q` as well as with escape.
    """

    BINDINGS = [*EVERYWHERE]

    def action_copy_text(self) -> None:
        """Ctrl+C: what the mouse has marked; nothing is: how to leave, as on any screen."""
        try:
            super().action_copy_text()
        except SkipAction:
            self.app.action_help_quit()
