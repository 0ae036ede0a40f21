"""The command palette, which may be opened, typed into and closed as fast as keys come."""

import contextlib
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.command import CommandList, CommandPalette
from textual.errors import NoWidget
from textual.events import Click, Mount

from bear_tui.tui.toolkit.backdrop import TintedScreen
from bear_tui.tui.toolkit.dismissal import EndsOnTop
from bear_tui.tui.toolkit.modal import EVERYWHERE


class Palette(CommandPalette, TintedScreen[None], EndsOnTop[None]):  # styled as the first
    """Textual's palette, made to survive a search that closing it interrupts."""

    BINDINGS: ClassVar = [
        *EVERYWHERE,
        Binding("pageup", "page('up')", "page up", show=False),
        Binding("pagedown", "page('down')", "page down", show=False),
    ]

    def on_mount(self, event: Mount) -> None:
        """Search nothing where it was closed, or left for another screen, before it was mounted."""
        if self.app.screen is not self:
            event.prevent_default()

    def on_click(self, event: Click) -> None:
        """Ignore a click beside a window that has become smaller since."""
        try:
            self.get_widget_at(event.screen_x, event.screen_y)
        except NoWidget:
            event.prevent_default()

    def action_page(self, direction: str) -> None:
        """Move by a page; Textual fails in a list that was filled a moment ago."""
        commands = self.query_one(CommandList)
        with contextlib.suppress(KeyError):
            getattr(commands, f"action_page_{direction}")()

    # `work` wraps what it decorates; the search itself is Textual's.
    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP, exit_on_error=False)
    async def _gather_commands(self, search_value: str) -> None:
        await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]
