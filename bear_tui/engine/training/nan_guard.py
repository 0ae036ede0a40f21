"""Losses and weights that are no longer numbers: noticed before anything of them is saved."""

import math
from collections import deque
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from bear_tui.engine.compute import distributed
from bear_tui.engine.models import freezing
from bear_tui.engine.models.checkpoint import Progress
from bear_tui.errors import Failure


class NanGuard:
    """Checks losses and weights, and names the step that broke them.

    Losses stay on the device: only a check waits for it.
    """

    def __init__(self, model: nn.Module, rate: float) -> None:
        self._model = model
        self._rate = rate
        self._losses: deque[tuple[int, float, Tensor]] = deque(maxlen=1000)
        """Step, learning rate and loss since the last check; most processes never check."""

    def add(self, step: int, rate: float, loss: Tensor) -> None:
        """Note the loss of a step that was taken at this learning rate."""
        self._rate = rate
        self._losses.append((step, rate, loss))

    def check_loss(self, loss_sum: float, progress: Progress) -> None:
        """Raise Failure where the sum of losses is not a number."""
        if not math.isfinite(loss_sum):
            step, rate = self._first_broken() or (progress.step, self._rate)
            raise _broken("the loss is no longer a number", step, rate, progress)
        self._losses.clear()

    def check_weights(self, progress: Progress) -> None:
        """Raise Failure where the last step has broken the weights of any process."""
        broken = not all_finite(freezing.changing(self._model))
        if distributed.add(broken)[0]:
            what = "the weights are no longer numbers"
            raise _broken(what, progress.step, self._rate, progress)

    def _first_broken(self) -> tuple[int, float] | None:
        """The first step whose loss is not a number, and its rate; None without one.

        With several processes it may have happened to the photos of another one.
        """
        for step, rate, loss in self._losses:
            if not bool(torch.isfinite(loss).all()):
                return step, rate
        return None


def all_finite(tensors: Iterable[Tensor]) -> bool:
    """Whether every value in them is a number. Waits once for the device."""
    # Minimum and maximum are NaN if any value is: one pass, no memory.
    ends = [t.aminmax() for t in tensors if t.is_floating_point() and t.numel()]
    return not ends or bool(torch.stack([torch.stack(pair) for pair in ends]).isfinite().all())


def _broken(what: str, step: int, rate: float, progress: Progress) -> Failure:
    saved = progress.epoch - 1
    kept = f"the weights of epoch {saved} are kept" if saved else "nothing was saved yet"
    of = "of" if progress.phase == "train" else "of the validation in"
    return Failure(
        f"{what} at step {step} {of} epoch {progress.epoch}, at a learning rate of {rate:g}; "
        f"{kept}. Lower the learning rate and train again."
    )
