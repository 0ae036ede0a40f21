"""How long a phase has worked, and how often to tell about it."""

from collections.abc import Callable

_EMIT_EVERY = 0.1
"""Seconds between two StepCompleted: what a person can follow."""


class Clock:
    """Seconds of work in a phase, pauses left out, and when to tell about it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._start = self._told = now()

    def seconds(self) -> float:
        """Of work so far."""
        return self.now() - self._start

    def skip(self, seconds: float) -> None:
        """Leave out time in which nothing was worked."""
        self._start += seconds

    def due(self) -> bool:
        """Whether it is time to tell; then not again for a while."""
        if self.now() - self._told < _EMIT_EVERY:
            return False
        self._told = self.now()
        return True
