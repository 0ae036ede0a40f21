"""Line charts in braille: numbers in, lines of text out.

A braille cell is 2 dots wide and 4 high, so a chart of 30 x 6 cells resolves 60 x 24 points. Two
series differ in marks as well as colours: the first is a line, the second dots with gaps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len

from bear_tui.tui.render.styled_line import Line

Points = Sequence[tuple[float, float]]
"""(epoch, value); values that are no number leave a gap."""

_BLANK = 0x2800
# The bit of each dot in a braille character, by column and row from the top.
_DOT_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_SOLID, _DOTTED, _MARKED = 1, 2, 3
_UPRIGHT = 0x01 | 0x04
"""Two of the four dots at the left of a cell."""


@dataclass(frozen=True)
class Chart:
    """What to draw. Epochs run from 0 to `epochs`; an epoch's value stands at its end."""

    title: str
    train: Points
    validation: Points
    epochs: int
    best: tuple[float, float] | None = None
    """Marked with ◆."""
    floor: float | None = None
    """The lowest value the axis must show; None takes what the series need."""
    ceiling: float | None = None
    percent: bool = False
    marks: Sequence[float] = ()
    """Epochs at which something was changed: upright lines behind the series."""


def draw(chart: Chart, width: int, height: int) -> list[Line]:
    """Return the chart as `height` lines of at most `width` columns: title, plot, axis."""
    ruled = height >= _RULED
    rows = height - 2 - ruled
    low, high = value_range(chart)
    labels = axis_labels(low, high, rows, chart.percent)
    margin = max(len(label) for label in labels.values()) + 2
    columns = width - margin
    if rows < 1 or columns < 4:
        return [[(chart.title[: max(0, width)], "")]]
    canvas = Canvas(columns, rows, max(1.0, float(chart.epochs)), low, high)
    # Validation last: where both meet, its mark shows.
    canvas.line(chart.train)
    canvas.dots(chart.validation)
    lines = [_title(chart, width)]
    for row, cells in enumerate(canvas.rows(chart.best, chart.marks)):
        lines.append([*axis(labels, row, margin), *cells])
    if ruled:
        lines.append([(" " * (margin - 1), ""), ("└" + "─" * columns, "$border")])
    lines.append([(" " * margin + epoch_axis(chart.epochs, columns), "$muted")])
    return lines


_RULED = 10
"""From this height on there is room for a line under the plot."""


def axis(labels: dict[int, str], row: int, margin: int) -> Line:
    """Return the value axis of a row: its label, if any, and the line."""
    label = labels.get(row, "")
    line = "┤" if label else "│"
    return [(label.rjust(margin - 2), "$muted"), (" ", ""), (line, "$border")]


def value_range(chart: Chart) -> tuple[float, float]:
    """Return the ends of the value axis."""
    values = [v for _, v in (*chart.train, *chart.validation) if math.isfinite(v)]
    low = min(values, default=0.0) if chart.floor is None else chart.floor
    high = max(values, default=1.0) if chart.ceiling is None else chart.ceiling
    if chart.percent and values and chart.floor is None:
        # Down to the next ten percent, so that the axis does not twitch at every step.
        low = math.floor(min(values) * 10) / 10
    if high - low < 1e-9:
        high = low + (1e-3 if low else 1.0)
    return low, high


def axis_labels(low: float, high: float, rows: int, percent: bool) -> dict[int, str]:
    """Return labels by row of the plot: round values, each in its row."""
    step = round_step((high - low) / max(1, (rows - 1) // 2))
    count = math.floor(high / step + 1e-6)
    first = math.ceil(low / step - 1e-6)
    labels = {}
    for value in (number * step for number in range(first, count + 1)):
        share = (value - low) / (high - low)
        labels[round((1 - share) * (rows * 4 - 1)) // 4] = _label(value, percent, step)
    return labels or {max(0, rows - 1): _label(low, percent, step)}


def round_step(least: float) -> float:
    """Return the first of 1, 2, 2.5, 5, 10 and their powers of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(
        step * power for step in (1, 2, 2.5, 5, 10, 20) if step * power >= least * (1 - 1e-9)
    )


def epoch_axis(epochs: int, columns: int) -> str:
    """Return epoch numbers under their columns: the first, the last, some between."""
    line = [" "] * columns
    taken = -1
    count = max(1, epochs)
    step = max(1, math.ceil(count / max(1, columns // 10)))
    inner = [epoch for epoch in range(step, count, step) if count - epoch >= step * 0.6]
    for epoch in (count, 0, *inner):
        text = str(epoch)
        end = min(columns, max(len(text), round(epoch / count * columns)))
        start = end - len(text)
        if epoch != count and (
            start <= taken or line[start : end + 1] != [" "] * len(line[start : end + 1])
        ):
            continue
        line[start:end] = text
        if epoch != count:
            taken = end
    return "".join(line)


def smooth(points: Points, window: float) -> list[tuple[float, float]]:
    """Return a running mean over about `window` points, unbiased at its start.

    Values that are not numbers are left out.
    """
    smoothed: list[tuple[float, float]] = []
    mean = 0.0
    for at, value in points:
        if math.isfinite(value):
            share = 1 / min(max(1.0, window), len(smoothed) + 1)
            mean += share * (value - mean)
            smoothed.append((at, mean))
    return smoothed


class Canvas:
    """A grid of braille dots over epochs and values."""

    def __init__(self, columns: int, rows: int, epochs: float, low: float, high: float) -> None:
        self._columns, self._rows = columns, rows
        self._epochs, self._low, self._high = epochs, low, high
        self._bits = [[0] * columns for _ in range(rows)]
        self._series = [[0] * columns for _ in range(rows)]

    def line(self, points: Points) -> None:
        """Join points by straight lines; a value that is not a number breaks the line."""
        previous: tuple[int, int] | None = None
        for at, value in points:
            if not math.isfinite(value):
                previous = None
                continue
            x, y = self._place(at, value)
            x0, y0 = previous or (x, y)
            steps = max(abs(x - x0), abs(y - y0), 1)
            for step in range(steps + 1):
                part = step / steps
                self._set(round(x0 + (x - x0) * part), round(y0 + (y - y0) * part), _SOLID)
            previous = x, y

    def dots(self, points: Points) -> None:
        """Draw a dotted line: two dots on, two off, and every point itself."""
        previous: tuple[int, int] | None = None
        for at, value in points:
            if not math.isfinite(value):
                previous = None
                continue
            x, y = self._place(at, value)
            if previous is not None:
                x0, y0 = previous
                steps = max(abs(x - x0), abs(y - y0), 1)
                for step in range(steps + 1):
                    if step % 4 < 2:
                        part = step / steps
                        dot = round(x0 + (x - x0) * part), round(y0 + (y - y0) * part)
                        self._set(*dot, _DOTTED)
            self._set(x, y, _DOTTED)
            previous = x, y

    def rows(self, best: tuple[float, float] | None, marks: Sequence[float] = ()) -> list[Line]:
        """Return every row, with cells of one style joined."""
        for mark in marks:
            self._upright(mark)
        characters = [[chr(_BLANK + bits) for bits in row] for row in self._bits]
        kinds = [list(row) for row in self._series]
        if best is not None and math.isfinite(best[1]):
            x, y = self._place(*best)
            characters[y // 4][x // 2], kinds[y // 4][x // 2] = "◆", _DOTTED
        rows: list[Line] = []
        for row, series in zip(characters, kinds, strict=True):
            line: list[tuple[str, str]] = []
            for drawn, cells in groupby(zip(series, row, strict=True), itemgetter(0)):
                text = "".join(character for _, character in cells)
                line.append((text if drawn else " " * len(text), _STYLES[drawn]))
            rows.append(line)
        return rows

    def _upright(self, at: float) -> None:
        """Draw a vertical mark where no series is: it must not look like part of one."""
        column = self._place(at, self._low)[0] // 2
        for bits, series in zip(self._bits, self._series, strict=True):
            if not series[column]:
                bits[column], series[column] = _UPRIGHT, _MARKED

    def _place(self, at: float, value: float) -> tuple[int, int]:
        share = (value - self._low) / (self._high - self._low)
        x = round(at / self._epochs * (self._columns * 2 - 1))
        y = round((1 - min(1.0, max(0.0, share))) * (self._rows * 4 - 1))
        return min(self._columns * 2 - 1, max(0, x)), y

    def _set(self, x: int, y: int, series: int) -> None:
        column, row = x // 2, y // 4
        self._bits[row][column] |= _DOT_BITS[x % 2][y % 4]
        self._series[row][column] = max(series, self._series[row][column])


TRAIN_STYLE = "$secondary"
VALIDATION_STYLE = "$primary"
_STYLES = {0: "", _SOLID: TRAIN_STYLE, _DOTTED: VALIDATION_STYLE, _MARKED: "$muted"}


def _title(chart: Chart, width: int) -> Line:
    legend = [("train ━", TRAIN_STYLE), ("  ", ""), ("validation ┅", VALIDATION_STYLE)]
    if chart.best:
        legend.append(("  best ◆", ""))
    title = (chart.title, "bold")
    marks = [("  changed ┊", "$muted")] if chart.marks else []
    for words in (legend + marks, legend):  # as much of it as there is room for
        gap = width - sum(cell_len(text) for text, _ in (title, *words))
        if gap > 1:
            return [title, (" " * gap, ""), *words]
    return [title]


def _label(value: float, percent: bool, step: float) -> str:
    """Return a value with as many decimals as tell it from the next on the axis."""
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    if percent:
        return f"{value:.{max(0, decimals - 2)}%}"
    if step < 1e-4 or abs(value) >= 10_000:
        return f"{value:.2g}"
    return f"{value:.{min(4, max(decimals, 2 if abs(value) < 100 else 0))}f}"
