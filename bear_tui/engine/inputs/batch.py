"""What a training step computes with."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from bear_tui.engine.inputs.batches import Shard


@dataclass(frozen=True)
class Batch:
    """One step's work: `module(*values)` are the logits for `labels`."""

    module: nn.Module
    values: list[Tensor]
    labels: Tensor
    targets: Tensor
    """What the loss compares logits with: labels, or a probability for each class."""
    micro_batch: int
    """How many photos to compute at a time, where they do not influence each other."""
    indices: list[int]
    """The photos, those alone that could be read."""


class Strategy(Protocol):
    """How batches are made: from photos for a whole model, or from cached activations."""

    @property
    def cut(self) -> str:
        """The frozen operations whose values are cached, by name; empty where none are."""
        ...

    @property
    def cached_views(self) -> int:
        """How many views of each training photo have room in the cache."""
        ...

    @property
    def epochs_to_fill(self) -> int:
        """Epochs until no photo goes through the frozen layers any more; 0: no epoch differs."""
        ...

    def make_cache(self, least: int, most: int) -> None:
        """Make room for `least` to `most` views of each training photo, as far as there is any."""
        ...

    def to_decode(self, shard: Shard) -> list[int]:
        """The photos that have to be decoded for a shard."""
        ...

    def forget(self, indices: list[int]) -> None:
        """These photos can be read now: compute what was cached without them anew."""
        ...

    def batch(self, shard: Shard) -> Batch:
        """This process's work in a step; photos that cannot be read are left out."""
        ...

    def close(self) -> None:
        """Give the cache's memory back."""
        ...
