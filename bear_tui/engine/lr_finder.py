"""The learning-rate finder: a short training whose rate rises until the loss does."""

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import closing

from bear_tui.engine.compute import device
from bear_tui.engine.inputs.source import Inputs
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import prepare, told_in_a_sentence
from bear_tui.engine.training.step import Stepper
from bear_tui.forecast import RateCurve, rising_rates
from bear_tui.recipe import Recipe

_FIRST, _LAST, _STEPS = 1e-6, 1.0, 80
_SMOOTHING = 0.9
_RISEN = 4.0
"""Loss as a multiple of the lowest at which there is nothing more to learn from the curve."""


def find_rate(
    recipe: Recipe,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> RateCurve:
    """Up to 80 steps of the recipe at rates from 1e-6 to 1. Nothing is saved.

    Raises BadInput for what is wrong with the recipe, Failure for what the computer refuses.
    """
    with told_in_a_sentence(recipe.batch_size, recipe.data):
        return _find(recipe, progress, stopped)


def _find(
    recipe: Recipe, progress: Callable[[int, int], None], stopped: Callable[[], bool]
) -> RateCurve:
    setup = prepare(recipe)
    device.set_threads(recipe.model, recipe.image_size)
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    with closing(Inputs(recipe, setup)) as inputs:
        stepper = Stepper(recipe, setup, inputs)
        freezing.train_mode(setup.model)
        batches = _batches(inputs)
        for number, rate in enumerate(rising_rates(_FIRST, _LAST, _STEPS), start=1):
            epoch, step, photos = next(batches)
            outcome = stepper.step("train", epoch, step, photos, rate)
            loss = outcome.loss.item() / max(outcome.photos, 1)
            mean = _SMOOTHING * mean + (1 - _SMOOTHING) * loss
            smooth = mean / (1 - _SMOOTHING**number)
            if stopped() or not math.isfinite(smooth):
                break
            if losses and smooth > _RISEN * min(losses):
                break
            if outcome.photos:
                rates.append(rate)
                losses.append(smooth)
            progress(number, _STEPS)
    return RateCurve(tuple(rates), tuple(losses))


def _batches(inputs: Inputs) -> Iterator[tuple[int, int, list[int]]]:
    for epoch in itertools.count(1):
        for step, photos in enumerate(inputs.batches("train", epoch)):
            yield epoch, step, photos
