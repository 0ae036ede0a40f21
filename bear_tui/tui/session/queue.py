"""Trainings that wait for the one that runs. The next begins by itself.

What changes the queue may wait for another process: a key asks `BearApp.queue_work` for it.
"""

from collections.abc import Callable
from pathlib import Path

from bear_tui.recipe import Recipe
from bear_tui.run.queue_store import QueueStore


class Queue:
    """What waits, first to begin first; kept on disk, so that it outlives the app."""

    def __init__(
        self, runs: Path, busy: Callable[[], bool], start: Callable[[Recipe], None]
    ) -> None:
        self._waiting = QueueStore(runs)
        self._busy = busy
        self._start = start
        self.resting = bool(self.waiting)
        """Nothing begins: what an app finds when it opens waits for a person's word."""
        self.taken_out: list[tuple[Recipe, int]] = []
        """What a person took out and may want back, with its place; the last one last."""

    @property
    def waiting(self) -> tuple[Recipe, ...]:
        """What waits now."""
        return self._waiting.recipes

    def add(self, recipe: Recipe) -> int:
        """Put a training at the end; its place, counted from 1. Raises Failure."""
        return self._waiting.add(recipe)

    def cancel(self, recipe: Recipe, index: int) -> None:
        """Take one out that was seen at `index`."""
        if self._waiting.cancel(recipe, index):
            self.taken_out.append((recipe, index))

    def undo(self) -> int | None:
        """Put what was taken out last where it was; its place, None where there is nothing."""
        if not self.taken_out:
            return None
        place = self._waiting.put_back(*self.taken_out[-1])
        self.taken_out.pop()
        return place

    def move(self, recipe: Recipe, index: int, by: int) -> int:
        """Let one begin earlier (-1) or later (1) that was seen at `index`; where it is then."""
        return self._waiting.move(recipe, index, by)

    def put_back(self, recipe: Recipe) -> None:
        """Let one that was taken be the next again. Raises Failure."""
        self._waiting.put_back(recipe, 0)

    def take(self, wait: bool = True) -> Recipe | None:
        """The first, if nothing is being trained: whoever takes it trains it."""
        return self._waiting.take(wait=wait)

    def look(self) -> None:
        """Begin the next if nothing is being trained; called now and then, so it waits for none."""
        if not self.resting and not self._busy() and (recipe := self.take(wait=False)) is not None:
            self._start(recipe)
