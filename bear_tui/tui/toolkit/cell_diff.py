"""Of what is drawn again, only what differs from what the terminal shows."""

from collections.abc import Iterator

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

Cell = tuple[str, Style | None] | None
"""A character with the marks on it, and how it looks; None: unknown, or a wide one's right half."""


class Shown:
    """What the terminal shows, cell by cell, as far as it was painted since `forget`.

    A chart that gains a point changes a few of its cells; Textual sends all of its lines, and the
    whole screen where a table gains a row.
    """

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell]] = {}
        self._size = Size()

    def forget(self) -> None:
        """Somebody else may have written on the terminal."""
        self._lines.clear()

    def on_terminal_of(self, size: Size) -> None:
        """One whose size has changed has moved its lines as it likes."""
        if size != self._size:
            self._size = size
            self.forget()

    def news(self, y: int, x: int, strip: Strip) -> tuple[int, Strip] | None:
        """What of `strip` is not there yet, and at which column; from now on it is."""
        after = _cells(strip)
        line = self._lines.setdefault(y, [])
        line.extend([None] * (x + len(after) - len(line)))
        before = line[x : x + len(after)]
        line[x : x + len(after)] = after
        if before == after:
            return None
        if not strip.text.isascii() and any(one and len(one[0]) > 1 for one in after):
            return x, strip  # where characters have marks, terminals differ: all of it
        first = next(n for n in range(len(after)) if before[n] != after[n])
        last = next(n for n in range(len(after), 0, -1) if before[n - 1] != after[n - 1])
        while after[first] is None:  # a wide character is painted whole
            first -= 1
        while last < len(after) and after[last] is None:
            last += 1
        return x + first, strip.crop(first, last)


def _cells(strip: Strip) -> list[Cell]:
    """A place for each column."""
    cells: list[Cell] = []
    for text, style, _ in strip:
        if text.isascii():
            cells += [(char, style) for char in text]
            continue
        for char in text:
            width = get_character_cell_size(char)
            if width:
                cells += [(char, style), *[None] * (width - 1)]
            elif cells:  # a mark on the character before it, which may be a wide one
                at = len(cells) - 1
                while at and cells[at] is None:
                    at -= 1
                marked, look = cells[at] or ("", style)
                cells[at] = (marked + char, look)
    return cells


class Difference(CompositorUpdate):
    """The part of an update that is new."""

    def __init__(self, update: ChopsUpdate | LayoutUpdate, shown: Shown) -> None:
        self._update = update
        self._shown = shown

    def render_segments(self, console: Console) -> str:
        """As Textual's own, without the cells that are there already."""
        sequences = []
        for y, x, strip in self._strips():
            if (news := self._shown.news(y, x, strip)) is not None:
                column, text = news
                sequences.append(Control.move_to(column, y).segment.text + text.render(console))
        return "".join(sequences)

    def _strips(self) -> Iterator[tuple[int, int, Strip]]:
        """Line, column and what stands there."""
        update = self._update
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                yield y, update.region.x, Strip.join(strips)
            return
        for y, x1, x2 in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x > x2 or end <= x1:
                    continue
                whole = x1 <= x < x2 and end <= x2
                yield y, x, strip if whole else strip.crop(0, min(end, x2) - x)
