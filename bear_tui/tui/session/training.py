"""What this process trains: one run at a time, then the queue; resuming, stopping, handing over."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.tui.session.autosave import OrderedWork
from bear_tui.tui.session.engine import Fit, engine_fit
from bear_tui.tui.session.handover import Handover
from bear_tui.tui.session.observable import Observable
from bear_tui.tui.session.queue import Queue
from bear_tui.tui.session.view import TrainingView

if TYPE_CHECKING:
    from bear_tui.run.control import Control
    from bear_tui.run.events import Event
    from bear_tui.run.folder import RunFolder
    from bear_tui.tui.session.local_run import LocalRun


class TrainingSession:
    """Starts, resumes and queues trainings; says and asks what it must through `view`."""

    def __init__(
        self,
        runs: Path,
        view: TrainingView,
        queue_work: OrderedWork,
        before_training: Callable[[], object] = lambda: None,
        fit: Fit = engine_fit,
    ) -> None:
        """`queue_work` writes changes of the queue; `before_training` is called in the thread
        that trains, before photos are read.
        """
        self.runs = runs
        self.fit = fit
        self._view = view
        self._before_training = before_training
        self.local_run: LocalRun | None = None
        """The training of this process, running or ended."""
        self.recipe: Observable[Recipe | None] = Observable(None)
        """The recipe that Model shows next; set when one is copied or trained."""
        self.queue = Queue(runs, self, view, queue_work)
        self._handover = Handover(view, self._handed_over, self._ended_by_itself, self._taken_back)
        self.leaving = False
        """Whether the app ends as soon as the training is saved."""

    @property
    def running(self) -> bool:
        """Whether this process trains or saves."""
        return self.local_run is not None and self.local_run.alive

    @property
    def unfinished(self) -> bool:
        """Whether the end of this process would interrupt a training or its handover."""
        return self.running or self._handover.pending

    @property
    def busy(self) -> bool:
        """Whether a training that was begun here goes on, in this process or in another."""
        return self.unfinished or self._handover.elsewhere

    @property
    def farewell(self) -> str:
        """Return what a person who leaves should know about a training in the background."""
        return self._handover.farewell

    @property
    def trains_elsewhere(self) -> bool:
        """Whether a background process that was started here is alive."""
        return self._handover.elsewhere

    def start(self, recipe: Recipe, to_model: bool = True) -> None:
        """Train now, or queue the recipe while another training runs. Model shows the recipe
        next, unless `to_model` is off. Asks first where another process trains.
        """

        def begin() -> None:
            if to_model:
                self.recipe.set(recipe)
            if self.busy:
                self.queue.enqueue(recipe)
                return
            self.queue.resting = False
            self._view.watch(self.begin(recipe))

        self._unless_another_trains(begin, recipe)

    def begin(self, recipe: Recipe) -> "RunFolder":
        """Train a new run of a recipe at once, with no question and no change of screen."""
        from bear_tui.run.runs import new_run  # no frame waits for it

        folder = new_run(self.runs, recipe, secrets.token_hex(2))
        self._train(recipe, folder)
        return folder

    def failure_of(self, recipe: Recipe) -> str:
        """Return why the run of this recipe could not begin; "" if it began, or another did."""
        run = self.local_run
        # The folder of a run that has begun tells how it ended.
        if run is None or run.recipe is not recipe or files.exists(run.folder.path):
            return ""
        return run.snapshot.error

    def resume(
        self,
        folder: "RunFolder",
        more_epochs: int = 0,
        now: int | None = None,
        restart: bool = False,
    ) -> None:
        """Resume a run here. With `more_epochs` it gets more than the `now` it has; `restart`
        begins its schedule of learning rates again.
        """
        recipe, run = self._resumable(folder), self.local_run
        if recipe is None:
            return
        wanted: dict[str, float] = {}
        if more_epochs:
            recipe = replace(recipe, epochs=(now or recipe.epochs) + more_epochs)
            wanted = {"epochs": recipe.epochs, **({"restart": 1} if restart else {})}
        if run is not None and run.folder == folder and run.photos_changed:
            again = (recipe, wanted) if more_epochs else (run.recipe, run.wanted)
            self._view.ask_about_changed_photos(partial(self._resume_after, *again, folder))
        else:
            self._unless_another_trains(partial(self._resume_if_possible, recipe, wanted, folder))

    def leave(self) -> None:
        """Begin nothing more: the app ends as soon as the training is saved."""
        self.leaving = True
        self.queue.resting = True

    def stop(self, reason: str) -> None:
        """Stop and save the training, wherever it is on its way to."""
        self._handover.cancel()
        if self.local_run is not None:
            self.local_run.stop(reason)

    def hand_over(self, then: Callable[[], object] = lambda: None) -> None:
        """Let a background process go on with the training; call `then` when it does.

        Without a training, `then` is called at once.
        """
        if self._handover.pending:
            self._handover.also(then)
        elif self.local_run is None or not self.local_run.alive:
            then()
        else:
            self._handover.begin(self.local_run, then)

    def train_without_screen(self, stopped: Callable[[], bool]) -> bool:
        """Train what is left when the screen is gone: a run that no other process took over, or
        the next of the queue. Return False if there is nothing.
        """
        if (folder := self._handover.take_back(stopped)) is not None:
            self._train(folder.recipe(), folder)
            return True
        return self.queue.begin_without_screen()

    def _handed_over(self, folder: "RunFolder") -> None:
        self.local_run = None
        self._view.reopen(folder)

    def _ended_by_itself(self) -> None:
        self.leaving = False
        self._view.show_train()

    def _taken_back(self, folder: "RunFolder", why: str) -> None:
        self.leaving = False
        self._view.say(f"No background process goes on with {folder.run}: {why}", "error")
        self.resume(folder)

    def _unless_another_trains(
        self, begin: Callable[[], None], recipe: Recipe | None = None
    ) -> None:
        """Begin; where another process trains on this machine, ask first. A recipe can wait."""
        from bear_tui.run.unfinished import trained_here  # no frame waits for it

        other = None if self.busy else trained_here(self.runs)
        if other is None:
            begin()
            return

        def answered(answer: str | None) -> None:
            if answer == "beside":
                begin()
            elif answer == "queue" and recipe is not None:
                self.queue.enqueue(recipe)

        self._view.ask_to_train_beside(other, recipe is not None, answered)

    def _resumable(self, folder: "RunFolder") -> Recipe | None:
        """Return the recipe of a run that can be resumed now; else say why it cannot."""
        if self.running:
            keys = self._view.keys("3", "s")
            self._view.say(f"A training is running already: stop it first ({keys}).", "warning")
            return None
        try:
            if folder.being_trained():
                raise folder.taken()
            return folder.recipe()
        except (OSError, Failure) as failure:
            self._view.say(str(failure), "error")
            return None

    def _resume_if_possible(
        self,
        recipe: Recipe,
        wanted: Mapping[str, float],
        folder: "RunFolder",
        fit: "Fit | None" = None,
    ) -> None:
        # Another training may have begun while the person was asked.
        if self._resumable(folder) is not None:
            self._train(recipe, folder, fit=fit, wanted=wanted)
            self._view.watch(folder)

    def _resume_after(
        self,
        recipe: Recipe,
        wanted: Mapping[str, float],
        folder: "RunFolder",
        answer: str | None,
    ) -> None:
        if answer:
            accepting = partial(engine_fit, accept_changes=True) if answer == "accept" else None
            self._resume_if_possible(recipe, wanted, folder, accepting)

    def _train(
        self,
        recipe: Recipe,
        folder: "RunFolder",
        fit: "Fit | None" = None,
        wanted: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        from bear_tui.tui.session.local_run import LocalRun  # no frame waits for it

        prepared = partial(self._fit_when_saved, fit or self.fit)
        self.local_run = LocalRun(recipe, folder, prepared, wanted=wanted)
        self.local_run.start()

    def _fit_when_saved(
        self, fit: Fit, recipe: Recipe, folder: "RunFolder", control: "Control"
    ) -> "Iterator[Event]":
        self._before_training()
        yield from fit(recipe, folder, control)
