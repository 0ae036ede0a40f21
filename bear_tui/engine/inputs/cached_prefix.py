"""Batches of cached activations for a model that is cut behind its frozen layers."""

from collections.abc import Sequence

import torch
from torch import Tensor

from bear_tui.engine.compute import device, distributed
from bear_tui.engine.inputs import activation_disk_cache
from bear_tui.engine.inputs.activation_cache import ActivationCache, make_cache
from bear_tui.engine.inputs.augmented_photos import AugmentedPhotos
from bear_tui.engine.inputs.batch import Batch
from bear_tui.engine.inputs.batches import BatchOrder, Shard
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.inputs.micro_batch import MicroBatch
from bear_tui.engine.inputs.prefix import Cut, Frozen
from bear_tui.engine.inputs.whole_model import WholeModel
from bear_tui.engine.setup.prepare import Setup
from bear_tui.run.events import Phase


class CachedPrefix:
    """The strategy for frozen layers: their activations are computed once a view and cached.

    Where there is no room to cache them, they are computed in every epoch.
    """

    def __init__(
        self,
        setup: Setup,
        cut: Cut,
        order: BatchOrder,
        decoded: DecodedImages,
        photos: AugmentedPhotos,
        micro_batch: MicroBatch,
    ) -> None:
        self._setup = setup
        self._cut = cut
        self._order = order
        self._decoded = decoded
        self._photos = photos
        self._micro_batch = micro_batch
        self._train_photos = len(setup.dataset.train)
        self._frozen = Frozen(cut, setup.entry.statistics, setup.compute)
        self._whole = WholeModel(setup, photos, micro_batch)
        self._shards: dict[int, dict[int, Shard]] = {}
        self._cache: ActivationCache | None = None

    @property
    def cut(self) -> str:
        """The frozen operations whose values are cached, by name."""
        *_, output = self._cut.before.graph.nodes
        return " ".join(str(node) for node in output.all_input_nodes)

    @property
    def cached_views(self) -> int:
        """How many views of each training photo have room in the cache."""
        return self._cache.views if self._cache else 0

    @property
    def epochs_to_fill(self) -> int:
        """Epochs until no photo goes through the frozen layers any more; 0: no epoch differs."""
        return 0 if self._cache is None or self._cache.complete else self._cache.views

    def make_cache(self, least: int, most: int) -> None:
        """Make room for `least` to `most` views of each training photo, as far as there is any."""
        self.close()  # before: its memory is free for the next
        on, size = self._setup.compute.device, self._setup.recipe.image_size
        sample = torch.zeros(2, 3, size, size, dtype=torch.uint8, device=on)
        likes = self._frozen.values(sample, 2)
        photos = len(self._decoded)
        self._cache = make_cache(
            self._computed, likes, photos, self._train_photos, least, most, on, self._key
        )

    def to_decode(self, shard: Shard) -> list[int]:
        """The photos of a shard whose activations are not cached yet."""
        view, cache = self._view(shard), self._cache
        return [
            index
            for index in self._photos.needed(shard)
            if cache is None or view is None or not cache.knows(view, index)
        ]

    def forget(self, indices: list[int]) -> None:
        """These photos can be read now: compute what was cached without them anew."""
        if self._cache:
            self._cache.forget(indices)

    def batch(self, shard: Shard) -> Batch:
        """The activations of a shard for the layers that learn."""
        view, size = self._view(shard), self._micro_batch.size
        if self._cache and view is not None:
            values, indices = self._cache.batch(shard.indices, view, self._setup.compute.device)
            labels = self._photos.labels(indices)
            return Batch(self._cut.after, values, labels, labels, size, indices)
        photos = self._photos.batch(shard)
        if not photos.indices:
            return self._whole.batch_of(photos)
        values = self._frozen.values(photos.images, size)
        return Batch(self._cut.after, values, photos.labels, photos.targets, size, photos.indices)

    def close(self) -> None:
        """Wait until the cache is on disk, and give its memory back."""
        if self._cache is not None:
            self._cache.close()
        self._cache = None

    def _view(self, shard: Shard) -> int | None:
        """Which cached view of its photos a shard takes; None where it takes new ones."""
        if shard.phase == "validation":
            return 0
        return (shard.epoch - 1) % self.cached_views if self.cached_views else None

    def _computed(self, view: int, index: int) -> tuple[Sequence[int], list[int], list[Tensor]]:
        """Activations of a view of a photo and of those computed with it.

        A view is that of the epoch with its number, together with the photos of that epoch's
        step: the last bits of a sum depend on the batch, and a resumed run must come to those of
        one never stopped.
        """
        if view not in self._shards:
            phases: tuple[Phase, ...] = ("train", "validation") if view == 0 else ("train",)
            self._shards[view] = {
                index: shard
                for phase in phases
                for shard in self._order.shards(phase, view + 1)
                for index in shard.indices
            }
        shard = self._shards[view][index]
        images, readable = self._photos.views(shard)
        lost = set(shard.indices) - set(readable)
        # Another time they may be read: refused now, or changed since they were described.
        passing = any(i in self._decoded.refused or self._setup.has_changed(i) for i in lost)
        if self._cache and passing:
            self._cache.keep_nothing()
        values = self._frozen.values(images, self._micro_batch.size) if readable else []
        return shard.indices, readable, values

    def _key(self, views: int) -> str:
        """A name for the cached values; empty where other processes compute a part of them."""
        if distributed.size() > 1:
            return ""
        recipe, setup = self._setup.recipe, self._setup
        cuda = setup.compute.device.type == "cuda"
        photos = len(self._decoded)
        facts = {
            "torch": torch.__version__,
            "device": torch.cuda.get_device_name(setup.compute.device) if cuda else "cpu",
            "cpu": torch.backends.cpu.get_cpu_capability(),
            "threads": device.threads_for(setup.entry, recipe.image_size),
            "precision": setup.compute.precision,
            "photos": [file["sha256"] for file in setup.description["files"]][:photos],
            "train_photos": self._train_photos,
            "model": [recipe.model, recipe.image_size, self._cut.before.code],
            "framing": [recipe.framing, recipe.interpolation],
            # Which photos go through together decides the last bits.
            "batches": [recipe.seed, self._order.batch_size, self._micro_batch.size],
            "views": [recipe.augment, views],
        }
        return activation_disk_cache.key_of(facts, self._cut.before.state_dict().values())
