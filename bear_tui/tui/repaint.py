"""Of a part that is drawn again, only the lines that differ from what the terminal shows."""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate


class Shown:
    """What was painted since the last whole picture: by line and column, where it ended, its text.

    A chart that gains a point changes a few of its lines; Textual sends all of them.
    """

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, tuple[int, str]]] = {}

    def forget(self) -> None:
        """A whole picture is painted, or something that is not known here."""
        self._lines.clear()

    def is_new(self, y: int, x: int, end: int, text: str) -> bool:
        """Whether `text` is not there yet; from now on it is."""
        line = self._lines.setdefault(y, {})
        if line.get(x) == (end, text):
            return False
        for start, (stop, _) in list(line.items()):
            if start < end and x < stop:
                del line[start]
        line[x] = (end, text)
        return True


class Difference(CompositorUpdate):
    """The part of an update that is new."""

    def __init__(self, update: ChopsUpdate, shown: Shown) -> None:
        self._update = update
        self._shown = shown

    def render_segments(self, console: Console) -> str:
        """As Textual's own, without the lines that are there already."""
        update, sequences = self._update, []
        for y, x1, x2 in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x > x2 or end <= x1:
                    continue
                whole = x1 <= x < x2 and end <= x2
                until = end if whole else min(end, x2)
                text = (strip if whole else strip.crop(0, until - x)).render(console)
                if self._shown.is_new(y, x, until, text):
                    sequences.append(Control.move_to(x, y).segment.text + text)
        return "".join(sequences)
