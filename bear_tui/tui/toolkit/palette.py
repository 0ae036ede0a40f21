"""The command palette, which may be opened, typed into and closed as fast as keys come."""

from typing import ClassVar

from textual import work
from textual.command import CommandList, CommandPalette, Hit, Hits
from textual.errors import NoWidget
from textual.events import Click, Mount
from textual.system_commands import SystemCommandsProvider
from textual.theme import ThemeProvider

from bear_tui.tui.toolkit.backdrop import OverAnother
from bear_tui.tui.toolkit.dismissal import EndsOnTop
from bear_tui.tui.toolkit.key_queue import InTurnApp
from bear_tui.tui.toolkit.modal import EVERYWHERE
from bear_tui.tui.widgets.choices import has_lines

_BY_WHAT_IT_DOES = 0.5
"""Of the score of a name: what is called so comes first."""


class Doings(SystemCommandsProvider):
    """Finds an action by what it does as well as by its name: "rate" finds "lr"."""

    async def search(self, query: str) -> Hits:
        """Names as Textual finds them; then what holds every word of the query."""
        matcher, words = self.matcher(query), query.casefold().split()
        for name, does, run, *_ in self.app.get_system_commands(self.screen):
            score = matcher.match(name)
            if score <= 0 and all(word in does.casefold() for word in words):
                score = _BY_WHAT_IT_DOES
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=does)


class Palette(CommandPalette, OverAnother[None], EndsOnTop[None]):  # styled as the first of them
    """Textual's, of which a search that is overtaken by closing ends itself, not the app."""

    BINDINGS: ClassVar = [*EVERYWHERE]

    def _on_mount(self, event: Mount) -> None:
        if self.app.screen is not self:  # closed, or left for another screen, before it was there
            event.prevent_default()

    def _action_command_list(self, action: str) -> None:
        if not action.startswith("page") or has_lines(self.query_one(CommandList)):
            super()._action_command_list(action)

    def _on_click(self, event: Click) -> None:  # type: ignore[override]
        try:
            self.get_widget_at(event.screen_x, event.screen_y)
        except NoWidget:  # the window became smaller since: Textual's own must not look for it
            event.prevent_default()

    # `work` wraps what it decorates; the search itself is Textual's.
    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP, exit_on_error=False)
    async def _gather_commands(self, search_value: str) -> None:
        await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]


class PaletteApp(InTurnApp):
    """An app whose palette is this one."""

    COMMANDS: ClassVar = {Doings}

    def action_command_palette(self) -> None:
        """Open it, once. Without an id: one that is still closing would stand in its way."""
        if not isinstance(self.screen, CommandPalette):
            palette: CommandPalette = Palette()
            self.push_screen(palette)

    def search_themes(self) -> None:
        """Textual's list of themes, in this palette."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette([ThemeProvider], placeholder="Search for themes…"))
