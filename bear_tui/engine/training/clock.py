"""The working time of a phase, and how often to report it."""

from collections.abc import Callable

_EMIT_EVERY = 0.1
"""Seconds between two StepCompleted: as often as a person can follow."""


class Clock:
    """Seconds of work in a phase without pauses, and when the next report is due."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._start = self._reported = now()

    def seconds(self) -> float:
        """Return the seconds of work so far."""
        return self.now() - self._start

    def skip(self, seconds: float) -> None:
        """Leave out time without work."""
        self._start += seconds

    def due(self) -> bool:
        """Whether a report is due; if so, the next one is due a while later."""
        if self.now() - self._reported < _EMIT_EVERY:
            return False
        self._reported = self.now()
        return True
