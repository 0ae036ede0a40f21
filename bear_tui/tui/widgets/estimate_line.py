"""How long the training on screen 2 will take: measured in a thread, when the keys are quiet."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from bear_tui.errors import Failure
from bear_tui.forecast import Estimate
from bear_tui.metrics import uneven_note
from bear_tui.recipe import Recipe, steps_of
from bear_tui.text import counted, safe
from bear_tui.tui.session import engine

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

_CALM = 0.7
"""Seconds without a change before the machine is kept busy with a step."""


@dataclass(frozen=True)
class Question:
    """A training that has not begun."""

    recipe: Recipe
    classes: int
    train: int
    validation: int


class EstimateLine(Static):
    """Shows `60 epochs of 5 steps · about 1.1 GB · about 40 s an epoch`, and uneven classes; no
    time while it is unknown.
    """

    class Measured(Message):
        """A thread has measured the training in question."""

        def __init__(self, question: Question, estimate: Estimate | None) -> None:
            super().__init__()
            self.question = question
            self.estimate = estimate

    def __init__(
        self, busy: Callable[[], bool], id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._busy = busy
        self._question: Question | None = None
        self._steps = self._uneven = ""
        self._timer: Timer | None = None

    def ask(self, recipe: Recipe | None, dataset: "Dataset | None") -> None:
        """Measure another training; None clears the line."""
        question = None
        if recipe is not None and dataset is not None:
            classes, train = len(dataset.classes), len(dataset.train)
            nameless = replace(recipe, name="")
            question = Question(nameless, classes, train, len(dataset.validation))
        if question == self._question:
            return
        self._question = question
        self._steps = self._uneven = ""
        if question is not None and dataset is not None:
            steps = counted(steps_of(question.recipe, question.train), "step")
            self._steps = f"{counted(question.recipe.epochs, 'epoch')} of {steps}"
            if question.recipe.class_weights == "none":
                training = Counter(photo.label for photo in dataset.train)
                self._uneven = uneven_note(training, "set weighting to balanced")
        self._say(None)
        if self._timer is not None:
            self._timer.stop()
        if question is not None:
            self._timer = self.set_timer(_CALM, partial(self._measure_if_idle, question))

    def _measure_if_idle(self, question: Question) -> None:
        if self._busy():
            self._question = None  # to be asked for again when the training is over
        else:
            self._measure(question)

    @work(thread=True, group="estimate", exclusive=True, exit_on_error=False)
    def _measure(self, question: Question) -> None:
        try:
            estimate = engine.estimate(
                question.recipe, question.classes, question.train, question.validation
            )
        except (Failure, ImportError, RuntimeError, ValueError):
            estimate = None  # what is wrong with the recipe is said where it is edited
        self.post_message(self.Measured(question, estimate))

    def on_estimate_line_measured(self, event: Measured) -> None:
        """Show the estimate, unless another training is in question by now."""
        event.stop()
        if event.question == self._question:
            self._say(event.estimate)

    def _say(self, estimate: Estimate | None) -> None:
        line = " · ".join(filter(None, (self._steps, estimate.sentence() if estimate else "")))
        note = f"! {safe(self._uneven)}" if self._uneven else ""
        self.update("\n".join(filter(None, (line, note))))
