"""Trainings that wait for the one that runs. The next begins by itself."""

from collections.abc import Callable

from bear_tui.recipe import Recipe


class Queue:
    """What waits, first to begin first. Lives as long as the app."""

    def __init__(self, busy: Callable[[], bool], start: Callable[[Recipe], None]) -> None:
        self.waiting: tuple[Recipe, ...] = ()
        self._busy = busy
        self._start = start

    def add(self, recipe: Recipe) -> int:
        """Put a training at the end; its place, counted from 1."""
        self.waiting = (*self.waiting, recipe)
        return len(self.waiting)

    def cancel(self, index: int) -> None:
        """Take one out."""
        self.waiting = self.waiting[:index] + self.waiting[index + 1 :]

    def move(self, index: int, by: int) -> int:
        """Let one begin earlier (-1) or later (1); where it stands then."""
        target = max(0, min(index + by, len(self.waiting) - 1))
        others = [one for place, one in enumerate(self.waiting) if place != index]
        self.waiting = (*others[:target], self.waiting[index], *others[target:])
        return target

    def clear(self) -> None:
        """Nothing begins any more."""
        self.waiting = ()

    def look(self) -> None:
        """Begin the next if nothing is being trained; called now and then."""
        if self.waiting and not self._busy():
            first, *rest = self.waiting
            self.waiting = tuple(rest)
            self._start(first)
