"""Which photos each step takes, and which of them each process."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bear_tui.engine.compute import distributed
from bear_tui.recipe import Recipe, batch_size_of
from bear_tui.run.events import Phase


@dataclass(frozen=True)
class Group:
    """Photos that go through the model together: one process's part of a step's batch."""

    phase: Phase
    epoch: int
    step: int
    batch: Sequence[int]
    """The photos of all processes: what is drawn at random is drawn for these."""
    places: Sequence[int]
    """Which of them this process takes."""

    @property
    def indices(self) -> list[int]:
        """The photos of this process."""
        return [self.batch[place] for place in self.places]


def group(
    phase: Phase, epoch: int, step: int, batch: Sequence[int], rank: int | None = None
) -> Group:
    """What a process takes of a batch; None: this process."""
    rank = distributed.rank() if rank is None else rank
    return Group(
        phase, epoch, step, batch, distributed.shard(range(len(batch)), rank, distributed.size())
    )


def batch_size(recipe: Recipe, photos: int) -> int:
    """The recipe's batch size, or what `auto` comes to."""
    return batch_size_of(recipe.batch_size, photos)


def batched(order: list[int], size: int) -> list[list[int]]:
    """Batches of `size`; a last single photo joins its neighbours, for BatchNorm needs two."""
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    if len(batches) > 1 and len(batches[-1]) == 1:
        single = batches.pop()
        batches[-1] = batches[-1] + single
    return batches


def step_seed(seed: int, epoch: int, step: int) -> int:
    """A seed for one step, as unlike those of its neighbours as any other."""
    digest = hashlib.blake2b(f"{seed}/{epoch}/{step}".encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big")
