"""Estimates before a training: memory, time, a learning rate to suggest. Plain numbers.

The engine measures them in `estimate.py` and `lr_finder.py`.
"""

import itertools
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """About how much memory and time a training takes on this machine."""

    memory: int
    """Bytes of the GPU, or of the computer if there is none."""
    first_epoch: float
    """Seconds; in it the frozen layers are computed for every photo."""
    later_epochs: float
    filling: int = 1
    """Epochs that take as long as the first, each with a new view for the frozen layers."""

    def sentence(self) -> str:
        """Return `about 1.1 GB · about 40 s an epoch`, or with the first epoch apart."""
        later, first = _about(self.later_epochs), _about(self.first_epoch)
        memory = f"about {self.memory / 1e9:.1f} GB"
        if self.first_epoch < 1.5 * self.later_epochs:
            return f"{memory} · about {later} an epoch"
        if self.filling > 1:
            return f"{memory} · about {first} an epoch, after {self.filling} epochs {later}"
        return f"{memory} · about {first} once, then {later} an epoch"


SAMPLE_SECONDS = 60.0
"""About how long a first training on the sample photos should take."""
_SAMPLE_EPOCHS = (8, 14)
"""Least and most epochs: fewer learn too little, more learn nothing new."""


def sample_epochs(seconds: float) -> int:
    """Return for how many epochs of `seconds` each to train on the sample photos."""
    least, most = _SAMPLE_EPOCHS
    return max(least, min(most, int(SAMPLE_SECONDS / max(seconds, 1e-6))))


def _about(seconds: float) -> str:
    """Return a duration with two digits: an estimate is no better."""
    if seconds < 1:
        return "1 s"
    if seconds < 90:
        return f"{float(f'{seconds:.2g}'):g} s"
    minutes = seconds / 60
    return f"{float(f'{minutes:.2g}'):g} min" if minutes < 90 else f"{minutes / 60:.1f} h"


@dataclass(frozen=True)
class RateCurve:
    """The loss at rising learning rates (Smith, 2017)."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    """Smoothed and finite, one a rate."""

    @property
    def suggested(self) -> float | None:
        """The rate at which the loss falls fastest; None if it never fell."""
        falls = [before - after for before, after in itertools.pairwise(self.losses)]
        if len(falls) < 2 or min(self.losses) >= self.losses[0]:
            return None
        rate = self.rates[falls.index(max(falls))]
        # The curve is no more precise than one digit.
        return float(f"{rate:.0e}")


def rising_rates(first: float, last: float, count: int) -> list[float]:
    """Return `count` rates from `first` to `last`, each the same multiple of the one before."""
    step = math.log(last / first) / (count - 1)
    return [first * math.exp(step * number) for number in range(count)]
