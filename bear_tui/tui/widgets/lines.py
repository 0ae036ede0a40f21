"""Text of which only the lines that have changed are drawn again, such as a chart that grows."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

_NOTHING = Content("")


class Lines(Widget):
    """One Content a line, none of them longer than it is wide."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Content] = ()

    def show(self, lines: Sequence[Content]) -> None:
        """These instead of those before."""
        before, self._lines = self._lines, lines
        pairs = zip_longest(before, lines, fillvalue=_NOTHING)
        changed = (y for y, (old, new) in enumerate(pairs) if not old.is_same(new))
        if regions := [Region(0, y, self.size.width, 1) for y in changed]:
            self.refresh(*regions)

    def render(self) -> Content:
        """All of it."""
        return Content("\n").join(self._lines)

    def render_line(self, y: int) -> Strip:
        """One of them."""
        width = self.size.width
        if not width or y >= len(self._lines):
            return Strip.blank(width, self.visual_style.rich_style)
        (strip,) = Visual.to_strips(self, self._lines[y], width, 1, self.visual_style, pad=True)
        return strip
