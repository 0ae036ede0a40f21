"""Losses and weights that are no numbers any more: noticed before anything of them is kept."""

from collections import deque
from collections.abc import Iterable

import torch
from torch import Tensor


class Losses:
    """Those of the steps since the last look, still on the device: only a look waits for it."""

    def __init__(self) -> None:
        self._steps: deque[tuple[int, float, Tensor]] = deque(maxlen=1000)  # others never look

    def add(self, step: int, rate: float, loss: Tensor) -> None:
        """A step was taken at this learning rate."""
        self._steps.append((step, rate, loss))

    def seen(self) -> None:
        """All so far are numbers."""
        self._steps.clear()

    def first_lost(self) -> tuple[int, float] | None:
        """The first step whose loss is no number, and its rate; None where this process had none.

        With several processes it may have happened to the photos of another one.
        """
        lost = (
            (step, rate) for step, rate, loss in self._steps if not bool(torch.isfinite(loss).all())
        )
        return next(lost, None)


def all_finite(tensors: Iterable[Tensor]) -> bool:
    """Whether every value in them is a number. Waits once for the device."""
    # The least and the greatest are no numbers where any is none: one pass, no memory.
    ends = [t.aminmax() for t in tensors if t.is_floating_point() and t.numel()]
    return not ends or bool(torch.stack([torch.stack(one) for one in ends]).isfinite().all())
