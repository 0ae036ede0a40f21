"""The learning-rate finder: a short training whose rate rises until the loss does.

Which rate it suggests is decided by `RateCurve.suggested` in `forecast.py`.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import closing

from bear_tui.engine.compute import device
from bear_tui.engine.compute.failures import as_failure
from bear_tui.engine.inputs.batches import Shard, shard_of
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.engine.training.step import Stepper
from bear_tui.forecast import RateCurve, rising_rates
from bear_tui.recipe import Recipe

_FIRST, _LAST, _STEPS = 1e-6, 1.0, 80
_SMOOTHING = 0.9
_RISEN = 4.0
"""The loss, as a multiple of the lowest, at which the search ends."""


def find_rate(
    recipe: Recipe,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> RateCurve:
    """Train up to 80 steps at rates from 1e-6 to 1, and return the loss at each. Saves nothing.

    Raises BadInput for what is wrong with the recipe, Failure for what the computer refuses.
    """
    with as_failure(recipe.batch_size, recipe.data):
        return _find(recipe, progress, stopped)


def _find(
    recipe: Recipe, progress: Callable[[int, int], None], stopped: Callable[[], bool]
) -> RateCurve:
    setup = prepare(resolve(recipe))
    device.set_threads(setup.entry, recipe.image_size)
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    with closing(BatchSource(setup)) as source:
        stepper = Stepper(setup, source)
        freezing.train_mode(setup.model)
        shards = _shards(source)
        for number, rate in enumerate(rising_rates(_FIRST, _LAST, _STEPS), start=1):
            outcome = stepper.step(next(shards), rate)
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


def _shards(source: BatchSource) -> Iterator[Shard]:
    for epoch in itertools.count(1):
        for step, photos in enumerate(source.batches("train", epoch)):
            yield shard_of("train", epoch, step, photos)
