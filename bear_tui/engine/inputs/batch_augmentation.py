"""Photos as a step sees them: decoded, changed at random, mixed with others.

Several processes draw what one process draws: for all photos of a batch, from the step's seed.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from bear_tui.engine.inputs.augment import augment, mix, partners
from bear_tui.engine.inputs.batches import Group, step_seed
from bear_tui.engine.inputs.decoded_images import Photos
from bear_tui.engine.inputs.device_dataset import Resident
from bear_tui.recipe import Recipe


class Pictures:
    """The photos of a run as bytes on `device`."""

    def __init__(self, recipe: Recipe, photos: Photos, device: torch.device) -> None:
        self._recipe = recipe
        self._photos = photos
        # A CPU has them where they are.
        self._resident = Resident(photos, device) if device.type != "cpu" else None

    def needed(self, group: Group) -> list[int]:
        """The photos that have to be decoded for a group, those mixed into its own last."""
        return [group.batch[place] for place in self._places(group)]

    def views(self, group: Group) -> tuple[Tensor, list[int]]:
        """The photos of a group that could be read, as they are seen, and which these are."""
        images, places = self._seen(group, list(group.places))
        return images, [group.batch[place] for place in places]

    def mixed(self, group: Group, labels: Tensor, classes: int) -> tuple[Tensor, Tensor, list[int]]:
        """The same, each mixed with another photo of its batch, and both labels in their shares.

        `labels` are those of all photos, on the CPU. A partner may be another process's photo,
        which is decoded here too; one that cannot be read leaves its photo as it is.
        """
        share, others = self._partners(group)
        images, places = self._seen(group, self._places(group))
        row = {place: number for number, place in enumerate(places)}
        own = [place for place in group.places if place in row]
        pairs = [[row[place] for place in own], [row.get(others[p], row[p]) for p in own]]
        seen = labels[[group.batch[place] for place in places]]
        mixed, targets = mix(images, seen, classes, share, torch.tensor(pairs, dtype=torch.long))
        return mixed, targets, [group.batch[place] for place in own]

    def _places(self, group: Group) -> list[int]:
        if group.phase != "train" or not self._recipe.mixup:
            return list(group.places)
        _, others = self._partners(group)
        return list(dict.fromkeys([*group.places, *(others[place] for place in group.places)]))

    def _partners(self, group: Group) -> tuple[float, list[int]]:
        return partners(len(group.batch), self._recipe.mixup, self._seed(group))

    def _seed(self, group: Group) -> int:
        return step_seed(self._recipe.seed, group.epoch, group.step)

    def _seen(self, group: Group, places: Sequence[int]) -> tuple[Tensor, list[int]]:
        """The views at these places of the batch, as far as they could be read, and which."""
        indices = [group.batch[place] for place in places]
        if self._resident is not None:
            images, kept = self._resident.batch(indices)
        else:
            images, _, kept = self._photos.batch(indices)
        readable = set(kept)
        places = [place for place in places if group.batch[place] in readable]
        if group.phase == "train" and places:
            generator = torch.Generator().manual_seed(self._seed(group))
            every = len(group.batch)
            images = augment(images, self._recipe.augment, generator, places, every)
        return images, places
