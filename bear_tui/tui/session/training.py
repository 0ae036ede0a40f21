"""What the app trains: one run at a time, the next of the queue after it, runs gone on with."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from textual.reactive import reactive

from bear_tui import files, paths
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.tui.flows.leaving import LeavingApp
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.session.autosave import InOrder
from bear_tui.tui.session.engine import Fit, engine_fit
from bear_tui.tui.session.queue import Queue
from bear_tui.tui.toolkit.key_hints import way

if TYPE_CHECKING:
    from bear_tui.run.control import Control
    from bear_tui.run.events import Event
    from bear_tui.run.folder import RunFolder


class TrainingApp(LeavingApp):
    """An app that trains."""

    recipe: reactive[Recipe | None] = reactive(None, init=False)
    """What screen 2 has made, or is to go on from."""

    def __init__(self, runs: Path | None = None, fit: Fit = engine_fit) -> None:
        super().__init__()
        self.fit = fit
        self.runs = runs or paths.runs_folder()
        self.queue = Queue(self.runs, lambda: self.busy, self._train_next)
        """What is trained after it."""
        self.queue_work = InOrder(self)
        """What keys change about it."""
        self._from_queue: Recipe | None = None
        """What is trained now, where it came from there; until its end is seen."""

    def begin_next(self) -> None:
        """Begin what waits, once nothing is trained; called now and then."""
        if (recipe := self._not_begun()) is not None and self.feed is not None:
            how = way(self, "5", "n")
            again = f"{self.feed.snapshot.error} It is in the queue again with the rest ({how})."
            self.queue_work.do(
                partial(self.queue.put_back, recipe),
                lambda _: self.say(again, "error"),
                self._cannot_begin,
            )
        try:
            self.queue.look()
        except Failure as failure:
            self._cannot_begin(str(failure))

    def _cannot_begin(self, sentence: str) -> None:
        self.queue.resting = True
        self.say(f"{sentence} The queue waits ({way(self, '5', 'n')}).", "error")

    def _not_begun(self) -> Recipe | None:
        """What came from the queue and could not begin: it is to wait again, as is the rest."""
        recipe, feed = self._from_queue, self.feed
        if recipe is None or feed is None or self.busy:
            return None
        self._from_queue = None
        # A run of its own tells how it ended.
        if not feed.snapshot.error or files.exists(feed.folder.path):
            return None
        self.queue.resting = True
        return recipe

    def start_training(self, recipe: Recipe, to_model: bool = True) -> None:
        """Train, here and now; while another training goes on, after it. Screen 2 goes on from
        this recipe, unless `to_model` is off. Asks first where another process trains.
        """

        def begin() -> None:
            if to_model:
                self.recipe = recipe
            if self.busy:
                self.train_later(recipe)
                return
            self.queue.resting = False
            self.run_folder = self._train(recipe, self._new_run(recipe))
            self.switch_mode("train")

        self._unless_another_trains(begin, recipe)

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
                self.train_later(recipe)

        self.push_screen(_another_trains(other, can_wait=recipe is not None), answered)

    def train_later(self, recipe: Recipe) -> None:
        """Put it at the end of the queue."""
        self.queue.resting = False

        def waits(place: int) -> None:
            how = way(self, "5", "n")
            self.say(f"Number {place} in the queue: it begins by itself ({how}).")

        add = partial(self.queue.add, recipe)
        self.queue_work.do(add, waits, lambda sentence: self.say(sentence, "error"))

    def resume_run(
        self,
        folder: "RunFolder",
        more_epochs: int = 0,
        now: int | None = None,
        restart: bool = False,
    ) -> None:
        """Go on with a run here; with more epochs than it has `now` if asked, at the rate it has
        reached or with its schedule begun anew."""
        recipe, feed = self._resumable(folder), self.feed
        if recipe is None:
            return
        wanted: dict[str, float] = {}
        if more_epochs:
            recipe = replace(recipe, epochs=(now or recipe.epochs) + more_epochs)
            wanted = {"epochs": recipe.epochs, **({"restart": 1} if restart else {})}
        if feed is not None and feed.folder == folder and feed.photos_changed:
            again = (recipe, wanted) if more_epochs else (feed.recipe, feed.wanted)
            self.push_screen(_photos_changed(), partial(self._go_on_after, *again, folder))
        else:
            self._unless_another_trains(partial(self._go_on_if_it_can, recipe, wanted, folder))

    def _resumable(self, folder: "RunFolder") -> Recipe | None:
        """The recipe of a run that can be gone on with here and now; else say why it cannot."""
        if self.training:
            how = way(self, "3", "s")
            self.say(f"A training is running already: stop it first ({how}).", "warning")
            return None
        try:
            if folder.being_trained():
                raise folder.taken()
            return folder.recipe()
        except (OSError, Failure) as failure:
            self.say(str(failure), "error")
            return None

    def _go_on_if_it_can(
        self, recipe: Recipe, wanted: Mapping[str, float], folder: "RunFolder"
    ) -> None:
        # While it was asked, another training may have begun.
        if self._resumable(folder) is not None:
            self._go_on(recipe, wanted, folder, self.fit)

    def _go_on_after(
        self,
        recipe: Recipe,
        wanted: Mapping[str, float],
        folder: "RunFolder",
        answer: str | None,
    ) -> None:
        # While it was asked, another training may have begun.
        if answer and self._resumable(folder) is not None:
            on_these = partial(engine_fit, accept_changes=True)
            fit = on_these if answer == "accept" else self.fit
            self._go_on(recipe, wanted, folder, fit)

    def _go_on(
        self, recipe: Recipe, wanted: Mapping[str, float], folder: "RunFolder", fit: Fit
    ) -> None:
        self._train(recipe, folder, fit=fit, wanted=wanted)
        self.watch_run(folder)

    def go_on_here(self, folder: "RunFolder") -> None:
        """Train what was saved for another process, with what waits after it as before."""
        self.resume_run(folder)

    def watch_run(self, folder: "RunFolder") -> None:
        """The Train screen on a run, whoever trains it by now."""
        self.run_folder = None
        self.run_folder = folder
        self.switch_mode("train")

    def rest_queue(self) -> None:
        """Nothing more is begun here; what waits, waits on disk."""
        self.queue.resting = True

    def go_on_without_screen(self, stopped: Callable[[], bool]) -> bool:
        """Train what was handed over to nobody, or the next of the queue, with nobody to see it;
        whether there was one.
        """
        if (folder := self.left_to_nobody(stopped)) is not None:
            self._train(folder.recipe(), folder)
            return True
        if (recipe := self._not_begun()) is not None:
            self.queue.put_back(recipe)
        recipe = None if self.queue.resting else self.queue.take()
        if recipe is not None:
            self._train(recipe, self._new_run(recipe), from_queue=True)
        return recipe is not None

    def _new_run(self, recipe: Recipe) -> "RunFolder":
        from bear_tui.run.folder import new_run  # no frame waits for it

        return new_run(self.runs, recipe, secrets.token_hex(2))

    def _train(
        self,
        recipe: Recipe,
        folder: "RunFolder",
        from_queue: bool = False,
        fit: "Fit | None" = None,
        wanted: Mapping[str, float] = MappingProxyType({}),
    ) -> "RunFolder":
        """Train, without a change of screen."""
        from bear_tui.tui.session.local_run import LocalRun  # no frame waits for it

        self._from_queue = recipe if from_queue else None
        decided = partial(self._fit_what_is_decided, fit or self.fit)
        self.feed = LocalRun(recipe, folder, decided, wanted=wanted)
        self.feed.start()
        return folder

    def _fit_what_is_decided(
        self, fit: Fit, recipe: Recipe, folder: "RunFolder", control: "Control"
    ) -> "Iterator[Event]":
        """What was decided about the photos is on the disk before they are read."""
        self.writes.finish()
        yield from fit(recipe, folder, control)

    def _train_next(self, recipe: Recipe) -> None:
        """The next of the queue; whoever reads results goes on reading."""
        from bear_tui.tui.screens.train import TrainScreen

        if isinstance(self.screen, TrainScreen):
            self.screen.tick()  # the end of the one before may not be drawn yet: results open
        folder = self._train(recipe, self._new_run(recipe), from_queue=True)
        if self.current_mode != "results":
            self.run_folder = folder


def _another_trains(other: "RunFolder", can_wait: bool) -> AskScreen:
    wait = {"queue": "Put this one in the queue: it begins by itself afterwards"}
    return AskScreen(
        f"{other.run} is being trained on this machine",
        {
            "": "Start nothing",
            **(wait if can_wait else {}),
            "beside": "Start beside it: both take longer and share the memory",
        },
        f"By {other.trainer()}.",
    )


def _photos_changed() -> AskScreen:
    return AskScreen(
        "The photos have changed since this run was started",
        {
            "": "Go back",
            "again": "Look again: they are as they were",
            "accept": "Go on with them as they are now",
        },
        "What it has learned came from the photos as they were. A new run from screen 2 learns "
        "from these.",
    )
