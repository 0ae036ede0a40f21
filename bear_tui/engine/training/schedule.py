"""Epochs and learning rate of a training: what its recipe plans, and what a person changes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bear_tui import recipe_check
from bear_tui.recipe import PLANNED_SCHEDULERS, Recipe
from bear_tui.run.events import ScheduleChanged, Shape

_STEP_EPOCHS = 7
_STEP_FACTOR = 0.1
_ONE_CYCLE_WARMUP = 0.3
_ONE_CYCLE_START = 1 / 25
_ONE_CYCLE_END = 1e-4
_HEAD_START_EPOCHS = 2


@dataclass(frozen=True)
class Since:
    """Where a schedule was changed; all in epochs."""

    began: float = 0.0
    """When it began, or was restarted."""
    stretched: float = 0.0
    """When the rest of it was spread over another number of epochs."""
    done: float = 0.0
    """The share of it that was done then."""

    def share(self, at: float, epochs: int) -> float:
        """Return the share of the schedule that is done at `at`, with `epochs` in all."""
        left = max(epochs - self.stretched, 1e-9)  # 0 epochs left: all is done
        return self.done + (1 - self.done) * (at - self.stretched) / left


def learning_rate(
    recipe: Recipe,
    epoch: int,
    step: int,
    steps: int,
    since: Since = Since(),
) -> float:
    """Return the rate for step `step` (from 0) of `steps` in epoch `epoch` (from 1)."""
    at = epoch - 1 + step / steps
    own_epoch = epoch - int(since.began)
    rate = recipe.learning_rate * _factor(
        recipe.scheduler, own_epoch, since.share(at, recipe.epochs)
    )
    if at - since.began < recipe.warmup:
        # The step itself counts: at a rate of 0 the first one would be wasted.
        rate *= min(1.0, (at - since.began + 1 / steps) / recipe.warmup)
    return rate


@dataclass(frozen=True)
class Piece:
    """The plan from one change to the next."""

    epoch: int
    step: int
    recipe: Recipe
    """The recipe with the epochs, rate and scheduler of this piece."""
    since: Since
    full: float
    """The rate that a restart begins with."""


class Schedule:
    """Epochs and learning rate of a training: the one part of it that changes while it runs.

    The recipe stays as it was. The same recipe and changes give the same schedule in a resumed run.
    """

    def __init__(self, recipe: Recipe, steps: int) -> None:
        """`steps` is the number of steps in an epoch."""
        self._recipe = recipe
        self._steps = steps
        self._pieces = [Piece(0, 0, recipe, Since(), recipe.learning_rate)]

    @property
    def epochs(self) -> int:
        """How many epochs are planned, after all changes so far."""
        return self._pieces[-1].recipe.epochs

    def at(self, epoch: int, step: int) -> Piece:
        """Return the plan that applies after `step` steps of an epoch."""
        for piece in reversed(self._pieces):
            if (piece.epoch, piece.step) <= (epoch, step):
                return piece
        return self._pieces[0]

    def rate(self, epoch: int, step: int) -> float:
        """Return the learning rate of step `step` (from 0) in epoch `epoch` (from 1)."""
        piece = self.at(epoch, step)
        return learning_rate(piece.recipe, epoch, step, self._steps, piece.since)

    def pretrained_share(self, epoch: int, step: int) -> float:
        """Return the share of their rate at which pretrained layers learn in this step."""
        # By the recipe's epochs: a later change must not lower the share again.
        return pretrained_share(self._recipe.epochs, epoch, step, self._steps)

    def apply(self, change: ScheduleChanged) -> None:
        """Apply a change, and drop those of later steps, as RunState does."""
        before = self.at(change.epoch, change.step)
        at = change.epoch - 1 + min(1.0, change.step / self._steps)
        recipe = replace(before.recipe, learning_rate=change.learning_rate, epochs=change.epochs)
        since, own = before.since, self._recipe
        if change.schedule == "held":
            recipe, since = replace(recipe, scheduler="none", warmup=0.0), Since()
        elif change.schedule == "restarted":
            recipe = replace(recipe, scheduler=own.scheduler, warmup=own.warmup)
            since = Since(at, at, 0.0)
        elif change.schedule == "stretched":
            since = Since(since.began, at, since.share(at, before.recipe.epochs))
        full = before.full if recipe.scheduler != own.scheduler else change.learning_rate
        here = (change.epoch, change.step)
        earlier = [piece for piece in self._pieces if (piece.epoch, piece.step) <= here]
        self._pieces = [*earlier, Piece(*here, recipe, since, full)]

    def change(
        self, epoch: int, step: int, wanted: Mapping[str, float], least: int
    ) -> ScheduleChanged | None:
        """Return the change that fits what a person wants after `step` training steps of `epoch`.

        `wanted` has `epochs`, a `learning_rate` or a `restart`; there will be at least `least`
        epochs. None where nothing changes, or the values are impossible.
        """
        if not wanted:
            return None
        here, last = self.at(epoch, step), self._pieces[-1]
        end = here.recipe.epochs
        ended = epoch > end or (epoch == end and step >= self._steps)
        epochs = max(int(wanted.get("epochs", last.recipe.epochs)), least)
        rate = last.recipe.learning_rate
        shape: Shape = "unchanged"
        if wanted.get("restart"):
            shape, rate = "restarted", here.full
        elif epochs != end and here.recipe.scheduler in PLANNED_SCHEDULERS:
            shape = "held" if ended else "stretched"
            if ended:
                rate = self.rate(end, self._steps - 1)
        rate = float(wanted.get("learning_rate", rate))
        asked = replace(last.recipe, epochs=epochs, learning_rate=rate)
        if recipe_check.problems(asked).keys() & {"epochs", "learning_rate"}:
            return None
        if asked == last.recipe and shape == "unchanged":
            return None
        return ScheduleChanged(epoch, step, rate, epochs, shape)


def pretrained_share(epochs: int, epoch: int, step: int, steps: int) -> float:
    """Return the share of its rate at which a pretrained layer learns while a new head begins.

    It rises from almost 0 to 1 over the first two epochs, or half the training where that is less:
    the gradients of an untrained head would spoil the layers before it (Kumar et al., 2022).
    """
    done = epoch - 1 + (step + 1) / steps
    return float(min(1.0, done / min(_HEAD_START_EPOCHS, epochs / 2)) ** 3)


def _factor(scheduler: str, epoch: int, done: float) -> float:
    """Return the share of the full rate after the share `done` of the training."""
    if scheduler == "step":
        # The transfer-learning tutorial's: a tenth every seven epochs.
        return _STEP_FACTOR ** ((epoch - 1) // _STEP_EPOCHS)
    if scheduler == "cosine":
        return _cosine(1.0, 0.0, done)
    if scheduler == "one-cycle":
        # Smith (2018): up to the full rate, then down to almost nothing.
        if done < _ONE_CYCLE_WARMUP:
            return _cosine(_ONE_CYCLE_START, 1.0, done / _ONE_CYCLE_WARMUP)
        return _cosine(1.0, _ONE_CYCLE_END, (done - _ONE_CYCLE_WARMUP) / (1 - _ONE_CYCLE_WARMUP))
    return 1.0


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2
