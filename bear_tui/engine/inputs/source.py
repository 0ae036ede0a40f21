"""The one source of batches: photos, or cached activations of the frozen layers."""

import logging

import torch

from bear_tui.engine.compute import distributed
from bear_tui.engine.inputs import prefix
from bear_tui.engine.inputs.activation_cache import views_of, worth_caching
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.augmented_photos import AugmentedPhotos
from bear_tui.engine.inputs.batch import Batch, Strategy
from bear_tui.engine.inputs.batches import BatchOrder, Shard, shard_of
from bear_tui.engine.inputs.cached_prefix import CachedPrefix
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.inputs.micro_batch import MicroBatch
from bear_tui.engine.inputs.prefetch import Prefetcher, thread_for
from bear_tui.engine.inputs.prefix import Cut
from bear_tui.engine.inputs.whole_model import WholeModel
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import Setup
from bear_tui.run.events import Phase

log = logging.getLogger(__name__)


class BatchSource:
    """The training and validation photos of a run, as its steps take them."""

    def __init__(self, setup: Setup) -> None:
        self._recipe = setup.recipe
        dataset = setup.dataset
        photos = (*dataset.train, *dataset.validation)
        labels = [dataset.index[photo.label] for photo in photos]
        size, framing, interpolation = (
            self._recipe.image_size,
            self._recipe.framing,
            self._recipe.interpolation,
        )
        self.photos = DecodedImages(photos, labels, size, framing, interpolation)
        self._order = BatchOrder(self._recipe, len(dataset.train), len(photos))
        self.batch_size = self._order.batch_size
        self._strategy = self._choose_strategy(setup)
        self.views = views_of(self._recipe)
        """Views of a training photo that epochs take in turn; 0: each has new ones."""
        self._make_cache(min(self.views, 2), worth_caching(self._recipe, self.views))
        self._prefetcher = Prefetcher(self._strategy.batch, thread_for(setup.compute.device))

    def _choose_strategy(self, setup: Setup) -> Strategy:
        augmented = AugmentedPhotos(setup, self.photos)
        any_frozen = freezing.any_frozen(setup.model)
        if any_frozen:
            freezing.train_mode(setup.model)
        self.micro_batch = MicroBatch(setup, self.batch_size)
        cut = _cut_model(setup) if any_frozen else None
        if cut is None:
            return WholeModel(setup, augmented, self.micro_batch)
        return CachedPrefix(setup, cut, self._order, self.photos, augmented, self.micro_batch)

    def batches(self, phase: Phase, epoch: int) -> list[list[int]]:
        """Which photos each step takes: shuffled by seed and epoch in training."""
        return self._order.batches(phase, epoch)

    def resume(self, views: int | None) -> None:
        """Take the views that the run has taken so far, whatever there is room for now."""
        if views is not None and views != self.views:
            self.views = views
            self._make_cache(views, worth_caching(self._recipe, views))

    def decode_ahead(self, phase: Phase, epoch: int, first: int) -> None:
        """Begin to decode the photos of the steps from `first` on, as far as they are needed.

        A phase that begins tries again what the computer refused in an earlier one.
        """
        if first == 0:
            self.retry()
        if phase == "train" and 0 < self.views < epoch and not self._strategy.cached_views:
            self._make_cache(self.views, self.views)  # there are more epochs than once planned
        batches = self.batches(phase, epoch)
        shards = (shard_of(phase, epoch, n, batches[n]) for n in range(first, len(batches)))
        self.photos.decode_ahead([i for shard in shards for i in self._strategy.to_decode(shard)])

    def retry(self) -> None:
        """Try to read the photos that the computer refused before."""
        if readable := self.photos.retry():
            self._strategy.forget(readable)

    def batch(self, shard: Shard) -> Batch:
        """This process's work in a step; photos that cannot be read are left out."""
        return self._prefetcher.take(shard)

    def prefetch(self, shard: Shard) -> None:
        """Let a GPU begin with the shard that `batch` will be asked for next."""
        self._prefetcher.begin(shard)

    @property
    def cut(self) -> str:
        """The frozen operations whose values are cached, by name; empty where none are."""
        return self._strategy.cut

    @property
    def epochs_to_fill(self) -> int:
        """Epochs until no photo goes through the frozen layers any more; 0: no epoch differs."""
        return self._strategy.epochs_to_fill

    def close(self) -> None:
        """Give up what is still waiting to be decoded, and the memory of what was."""
        self._prefetcher.close()
        self.photos.close()
        self._strategy.close()

    def _make_cache(self, least: int, most: int) -> None:
        """Make room for as many views as fit, in every process for the same number."""
        self._strategy.make_cache(least, most)
        views = self._strategy.cached_views
        everywhere = min(distributed.gather(views))
        if everywhere < views:
            self._strategy.make_cache(everywhere, everywhere)
        if most:
            self.views = everywhere


def _cut_model(setup: Setup) -> Cut | None:
    """The model before and after its last frozen layer, or None."""
    size = setup.recipe.image_size
    sample = torch.zeros(2, 3, size, size, dtype=torch.uint8, device=setup.compute.device)
    sample[1] = 255
    cut = prefix.cut(setup.model, normalise(sample, setup.entry.statistics))
    if cut is None:
        log.info("frozen layers are computed in every epoch: this model cannot be cut there.")
    return cut
