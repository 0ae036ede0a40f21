"""The curves of several runs in one chart, each drawn with its letter."""

import math
from collections.abc import Mapping

from textual.content import Content

from bear_tui.tui.render.chart import Chart, Points, axis, axis_labels, epoch_axis, value_range

STYLES = ("$primary", "$secondary", "$success", "$warning", "$error")
"""Of the letters in turn; a letter says enough where there is no colour."""


def style_of(letter: str) -> str:
    """Return the colour of a run's letter."""
    return STYLES[(ord(letter) - ord("A")) % len(STYLES)]


def overlay(
    title: str, series: Mapping[str, Points], width: int, height: int, percent: bool
) -> Content:
    """Return `height` lines of at most `width` columns: title, curves, epochs. `*` where curves
    meet.
    """
    epochs = max((math.ceil(at) for points in series.values() for at, _ in points), default=1)
    every = [point for points in series.values() for point in points]
    floor, ceiling = (None, 1.0) if percent else (0.0, None)
    chart = Chart(title, every, (), epochs, None, floor, ceiling, percent)
    rows = height - 2
    low, high = value_range(chart)
    labels = axis_labels(low, high, max(1, rows), percent)
    margin = max(len(label) for label in labels.values()) + 2
    columns = width - margin
    if rows < 1 or columns < 4:
        return Content(title[: max(0, width)])
    grid = [[" "] * columns for _ in range(rows)]
    for letter, points in series.items():
        for column in range(columns):
            value = _value_at(points, column / max(1, columns - 1) * epochs)
            if value is not None:
                share = (high - min(high, max(low, value))) / (high - low)
                row = round(share * (rows - 1))
                grid[row][column] = letter if grid[row][column] == " " else "*"
    lines = [Content.styled(title, "bold")]
    for number, cells in enumerate(grid):
        marks = [(cell, style_of(cell)) if cell.isalpha() else cell for cell in cells]
        lines.append(Content.assemble(*axis(labels, number, margin), *marks))
    lines.append(Content.styled(" " * margin + epoch_axis(epochs, columns), "$muted"))
    return Content("\n").join(lines)


def _value_at(points: Points, at: float) -> float | None:
    """Interpolate between the two points around `at`; None outside and in a gap."""
    before: tuple[float, float] | None = None
    for point in points:
        if not math.isfinite(point[1]):
            before = None
            continue
        if point[0] == at:
            return point[1]
        if point[0] > at:
            if before is None:
                return None
            part = (at - before[0]) / (point[0] - before[0])
            return before[1] + (point[1] - before[1]) * part
        before = point
    return None
