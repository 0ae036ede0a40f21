"""Batches of photos for a model that is computed whole in every step."""

import torch
from torch import Tensor, nn

from bear_tui.catalog import Statistics
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.augmented_photos import AugmentedPhotos, ImageBatch
from bear_tui.engine.inputs.batch import Batch
from bear_tui.engine.inputs.batches import Shard
from bear_tui.engine.inputs.micro_batch import MicroBatch
from bear_tui.engine.setup.prepare import Setup


class ByteModel(nn.Module):
    """A model that takes photos as bytes."""

    def __init__(self, model: nn.Module, statistics: Statistics) -> None:
        super().__init__()
        self.model = model
        self.statistics = statistics

    def forward(self, images: Tensor) -> Tensor:
        """Logits of uint8 `[batch, 3, size, size]`."""
        logits: Tensor = self.model(normalise(images, self.statistics))
        return logits


class WholeModel:
    """The strategy without a cache."""

    cut = ""
    cached_views = 0
    epochs_to_fill = 0

    def __init__(self, setup: Setup, photos: AugmentedPhotos, micro_batch: MicroBatch) -> None:
        self._model = setup.model
        self._statistics = setup.entry.statistics
        self._byte_model = ByteModel(setup.model, self._statistics)
        self._photos = photos
        self._micro_batch = micro_batch

    def make_cache(self, least: int, most: int) -> None:
        """There is none."""

    def to_decode(self, shard: Shard) -> list[int]:
        """All of them."""
        return self._photos.needed(shard)

    def forget(self, indices: list[int]) -> None:
        """Nothing is cached."""

    def batch(self, shard: Shard) -> Batch:
        """The photos of a shard for the whole model."""
        return self.batch_of(self._photos.batch(shard))

    def batch_of(self, photos: ImageBatch) -> Batch:
        """These photos for the whole model."""
        module: nn.Module = self._byte_model
        values: torch.Tensor = photos.images
        if values.device.type != "cpu":  # on a GPU: here rather than in the step
            module, values = self._model, normalise(values, self._statistics)
        size = self._micro_batch.size
        return Batch(module, [values], photos.labels, photos.targets, size, photos.indices)

    def close(self) -> None:
        """Nothing is cached."""
