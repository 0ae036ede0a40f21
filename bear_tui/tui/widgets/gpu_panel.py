"""The GPUs of a machine, a line each: `GPU 0 ━━━━╸── 83%  6.2 of 80 GB  61 °C  310 W`."""

import time
from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from bear_tui.text import safe
from bear_tui.tui.render.meter import meter
from bear_tui.tui.session.gpu import Gpu, GpuWatch

_SIDE = 20
"""Where the meters begin, as those of the training do."""
_EVERY = 1.0
"""Seconds from one drawing to the next."""
_MOST = 4
"""Of more cards the busiest are shown: the charts want the room."""


class GpuPanel(Static):
    """Drawn once a second while its screen is seen; takes no room without a GPU."""

    DEFAULT_CSS = "GpuPanel { height: auto; text-wrap: nowrap; display: none; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._watch = GpuWatch()
        self._drawn = 0.0

    def show_newest(self) -> None:
        """Draw the newest figures; the screen calls this whenever it draws."""
        if time.monotonic() - self._drawn < _EVERY:
            return
        gpus = self._watch.look()
        self.display = bool(gpus)
        if gpus:
            self._drawn = time.monotonic()
            self.update(gpu_lines(gpus, self.screen.size.width - 2))


def gpu_lines(gpus: Sequence[Gpu], width: int) -> Content:
    """Return a line per GPU in `width` columns; nothing without one."""
    busiest = sorted(gpus, key=lambda gpu: -(gpu.load or 0.0))[:_MOST]
    lines = [_line(gpu, width) for gpu in gpus if gpu in busiest]
    if len(gpus) > _MOST:
        rest = len(gpus) - _MOST
        lines.append(Content.styled(f"and {rest} less busy", "$muted"))
    return Content("\n").join(lines)


def _line(gpu: Gpu, width: int) -> Content:
    facts = [f"{_gigabytes(gpu.used):>3} of {_gigabytes(gpu.total):>2} GB"]
    if gpu.celsius is not None:
        facts.append(f"{gpu.celsius:>3} °C")
    if gpu.watts is not None:
        facts.append(f"{gpu.watts:>4.0f} W")
    words = "  ".join(facts)
    # The same width for all: a number more or less moves no meter.
    beside = f"{words:<32}"
    name = f"GPU {gpu.index} {safe(gpu.name.removeprefix('NVIDIA '), 40)}"
    side = _SIDE if width < 100 else 2 * _SIDE
    name = name if len(name) < side else name[: side - 2] + "…"
    bar = max(10, width - side - len(beside) - 2)
    load = Content("load unknown".ljust(bar)) if gpu.load is None else meter(gpu.load, bar)
    return Content.assemble((name.ljust(side), "$muted"), load, "  ", beside)


def _gigabytes(size: int) -> str:
    gigabytes = size / 2**30
    return f"{gigabytes:.1f}" if gigabytes < 10 else f"{gigabytes:.0f}"
