"""Activations at the cut, a row for each view of a photo, computed when first needed."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bear_tui.engine.inputs import activation_disk_cache, row_storage
from bear_tui.engine.inputs.row_storage import Rows
from bear_tui.recipe import Recipe

log = logging.getLogger(__name__)

_WORTH_KEEPING = 2.0
"""Seconds of computing from which activations are kept for later runs."""

_MEMORY_SHARE = 0.4
"""The part of the free memory that cached activations may take."""

Computed = Callable[[int, int], tuple[Sequence[int], list[int], list[Tensor]]]
"""(view, photo) to what is computed together: photos, those of them readable, their activations."""


class ActivationCache:
    """Activations of training photos in `views` views each, and of validation photos in one.

    `compute` computes a photo with those that go through the frozen layers together with it. Under
    `key`, the activations are kept on disk for later runs; without one they are not.
    """

    def __init__(
        self,
        compute: Computed,
        rows: list[Rows],
        train_photos: int,
        photos: int,
        views: int,
        key: str = "",
    ) -> None:
        self.views = views
        self._key = key
        self._seconds = 0.0
        self._saving: threading.Thread | None = None
        self._compute = compute
        self._rows = rows
        self._train_photos = train_photos
        self._validation_photos = photos - train_photos
        self._known: set[int] = set()
        self._unreadable: set[int] = set()
        if key:
            self._load(key)

    def batch(
        self, indices: Sequence[int], view: int, device: torch.device
    ) -> tuple[list[Tensor], list[int]]:
        """Activations `[batch, ...]` of the photos that could be read, and which these are."""
        for index in indices:
            if not self.knows(view, index):
                self._fill(view, index)
        readable = [index for index in indices if index not in self._unreadable]
        chosen = torch.tensor([self._row(view, index) for index in readable], dtype=torch.long)
        return [row.take(chosen, device) for row in self._rows], readable

    def knows(self, view: int, index: int) -> bool:
        """Whether this view of a photo needs no computing."""
        return self._row(view, index) in self._known

    def forget(self, indices: Sequence[int]) -> None:
        """Compute these photos anew: they can be read now."""
        self._unreadable.difference_update(indices)
        views = range(self.views or 1)
        self._known -= {self._row(view, index) for view in views for index in indices}

    def keep_nothing(self) -> None:
        """Keep nothing for later runs, which may be able to read more of these photos."""
        self._key = ""

    def close(self) -> None:
        """Wait until what is kept for later runs is on disk."""
        if self._saving is not None:
            self._saving.join()

    @property
    def complete(self) -> bool:
        """Whether nothing is left to compute."""
        return len(self._known) == self._row_count

    @property
    def _row_count(self) -> int:
        return self._validation_photos + self.views * self._train_photos

    def _load(self, key: str) -> None:
        kept = activation_disk_cache.load(key)
        if kept is None:
            return
        values, unreadable = kept
        try:
            for row, value in zip(self._rows, values, strict=True):
                row.fill(value)
        except ValueError:
            return
        log.info("the frozen layers saw these photos in an earlier run: their values are used.")
        self._known = set(range(self._row_count))
        self._unreadable = set(unreadable)
        self._key = ""  # nothing new to keep

    def _save_when_complete(self) -> None:
        """Keep everything for later runs, in a thread, while the training continues."""
        if not self._key or len(self._known) < self._row_count:
            return
        key, self._key = self._key, ""
        needed = sum(row.nbytes for row in self._rows)
        # Asked before a GPU's values are copied.
        if self._seconds >= _WORTH_KEEPING and activation_disk_cache.has_room(needed):
            rows = [row.all() for row in self._rows]
            self._saving = threading.Thread(
                target=activation_disk_cache.save,
                args=(key, rows, sorted(self._unreadable)),
                name="activation cache",
            )
            self._saving.start()

    def _fill(self, view: int, index: int) -> None:
        start = time.monotonic()
        together, readable, values = self._compute(view, index)
        self._known.update(self._row(view, photo) for photo in together)
        self._unreadable.update(set(together) - set(readable))
        places = torch.tensor([self._row(view, photo) for photo in readable], dtype=torch.long)
        for row, value in zip(self._rows, values, strict=bool(readable)):
            row.put(places, value)
        self._seconds += time.monotonic() - start
        self._save_when_complete()

    def _row(self, view: int, index: int) -> int:
        """Validation photos come first; there is one view of those."""
        if index >= self._train_photos:
            return index - self._train_photos
        return self._validation_photos + view * self._train_photos + index


def views_of(recipe: Recipe) -> int:
    """The views of a training photo that epochs take in turn; 0: each epoch has new ones."""
    if recipe.mixup:
        return 0  # what is mixed is never seen again
    return 1 if recipe.augment == "none" else recipe.views


def worth_caching(recipe: Recipe, views: int) -> int:
    """How many of these views are worth caching: none where no epoch takes one again."""
    return 0 if recipe.augment != "none" and views >= recipe.epochs else views


def fitting(most: int, validation: int, train: int, bytes_a_row: int, room: int) -> int:
    """The most views, up to `most`, whose activations fit into `room` bytes; else 0.

    `validation` and `train` count photos. Of several views one alone counts as none: every epoch
    would see the same.
    """
    views = min(most, (room // bytes_a_row - validation) // train)
    return views if views >= min(most, 2) else 0


def make_cache(
    compute: Computed,
    likes: list[Tensor],
    photos: int,
    train_photos: int,
    least: int,
    most: int,
    device: torch.device,
    key: Callable[[int], str],
) -> ActivationCache | None:
    """Return a cache for `least` to `most` views: in memory, else in a file, else of none.

    Validation photos are cached in any case. `likes` are activations of some photos; `key` gives
    the name under which those of so many views are kept for later runs. None where there is no
    room at all.
    """
    validation, each = photos - train_photos, row_storage.bytes_a_row(likes)
    for upto in dict.fromkeys((most, 0)):
        for in_file in (False, True):
            room = row_storage.file_room() if in_file else memory_room(device)
            views = fitting(upto, validation, train_photos, each, room)
            if upto and views < least:
                continue
            count = validation + views * train_photos
            if in_file:
                rows = row_storage.in_file(count, likes)
            else:
                rows = row_storage.in_memory(count, likes, device, _MEMORY_SHARE)
            if rows is not None:
                if in_file:
                    size = count * each / 1e9
                    log.info("values of the frozen layers (%.1f GB) are kept in a file.", size)
                if views < most:
                    log.info("there is room to keep %s views of each photo, not %s.", views, most)
                return ActivationCache(compute, rows, train_photos, photos, views, key(views))
    log.info("frozen layers are computed in every epoch: there is no room to keep their values.")
    return None


def memory_room(device: torch.device) -> int:
    """Bytes of memory that cached activations may take."""
    return row_storage.memory_room(device, _MEMORY_SHARE)
