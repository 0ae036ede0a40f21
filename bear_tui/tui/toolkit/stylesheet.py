"""The sheets of every widget and screen, each parsed once."""

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SHEETS = 1024


class KeptStylesheet(Stylesheet):
    """Textual parses all sheets anew when the theme is set, and does so twice before it paints.

    What it keeps beside that, 64 parsed sheets, are fewer than there are: asked for in turn, none
    is found. What a sheet says depends on nothing but the theme's variables.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SHEETS)

    def set_variables(self, variables: dict[str, str]) -> None:
        """The theme's; others make all that was parsed void."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Those that are not parsed yet."""
        self.parse()
