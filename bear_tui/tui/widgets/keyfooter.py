"""The keys of a screen, on its last line."""

from textual.widgets import Footer


class KeyFooter(Footer):
    """Textual's footer, without the keys that it has shown before.

    Each key watches the footer's `compact`, and a watcher is dropped only when that is set: an hour
    of screen changes kept 100,000 keys, 20 KB each.
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    async def recompose(self) -> None:
        """Other keys; those of before are let go."""
        await super().recompose()
        self.mutate_reactive(Footer.compact)
