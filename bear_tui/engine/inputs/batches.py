"""Which photos each step takes, and which of them each process."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from bear_tui.engine.compute import distributed
from bear_tui.recipe import Recipe, batch_size_of
from bear_tui.run.events import Phase


@dataclass(frozen=True)
class Shard:
    """One process's part of a step's batch: photos that go through the model together."""

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


def shard_of(
    phase: Phase, epoch: int, step: int, batch: Sequence[int], rank: int | None = None
) -> Shard:
    """What the process with this rank takes of a batch; None: this process."""
    rank = distributed.rank() if rank is None else rank
    places = distributed.shard(range(len(batch)), rank, distributed.size())
    return Shard(phase, epoch, step, batch, places)


class BatchOrder:
    """The batches of every epoch, the same in each process and whenever a run is resumed."""

    def __init__(self, recipe: Recipe, train_photos: int, photos: int) -> None:
        """Training photos have the indices before `train_photos`, validation photos the rest."""
        self._seed = recipe.seed
        self._train_photos = train_photos
        self._photos = photos
        self.batch_size = batch_size_of(recipe.batch_size, train_photos)

    def batches(self, phase: Phase, epoch: int) -> list[list[int]]:
        """Which photos each step takes: shuffled by seed and epoch in training."""
        if phase == "validation":
            order = list(range(self._train_photos, self._photos))
        else:
            generator = torch.Generator()
            generator.manual_seed(step_seed(self._seed, epoch, -1))
            order = torch.randperm(self._train_photos, generator=generator).tolist()
        return batched(order, self.batch_size)

    def shards(self, phase: Phase, epoch: int) -> Iterator[Shard]:
        """What goes through a model together in an epoch, in this process and in others."""
        size = distributed.size()
        for step, batch in enumerate(self.batches(phase, epoch)):
            for rank in range(1 if distributed.too_small(batch, size) else size):
                yield shard_of(phase, epoch, step, batch, rank)


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
