"""The learning rate at each step: pure functions of where the training stands."""

import math

from bear_tui.recipe import Recipe

_STEP_EPOCHS = 7
_STEP_FACTOR = 0.1
_ONE_CYCLE_WARMUP = 0.3
_ONE_CYCLE_START = 1 / 25
_ONE_CYCLE_END = 1e-4
_WAITING_EPOCHS = 2


def learning_rate(recipe: Recipe, epoch: int, step: int, steps: int) -> float:
    """The rate for step `step` (from 0) of `steps` in epoch `epoch` (from 1)."""
    epochs = epoch - 1 + step / steps
    rate = recipe.learning_rate * _factor(recipe.scheduler, epoch, epochs / recipe.epochs)
    if epochs < recipe.warmup:
        # The step itself counts in: at a rate of nothing the first one would be wasted.
        rate *= min(1.0, (epochs + 1 / steps) / recipe.warmup)
    return rate


def waiting(epochs: int, epoch: int, step: int, steps: int) -> float:
    """The share of its rate at which what is pretrained learns while a new head begins.

    It goes from almost nothing to 1 over the first two epochs, or half the training where that is
    less: the gradients of a head that knows nothing yet would spoil the layers before it (Kumar et
    al., 2022).
    """
    done = epoch - 1 + (step + 1) / steps
    return float(min(1.0, done / min(_WAITING_EPOCHS, epochs / 2)) ** 3)


def _factor(scheduler: str, epoch: int, done: float) -> float:
    """The share of the full rate after the share `done` of the training."""
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
