"""What is known of a training before it begins: memory, time, a learning rate. Plain numbers."""

import itertools
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """What a training takes on this machine, about."""

    memory: int
    """Bytes: of the GPU where there is one, else of the computer."""
    first_epoch: float
    """Seconds; the frozen layers look at every photo in it."""
    later_epochs: float
    looks: int = 1
    """So many epochs take as long as the first: each shows the frozen layers another view."""

    def sentence(self) -> str:
        """`about 1.1 GB · about 40 s an epoch`, or with the first epoch apart."""
        later, first = _about(self.later_epochs), _about(self.first_epoch)
        memory = f"about {self.memory / 1e9:.1f} GB"
        if self.first_epoch < 1.5 * self.later_epochs:
            return f"{memory} · about {later} an epoch"
        if self.looks > 1:
            return f"{memory} · about {first} an epoch, after {self.looks} epochs {later}"
        return f"{memory} · about {first} once, then {later} an epoch"


SAMPLE_SECONDS = 60.0
"""How long a first training on the sample photos is to take, about."""
_SAMPLE_EPOCHS = (8, 14)
"""Fewer than the first learn too little to show anything; more than the second nothing more."""


def sample_epochs(seconds: float) -> int:
    """Return how many epochs of `seconds` each the training on the sample photos has here."""
    least, most = _SAMPLE_EPOCHS
    return max(least, min(most, int(SAMPLE_SECONDS / max(seconds, 1e-6))))


def _about(seconds: float) -> str:
    """Two digits are all that an estimate is good for."""
    if seconds < 1:
        return "1 s"
    if seconds < 90:
        return f"{float(f'{seconds:.2g}'):g} s"
    minutes = seconds / 60
    return f"{float(f'{minutes:.2g}'):g} min" if minutes < 90 else f"{minutes / 60:.1f} h"


@dataclass(frozen=True)
class RateCurve:
    """How the loss went while the learning rate rose from step to step (Smith, 2017)."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    """Smoothed; as many as rates, all of them numbers."""

    @property
    def suggested(self) -> float | None:
        """The rate at which the loss falls fastest; None where it never fell."""
        falls = [one - next_ for one, next_ in itertools.pairwise(self.losses)]
        if len(falls) < 2 or min(self.losses) >= self.losses[0]:
            return None
        rate = self.rates[falls.index(max(falls))]
        # One digit: the curve knows no more.
        return float(f"{rate:.0e}")


def rising_rates(first: float, last: float, count: int) -> list[float]:
    """`count` rates from `first` to `last`, each the same multiple of the one before."""
    step = math.log(last / first) / (count - 1)
    return [first * math.exp(step * number) for number in range(count)]
