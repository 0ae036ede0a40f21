"""What each step runs, and on what: photos, or values kept from the frozen layers."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from bear_tui.catalog import Statistics, find_model
from bear_tui.data.folders.inventory import Photo
from bear_tui.engine.compute import device, distributed
from bear_tui.engine.compute.device import sent
from bear_tui.engine.inputs import activation_disk_cache as kept_values
from bear_tui.engine.inputs import prefix
from bear_tui.engine.inputs.activation_cache import Features, make_features, views_of, worth_keeping
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.batch_augmentation import Pictures
from bear_tui.engine.inputs.batches import Group, batch_size, batched, group, step_seed
from bear_tui.engine.inputs.decoded_images import Photos
from bear_tui.engine.inputs.prefetch import Upcoming, thread_for
from bear_tui.engine.inputs.prefix import Cut, Frozen
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import Setup
from bear_tui.recipe import Recipe
from bear_tui.run.events import Phase

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """One step's work: `run(*values)` are the logits for `labels`."""

    run: nn.Module
    values: list[Tensor]
    labels: Tensor
    targets: Tensor
    """What the logits are to come to: labels, or a probability for each class."""
    at_once: int
    """How many photos to run at a time, where they do not influence each other."""
    kept: list[int]
    """Which photos these are: those that could be read."""


class Whole(nn.Module):
    """A model that takes photos as bytes."""

    def __init__(self, model: nn.Module, statistics: Statistics) -> None:
        super().__init__()
        self.model = model
        self.statistics = statistics

    def forward(self, images: Tensor) -> Tensor:
        """Logits of uint8 `[batch, 3, size, size]`."""
        logits: Tensor = self.model(normalise(images, self.statistics))
        return logits


class Inputs:
    """The training and validation photos of a run, as its steps take them."""

    def __init__(self, recipe: Recipe, setup: Setup) -> None:
        self._recipe = recipe
        self._setup = setup
        self._statistics = find_model(recipe.model).statistics
        self._whole = Whole(setup.model, self._statistics)
        self._train_photos = len(setup.dataset.train)
        self.batch_size = batch_size(recipe, self._train_photos)
        self.at_most = self.batch_size + 1
        """Photos that are sent through the model at once; a last single one joins a batch."""
        photos: tuple[Photo, ...] = (*setup.dataset.train, *setup.dataset.validation)
        labels = [setup.dataset.index[photo.label] for photo in photos]
        size, framing, interpolation = recipe.image_size, recipe.framing, recipe.interpolation
        self.photos = Photos(photos, labels, size, framing, interpolation)
        device = setup.compute.device
        self._pictures = Pictures(recipe, self.photos, device)
        self._group_of: dict[int, dict[int, Group]] = {}
        model = setup.model
        self._any_frozen = not all(parameter.requires_grad for parameter in model.parameters())
        if self._any_frozen:
            freezing.train_mode(model)
        self._together = self._any_frozen and freezing.has_training_batchnorm(model)
        self._cut = self._cut_model() if self._any_frozen else None
        self._frozen = Frozen(self._cut, self._statistics, setup.compute) if self._cut else None
        self.views = views_of(recipe)
        """Views of a training photo that epochs take in turn; 0: each has new ones."""
        self._features: Features | None = None
        self._keep(min(self.views, 2), worth_keeping(recipe, self.views))
        self._upcoming = Upcoming(self._batch, thread_for(device))

    def batches(self, phase: Phase, epoch: int) -> list[list[int]]:
        """Which photos each step takes: shuffled by seed and epoch in training."""
        if phase == "validation":
            order = list(range(self._train_photos, len(self.photos)))
        else:
            generator = torch.Generator()
            generator.manual_seed(step_seed(self._recipe.seed, epoch, -1))
            order = torch.randperm(self._train_photos, generator=generator).tolist()
        return batched(order, self.batch_size)

    def go_on(self, views: int | None) -> None:
        """Take the views that the run has taken so far, whatever there is room for now."""
        if views is not None and views != self.views:
            self.views = views
            self._keep(views, worth_keeping(self._recipe, views))

    def ahead(self, phase: Phase, epoch: int, first: int) -> None:
        """Begin to decode the photos of the steps from `first` on, as far as they are needed.

        A phase that begins tries again what the computer refused in an earlier one.
        """
        if first == 0:
            self.retry()
        if phase == "train" and 0 < self.views < epoch and self._view(phase, epoch) is None:
            self._keep(self.views, self.views)  # there are more epochs than once planned
        view, features = self._view(phase, epoch), self._features
        batches = self.batches(phase, epoch)
        groups = (group(phase, epoch, n, batches[n]) for n in range(first, len(batches)))
        self.photos.ahead(
            [
                index
                for one in groups
                for index in self._pictures.needed(one)
                if features is None or view is None or not features.knows(view, index)
            ]
        )

    def retry(self) -> None:
        """Try to read the photos that the computer refused before."""
        found = self.photos.retry()
        if found and self._features:
            self._features.forget(found)

    def batch(self, phase: Phase, epoch: int, step: int, indices: Sequence[int]) -> Batch:
        """This process's work in a step with these photos; what cannot be read is left out."""
        return self._upcoming.take(group(phase, epoch, step, indices))

    def begin(self, phase: Phase, epoch: int, step: int, indices: Sequence[int]) -> None:
        """This is what `batch` will be asked for next: a GPU begins with it."""
        self._upcoming.begin(group(phase, epoch, step, indices))

    def _batch(self, group: Group) -> Batch:
        view = self._view(group.phase, group.epoch)
        if self._cut and self._features and view is not None:
            device = self._setup.compute.device
            values, kept = self._features.batch(group.indices, view, device)
            labels = sent(self.photos.labels[kept], device)
            return Batch(self._cut.after, values, labels, labels, self._at_once(), kept)
        if group.phase == "train" and self._recipe.mixup:
            classes = len(self._setup.dataset.classes)
            images, targets, kept = self._pictures.mixed(group, self.photos.labels, classes)
            labels = sent(self.photos.labels[kept], images.device)
        else:
            images, kept = self._pictures.views(group)
            labels = targets = sent(self.photos.labels[kept], images.device)
        if self._cut and self._frozen and kept:
            values = self._frozen.values(images, self._at_once())
            return Batch(self._cut.after, values, labels, targets, self._at_once(), kept)
        if images.device.type != "cpu":  # on a GPU: here rather than in the step
            floats = normalise(images, self._statistics)
            return Batch(self._setup.model, [floats], labels, targets, self._at_once(), kept)
        return Batch(self._whole, [images], labels, targets, self._at_once(), kept)

    def halve(self) -> None:
        """Send half as many photos through the model at once: its memory is too small."""
        self.at_most = max(1, min(self.at_most, self.batch_size) // 2)

    @property
    def prefix(self) -> str:
        """The frozen operations whose values are kept, by name; empty where none are."""
        if self._cut is None:
            return ""
        *_, output = self._cut.before.graph.nodes
        return " ".join(str(node) for node in output.all_input_nodes)

    @property
    def filling(self) -> int:
        """Epochs from here on in which the frozen layers see photos; 0: all are alike."""
        features = self._features
        return 0 if features is None or features.complete else features.views

    def close(self) -> None:
        """Give up what is still waiting to be decoded."""
        self._upcoming.close()
        del self._upcoming  # the two hold each other: now their memory is free once it is not used
        self.photos.close()
        self._close_features()

    def _view(self, phase: Phase, epoch: int) -> int | None:
        """Which kept view of its photos a phase takes; None where it takes new ones."""
        if phase == "validation":
            return 0
        if self._features is None or not self._features.views:
            return None
        return (epoch - 1) % self._features.views

    def _values(self, view: int, index: int) -> tuple[Sequence[int], list[int], list[Tensor]]:
        """Values at the cut of a view of a photo and of those computed with it.

        A view is that of the epoch with its number, together with the photos of that epoch's
        step: the last bits of a sum depend on the batch, and a run that goes on must come to those
        of one never stopped.
        """
        if view not in self._group_of:
            phases: tuple[Phase, ...] = ("train", "validation") if view == 0 else ("train",)
            self._group_of[view] = {
                one: group
                for phase in phases
                for group in self._groups(phase, view + 1)
                for one in group.indices
            }
        group = self._group_of[view][index]
        images, kept = self._pictures.views(group)
        lost = set(group.indices) - set(kept)
        # Another time they may be read: refused now, or changed since they were described.
        passing = any(one in self.photos.refused or self._setup.has_changed(one) for one in lost)
        if self._features and passing:
            self._features.keep_nothing()
        made = self._frozen.values(images, self._at_once()) if self._frozen and kept else []
        return group.indices, kept, made

    def _groups(self, phase: Phase, epoch: int) -> Iterator[Group]:
        """What goes through the model together in an epoch, in this process and in others."""
        size = distributed.size()
        for step, batch in enumerate(self.batches(phase, epoch)):
            for rank in range(1 if distributed.too_small(batch, size) else size):
                yield group(phase, epoch, step, batch, rank)

    def _at_once(self) -> int:
        """The same before and behind the cut, and of a model that is not cut.

        The last bits of a sum, and what dropout draws, depend on how many go at once.
        """
        if self._together:
            return self.at_most
        compute = self._setup.compute
        return compute.micro_batch(self._recipe.image_size, self.at_most, self._any_frozen)

    def _cut_model(self) -> Cut | None:
        """The model before and after its last frozen layer."""
        setup, size = self._setup, self._recipe.image_size
        model = setup.model
        sample = torch.zeros(2, 3, size, size, dtype=torch.uint8, device=setup.compute.device)
        sample[1] = 255
        made = prefix.cut(model, normalise(sample, self._statistics))
        if made is None:
            log.info("frozen layers are computed in every epoch: this model cannot be cut there.")
        return made

    def _keep(self, least: int, most: int) -> None:
        """Make room for as many views as fit, in every process for the same number."""
        self._make_room(least, most)
        found = self._features.views if self._features else 0
        everywhere = min(distributed.gather(found))
        if everywhere < found:
            self._make_room(everywhere, everywhere)
        if most:
            self.views = everywhere

    def _make_room(self, least: int, most: int) -> None:
        self._close_features()  # before: its memory is free for the next
        if self._frozen is not None:
            self._features = self._room_for_features(self._frozen, least, most)

    def _close_features(self) -> None:
        if self._features is not None:
            self._features.close()
        self._features = None

    def _room_for_features(self, frozen: Frozen, least: int, most: int) -> Features | None:
        """Where the values at the cut are kept, if there is room for them."""
        compute, size = self._setup.compute, self._recipe.image_size
        sample = torch.zeros(2, 3, size, size, dtype=torch.uint8, device=compute.device)
        likes = frozen.values(sample, 2)
        photos, train_photos = len(self.photos), self._train_photos
        return make_features(
            self._values, likes, photos, train_photos, least, most, compute, self._key
        )

    def _key(self, views: int) -> str:
        """A name for the kept values; without one where other processes compute a part of them."""
        if self._cut is None or distributed.size() > 1:
            return ""
        recipe, setup = self._recipe, self._setup
        cuda = setup.compute.device.type == "cuda"
        facts = {
            "torch": torch.__version__,
            "device": torch.cuda.get_device_name(setup.compute.device) if cuda else "cpu",
            "cpu": torch.backends.cpu.get_cpu_capability(),
            "threads": device.threads_for(recipe.model, recipe.image_size),
            "precision": setup.compute.precision,
            "photos": [file["sha256"] for file in setup.description["files"]][: len(self.photos)],
            "train_photos": self._train_photos,
            "model": [recipe.model, recipe.image_size, self._cut.before.code],
            "framing": [recipe.framing, recipe.interpolation],
            # Which photos go through together decides the last bits.
            "batches": [recipe.seed, self.batch_size, self._at_once()],
            "views": [recipe.augment, views],
        }
        return kept_values.key_of(facts, self._cut.before.state_dict().values())
