"""A style sheet that parses each source once for a theme."""

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES = 1024


class CachedStylesheet(Stylesheet):
    """A style sheet whose cache holds every source.

    Textual keeps 64 parsed sources. This app has more, and asks for them in turn, so that none is
    found again: until the first frame, each was parsed three times.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)
        self._parsed_with = dict(variables or {})

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the variables of a theme; other ones make all that was parsed void."""
        if variables != self._parsed_with:
            self._parsed_with = dict(variables)
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is not parsed yet."""
        self.parse()
