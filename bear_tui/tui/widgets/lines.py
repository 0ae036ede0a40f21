"""Text that draws only changed lines again, such as a growing chart."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from bear_tui.tui.render.styled_line import Line


class Lines(Widget):
    """Lines no longer than the widget is wide.

    Drawn most often beside a training; costs a tenth of Textual's Content.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._on: VisualStyle | None = None
        self._styles: dict[str, Style] = {}
        """On the style `_on` of the widget."""

    def show(self, lines: Sequence[Line]) -> None:
        """Replace the lines."""
        before, self._lines = self._lines, lines
        pairs = zip_longest(before, lines, fillvalue=())
        changed = (y for y, (old, new) in enumerate(pairs) if old != new)
        if regions := [Region(0, y, self.size.width, 1) for y in changed]:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else ()
        strip = Strip([Segment(text, self._style(style)) for text, style in line])
        return strip.adjust_cell_length(self.size.width, self._style(""))

    def _style(self, name: str) -> Style:
        if self._on is not self.visual_style:
            self._on, self._styles = self.visual_style, {}
        if (style := self._styles.get(name)) is None:
            style = self._styles[name] = (self.visual_style + VisualStyle.parse(name)).rich_style
        return style
