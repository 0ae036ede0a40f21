"""The progress of a short job in a thread: bar, count, rate, time left."""

import threading
import time
from collections.abc import Callable

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from bear_tui.tui.render.meter import duration, meter

_LOOKS_A_SECOND = 10


def work_text(verb: str, done: int, total: int, seconds: float, width: int) -> Content:
    """Return `checking ━━━━━━╸──── 63%  1,240 of 1,960  310/s  0:02 left`."""
    if not total or not done:
        return Content(f"{verb.removesuffix(',')} …")
    rate = done / seconds if seconds > 0 else 0.0
    left = duration((total - done) / rate) if rate and seconds > 0.5 else "–"
    speed = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"
    parts = [f"{done:,} of {total:,}", speed, f"{left} left"]
    # A narrow terminal loses the rate first, then the count; never the time left.
    while len(parts) > 1 and len(verb) + sum(len(part) + 2 for part in parts) + 18 > width:
        parts.pop(1 if len(parts) == 3 else 0)
    after = "  ".join(parts)
    length = max(10, min(40, width - len(verb) - len(after) - 4))
    return Content.assemble(f"{verb} ", meter(done / total, length), f"  {after}")


class WorkLine(Static):
    """Shown while a job runs. `note` may be called from its thread."""

    DEFAULT_CSS = """
    WorkLine { height: 1; display: none; }
    WorkLine.-busy { display: block; }
    """

    def __init__(self, id: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(markup=False, id=id)
        self._clock = clock
        self._verb = ""
        self._started = 0.0
        self._far = (0, 0)
        self._timer: Timer | None = None

    @property
    def busy(self) -> bool:
        """Check whether a job runs."""
        return self.has_class("-busy")

    def begin(self, verb: str) -> None:
        """Start to show a job; call this from the app's thread."""
        self._verb, self._far, self._started = verb, (0, 0), self._clock()
        self.add_class("-busy")
        self.refresh()
        if self._timer is None:
            self._timer = self.set_interval(1 / _LOOKS_A_SECOND, self.refresh)

    def note(self, done: int, total: int) -> None:
        """Note the progress; the screen reads it on a timer."""
        self._far = (done, total)

    def end(self) -> None:
        self.remove_class("-busy")
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def render(self) -> Content:
        done, total = self._far
        seconds = self._clock() - self._started
        return work_text(self._verb, done, total, seconds, self.size.width)


class WorkerLine(WorkLine):
    """A line with a job of its own, which can be cancelled and ends with the screen."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._stop = threading.Event()
        """Set to end the job."""

    def cancel(self) -> None:
        self._stop.set()

    def on_unmount(self) -> None:
        self._stop.set()
