"""A chart of a run as inline SVG: training and validation over epochs. Pure text."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

Points = Sequence[tuple[float, float | None]]
"""(epoch, value); None leaves a gap."""

WIDTH, HEIGHT = 460, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 28


def chart(
    title: str,
    train: Points,
    validation: Points,
    best: int | None,
    percent: bool,
    marks: Mapping[float, str] = MappingProxyType({}),
) -> str:
    """Return the chart: training solid, validation dashed with dots, the best epoch ringed.

    `marks` are vertical lines at some epochs, with their tooltips. The strokes tell the series
    apart without colours, too.
    """
    values = [v for _, v in (*train, *validation) if v is not None and math.isfinite(v)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if percent:
        low, high = math.floor(low * 10) / 10, 1.0
    else:
        low = 0.0
    if high - low < 1e-9:
        high = low + 1.0
    last = max((at for at, _ in (*train, *validation)), default=1.0)
    first = min(1.0, last)

    def place(at: float, value: float) -> tuple[float, float]:
        x = _LEFT + (at - first) / max(last - first, 1e-9) * (WIDTH - _LEFT - _RIGHT)
        y = _TOP + (high - value) / (high - low) * (HEIGHT - _TOP - _BOTTOM)
        return round(x, 1), round(y, 1)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title} by epoch">']
    for share in (0, 0.5, 1):
        level = low + (high - low) * share
        _, y = place(first, level)
        label = f"{level:.0%}" if percent else f"{level:.2f}"
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{WIDTH - _RIGHT}" y2="{y}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{label}</text>')
    for at, anchor in ((first, "start"), (last, "end")):
        x, _ = place(at, low)
        parts.append(f'<text x="{x}" y="{HEIGHT - 8}" text-anchor="{anchor}">{at:.0f}</text>')
    for at, words in marks.items():
        x, _ = place(min(max(at, first), last), low)
        mark = f'<line class="change" x1="{x}" y1="{_TOP}" x2="{x}" y2="{HEIGHT - _BOTTOM}"/>'
        parts.append(f"<g><title>{escape(words)}</title>{mark}</g>")
    for name, points in (("train", train), ("validation", validation)):
        for line in _lines(points):
            placed = " ".join(f"{x},{y}" for x, y in (place(*point) for point in line))
            parts.append(f'<polyline class="{name}" points="{placed}"/>')
    for at, value in validation:
        if value is not None and math.isfinite(value):
            x, y = place(at, value)
            ring = ' class="best" r="6"' if at == best else ' class="dot" r="2.5"'
            parts.append(f'<circle{ring} cx="{x}" cy="{y}"/>')
    return "".join([*parts, "</svg>"])


def _lines(points: Points) -> list[list[tuple[float, float]]]:
    """Return the runs of points between gaps."""
    lines: list[list[tuple[float, float]]] = [[]]
    for at, value in points:
        if value is not None and math.isfinite(value):
            lines[-1].append((at, value))
        elif lines[-1]:
            lines.append([])
    return [line for line in lines if line]
