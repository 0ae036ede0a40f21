"""The command palette, which may be opened, typed into and closed as fast as keys come."""

from textual import work
from textual.app import App
from textual.command import CommandPalette


class Palette(CommandPalette):
    """Textual's, of which a search that is overtaken by closing ends itself, not the app."""

    # `work` wraps what it decorates; the search itself is Textual's.
    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP, exit_on_error=False)
    async def _gather_commands(self, search_value: str) -> None:
        await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]


class PaletteApp(App[int]):
    """An app whose palette is this one."""

    def action_command_palette(self) -> None:
        """Open it, once. Without an id: one that is still closing would stand in its way."""
        if not isinstance(self.screen, CommandPalette):
            palette: CommandPalette = Palette()
            self.push_screen(palette)
