"""How the command palette finds the actions of the app."""

from textual.command import Hit, Hits
from textual.system_commands import SystemCommandsProvider

_SCORE_OF_HELP = 0.5
"""Part of the score of a name, so that names come first."""


class ActionsProvider(SystemCommandsProvider):
    """Find an action by what it does as well as by its name: "rate" finds "lr"."""

    async def search(self, query: str) -> Hits:
        """Yield names as Textual finds them, then actions whose help holds every word."""
        matcher, words = self.matcher(query), query.casefold().split()
        for name, does, run, *_ in self.app.get_system_commands(self.screen):
            score = matcher.match(name)
            if score <= 0 and all(word in does.casefold() for word in words):
                score = _SCORE_OF_HELP
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=does)
