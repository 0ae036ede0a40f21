"""Trainings that wait for the one that runs; the next begins by itself."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run.queue_store import QueueStore
from bear_tui.tui.session.autosave import OrderedWork
from bear_tui.tui.session.view import TrainingView

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder

T = TypeVar("T")


class Trainer(Protocol):
    """Who trains what the queue gives out."""

    @property
    def busy(self) -> bool:
        """Whether a training goes on, so that the next has to wait."""

    def begin(self, recipe: Recipe) -> "RunFolder":
        """Train a new run of this recipe now."""

    def failure_of(self, recipe: Recipe) -> str:
        """Return why the run of this recipe could not begin; "" if it began."""


class Queue:
    """Recipes in the order in which they will begin; kept on disk, so that they outlive the app.

    Keys and clocks call `enqueue` and `begin_next`. The other methods may wait for another
    process, so keys have `work` do them.
    """

    def __init__(self, runs: Path, trainer: Trainer, view: TrainingView, work: OrderedWork) -> None:
        self._waiting = QueueStore(runs)
        self._trainer = trainer
        self._view = view
        self.work = work
        """Writes changes in a thread, in their order."""
        self._begun: Recipe | None = None
        """The recipe that was begun last, until its end is seen."""
        self.resting = bool(self.waiting)
        """Whether nothing begins: a queue from before waits until a person says so."""
        self.taken_out: list[tuple[Recipe, int]] = []
        """What a person took out and may want back, with its place; the last one last."""

    @property
    def waiting(self) -> tuple[Recipe, ...]:
        """Return the recipes that wait now."""
        return self._waiting.recipes

    def enqueue(self, recipe: Recipe) -> None:
        """Put a recipe at the end, in a thread, and tell the person its place."""
        self.resting = False

        def waits(place: int) -> None:
            keys = self._view.keys("5", "n")
            self._view.say(f"Number {place} in the queue: it begins by itself ({keys}).")

        self.work.do(partial(self.add, recipe), waits, lambda why: self._view.say(why, "error"))

    def begin_next(self) -> None:
        """Begin the first recipe if nothing trains; called now and then.

        One that could not begin is put back, and the queue rests.
        """
        if (failed := self._not_begun()) is not None:
            recipe, why = failed
            again = f"{why} It is in the queue again with the rest ({self._view.keys('5', 'n')})."
            self.work.do(
                partial(self.put_back, recipe),
                lambda _: self._view.say(again, "error"),
                self._cannot_begin,
            )
        if self.resting or self._trainer.busy:
            return
        try:
            recipe_or_none = self.take(wait=False)
            if recipe_or_none is not None:
                self._view.next_begun(self._begin(recipe_or_none))
        except Failure as failure:
            self._cannot_begin(str(failure))

    def begin_without_screen(self) -> bool:
        """Begin the first recipe, and wait for whoever uses the queue; False if there is none."""
        if (failed := self._not_begun()) is not None:
            self.put_back(failed[0])
        recipe = None if self.resting else self.take()
        if recipe is not None:
            self._begin(recipe)
        return recipe is not None

    def add(self, recipe: Recipe) -> int:
        """Put a recipe at the end; return its place, counted from 1. Raises Failure."""
        return self._waiting.add(recipe)

    def cancel(self, recipe: Recipe, index: int) -> None:
        """Take out the recipe that was seen at `index`."""
        if self._waiting.cancel(recipe, index):
            self.taken_out.append((recipe, index))

    def undo(self) -> int | None:
        """Put what was taken out last where it was; return its place, None if nothing was."""
        if not self.taken_out:
            return None
        place = self._waiting.put_back(*self.taken_out[-1])
        self.taken_out.pop()
        return place

    def move(self, recipe: Recipe, index: int, by: int) -> int:
        """Let the recipe seen at `index` begin earlier (-1) or later (1); return its new place."""
        return self._waiting.move(recipe, index, by)

    def put_back(self, recipe: Recipe) -> None:
        """Let a recipe that was taken be the next again. Raises Failure."""
        self._waiting.put_back(recipe, 0)

    def take(self, wait: bool = True) -> Recipe | None:
        """Take the first recipe if no process trains: whoever takes it trains it."""
        return self._waiting.take(wait=wait)

    def _begin(self, recipe: Recipe) -> "RunFolder":
        self._begun = recipe
        return self._trainer.begin(recipe)

    def _not_begun(self) -> tuple[Recipe, str] | None:
        """Return the recipe that could not begin, and why; the queue rests then."""
        recipe = self._begun
        if recipe is None or self._trainer.busy:
            return None
        self._begun = None
        why = self._trainer.failure_of(recipe)
        if not why:
            return None
        self.resting = True
        return recipe, why

    def _cannot_begin(self, why: str) -> None:
        self.resting = True
        self._view.say(f"{why} The queue waits ({self._view.keys('5', 'n')}).", "error")
