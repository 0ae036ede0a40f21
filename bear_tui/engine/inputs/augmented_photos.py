"""Photos as a step sees them: decoded, augmented, mixed with others.

Several processes draw what one process draws: for all photos of a batch, from the step's seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bear_tui.engine.compute.device import to_device
from bear_tui.engine.inputs.augment import augment, mix, partners
from bear_tui.engine.inputs.batches import Shard, step_seed
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.inputs.device_dataset import DeviceDataset
from bear_tui.engine.setup.prepare import Setup


@dataclass(frozen=True)
class ImageBatch:
    """The photos of a shard that could be read, on the device."""

    images: Tensor
    """uint8 `[batch, 3, size, size]`."""
    labels: Tensor
    targets: Tensor
    """What the loss compares logits with: labels, or with mixup a probability for each class."""
    indices: list[int]


class AugmentedPhotos:
    """The photos of a run as bytes on the device, augmented as the recipe says."""

    def __init__(self, setup: Setup, decoded: DecodedImages) -> None:
        self._recipe = setup.recipe
        self._classes = len(setup.dataset.classes)
        self._device = setup.compute.device
        self._decoded = decoded
        on_cpu = self._device.type == "cpu"
        self._on_device = None if on_cpu else DeviceDataset(decoded, self._device)

    def batch(self, shard: Shard) -> ImageBatch:
        """The photos of a shard with their labels, mixed where the recipe says so."""
        if shard.phase == "train" and self._recipe.mixup:
            images, targets, indices = self._mixed(shard)
            return ImageBatch(images, self.labels(indices), targets, indices)
        images, indices = self.views(shard)
        labels = self.labels(indices)
        return ImageBatch(images, labels, labels, indices)

    def labels(self, indices: list[int]) -> Tensor:
        """The labels of these photos, on the device."""
        return to_device(self._decoded.labels[indices], self._device)

    def needed(self, shard: Shard) -> list[int]:
        """The photos to decode for a shard, those mixed into its own last."""
        return [shard.batch[place] for place in self._places(shard)]

    def views(self, shard: Shard) -> tuple[Tensor, list[int]]:
        """The augmented photos of a shard that could be read, and which these are."""
        images, places = self._augmented(shard, list(shard.places))
        return images, [shard.batch[place] for place in places]

    def _mixed(self, shard: Shard) -> tuple[Tensor, Tensor, list[int]]:
        """The same, each mixed with another photo of its batch, and both labels in their shares.

        A partner may be another process's photo, which is decoded here too; one that cannot be
        read leaves its photo as it is.
        """
        share, others = self._partners(shard)
        images, places = self._augmented(shard, self._places(shard))
        row = {place: number for number, place in enumerate(places)}
        own = [place for place in shard.places if place in row]
        pairs = [[row[place] for place in own], [row.get(others[p], row[p]) for p in own]]
        labels = self._decoded.labels[[shard.batch[place] for place in places]]
        chosen = torch.tensor(pairs, dtype=torch.long)
        mixed, targets = mix(images, labels, self._classes, share, chosen)
        return mixed, targets, [shard.batch[place] for place in own]

    def _places(self, shard: Shard) -> list[int]:
        if shard.phase != "train" or not self._recipe.mixup:
            return list(shard.places)
        _, others = self._partners(shard)
        return list(dict.fromkeys([*shard.places, *(others[place] for place in shard.places)]))

    def _partners(self, shard: Shard) -> tuple[float, list[int]]:
        return partners(len(shard.batch), self._recipe.mixup, self._seed(shard))

    def _seed(self, shard: Shard) -> int:
        return step_seed(self._recipe.seed, shard.epoch, shard.step)

    def _augmented(self, shard: Shard, places: Sequence[int]) -> tuple[Tensor, list[int]]:
        """The photos at these places of the batch that could be read, and their places."""
        indices = [shard.batch[place] for place in places]
        if self._on_device is not None:
            images, readable = self._on_device.batch(indices)
        else:
            images, _, readable = self._decoded.batch(indices)
        known = set(readable)
        places = [place for place in places if shard.batch[place] in known]
        if shard.phase == "train" and places:
            generator = torch.Generator().manual_seed(self._seed(shard))
            images = augment(images, self._recipe.augment, generator, places, len(shard.batch))
        return images, places
