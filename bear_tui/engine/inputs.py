"""What each step runs, and on what: photos, or values kept from the frozen layers."""

import hashlib
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bear_tui.catalog import find_model
from bear_tui.data.inventory import Photo
from bear_tui.engine import models, prefix
from bear_tui.engine.augment import augment, normalise
from bear_tui.engine.photos import Photos
from bear_tui.engine.prefix import Cut, Features
from bear_tui.engine.setup import Setup
from bear_tui.recipe import Recipe
from bear_tui.run.events import Phase

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """One step's work: `run(*values)` are the logits for `labels`."""

    run: Callable[..., Tensor]
    values: list[Tensor]
    labels: Tensor
    at_once: int
    """How many photos to run at a time, where they do not influence each other."""


class Inputs:
    """The training and validation photos of a run, as its steps take them."""

    def __init__(self, recipe: Recipe, setup: Setup) -> None:
        self._recipe = recipe
        self._setup = setup
        self._statistics = find_model(recipe.model).statistics
        self._train_photos = len(setup.dataset.train)
        self.batch_size = batch_size(recipe, self._train_photos)
        photos: tuple[Photo, ...] = (*setup.dataset.train, *setup.dataset.validation)
        labels = [setup.dataset.index[photo.label] for photo in photos]
        self.photos = Photos(photos, labels, recipe.image_size)
        self._cut = self._cut_model()
        self._features = self._keep_features(self._cut) if self._cut else None

    def batches(self, phase: Phase, epoch: int) -> list[list[int]]:
        """Which photos each step takes: shuffled by seed and epoch in training."""
        if phase == "validation":
            order = list(range(self._train_photos, len(self.photos)))
        else:
            generator = torch.Generator()
            generator.manual_seed(step_seed(self._recipe.seed, epoch, -1))
            order = torch.randperm(self._train_photos, generator=generator).tolist()
        return batched(order, self.batch_size)

    def ahead(self, batches: Sequence[Sequence[int]]) -> None:
        """Begin to decode the photos of these batches."""
        self.photos.ahead([index for batch in batches for index in batch])

    def batch(self, phase: Phase, indices: Sequence[int], seed: int) -> Batch:
        """One step's work; photos that cannot be read are left out."""
        same_views = phase == "validation" or self._recipe.augment == "none"
        if self._cut and self._features and same_views:
            values, labels = self._features.batch(indices)
            return Batch(self._cut.after, values, labels, max(len(labels), 1))
        images, labels, _ = self.photos.batch(indices)
        device = self._setup.compute.device
        images, labels = images.to(device), labels.to(device)
        if phase == "train" and len(labels):
            generator = torch.Generator().manual_seed(seed)
            images = augment(images, self._recipe.augment, generator)
        return Batch(self._run_whole, [images], labels, self._at_once())

    def close(self) -> None:
        """Give up what is still waiting to be decoded."""
        self.photos.close()

    def _run_whole(self, images: Tensor) -> Tensor:
        logits: Tensor = self._setup.model(normalise(images, self._statistics))
        return logits

    def _at_once(self) -> int:
        return self._setup.compute.micro_batch(self._recipe.image_size, self.batch_size)

    def _cut_model(self) -> Cut | None:
        """The model before and after its last frozen layer, if there is memory for what is kept."""
        setup, size = self._setup, self._recipe.image_size
        model = setup.model
        if all(parameter.requires_grad for parameter in model.parameters()):
            return None
        models.train_mode(model)
        sample = torch.zeros(2, 3, size, size, dtype=torch.uint8, device=setup.compute.device)
        sample[1] = 255
        images = normalise(sample, self._statistics)
        made = prefix.cut(model, images)
        if made is None:
            log.info("frozen layers are computed in every epoch: this model cannot be cut there.")
        elif not prefix.fits(made, images, len(self.photos), setup.compute):
            log.info("frozen layers are computed in every epoch: too little memory to keep them.")
            return None
        return made

    def _keep_features(self, cut: Cut) -> Features:
        # Together as in the first epoch, whose steps fill the cache while they train.
        steps = [*self.batches("train", 1), *self.batches("validation", 1)]
        size = self._at_once()
        groups = [batch[i : i + size] for batch in steps for i in range(0, len(batch), size)]
        compute = self._setup.compute
        return Features(cut.before, self.photos, groups, compute, self._statistics)


def batch_size(recipe: Recipe, photos: int) -> int:
    """The recipe's batch size; `auto` takes a power of two that leaves ten steps an epoch."""
    if recipe.batch_size != "auto":
        return recipe.batch_size
    return int(2 ** max(2, min(6, int(math.log2(max(photos / 10, 1))))))


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
