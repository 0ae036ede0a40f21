"""Values kept at the cut, a row for each view of a photo, filled when first needed."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bear_tui.engine.compute.device import Compute
from bear_tui.engine.inputs import activation_disk_cache as kept_values
from bear_tui.engine.inputs import row_storage
from bear_tui.engine.inputs.row_storage import Rows
from bear_tui.recipe import Recipe

log = logging.getLogger(__name__)

_WORTH_KEEPING = 2.0
"""Seconds of computing from which values are kept for later runs."""

_MEMORY_SHARE = 0.4
"""The part of the free memory that kept values may take."""

Values = Callable[[int, int], tuple[Sequence[int], list[int], list[Tensor]]]
"""(view, photo) to what is computed together: photos, those of them readable, their values."""


class Features:
    """What the frozen layers make of training photos, in `views` views each, and of others in one.

    `values` computes a photo with those that go through the frozen layers together with it. Under
    `key`, what was computed is kept for later runs; without one it is not.
    """

    def __init__(
        self,
        values: Values,
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
        self._values = values
        self._rows = rows
        self._train_photos = train_photos
        self._others = photos - train_photos
        self._known: set[int] = set()
        self._unreadable: set[int] = set()
        if key:
            self._take_over(key)

    def batch(
        self, indices: Sequence[int], view: int, device: torch.device
    ) -> tuple[list[Tensor], list[int]]:
        """Values `[batch, ...]` of the photos that could be read, and which these are."""
        for index in indices:
            if not self.knows(view, index):
                self._fill(view, index)
        kept = [index for index in indices if index not in self._unreadable]
        chosen = torch.tensor([self._row(view, index) for index in kept], dtype=torch.long)
        return [row.take(chosen, device) for row in self._rows], kept

    def knows(self, view: int, index: int) -> bool:
        """Whether this view of a photo needs no computing."""
        return self._row(view, index) in self._known

    def forget(self, indices: Sequence[int]) -> None:
        """Compute these photos anew: they can be read now."""
        self._unreadable.difference_update(indices)
        views = range(self.views or 1)
        self._known -= {self._row(view, index) for view in views for index in indices}

    def keep_nothing(self) -> None:
        """Of these photos for later runs, which may be able to read more of them."""
        self._key = ""

    def close(self) -> None:
        """Wait until what is being kept for later runs is on disk."""
        if self._saving is not None:
            self._saving.join()

    def _take_over(self, key: str) -> None:
        found = kept_values.load(key)
        if found is None:
            return
        values, unreadable = found
        try:
            for row, value in zip(self._rows, values, strict=True):
                row.fill(value)
        except ValueError:
            return
        log.info("the frozen layers saw these photos in an earlier run: their values are used.")
        self._known = set(range(self._rows_in_all))
        self._unreadable = set(unreadable)
        self._key = ""  # nothing new to keep

    @property
    def complete(self) -> bool:
        """Whether nothing is left to compute."""
        return len(self._known) == self._rows_in_all

    @property
    def _rows_in_all(self) -> int:
        return self._others + self.views * self._train_photos

    def _keep(self) -> None:
        """Once all is known, for later runs, while the training goes on."""
        if not self._key or len(self._known) < self._rows_in_all:
            return
        key, self._key = self._key, ""
        needed = sum(row.nbytes for row in self._rows)
        # Asked before a GPU's values are copied.
        if self._seconds >= _WORTH_KEEPING and kept_values.has_room(needed):
            rows = [row.all() for row in self._rows]
            self._saving = threading.Thread(
                target=kept_values.save, args=(key, rows, sorted(self._unreadable)), name="keeping"
            )
            self._saving.start()

    def _fill(self, view: int, index: int) -> None:
        start = time.monotonic()
        together, kept, values = self._values(view, index)
        self._known.update(self._row(view, one) for one in together)
        self._unreadable.update(set(together) - set(kept))
        where = torch.tensor([self._row(view, one) for one in kept], dtype=torch.long)
        for row, value in zip(self._rows, values, strict=bool(kept)):
            row.put(where, value)
        self._seconds += time.monotonic() - start
        self._keep()

    def _row(self, view: int, index: int) -> int:
        """Photos that are not trained on come first; of those there is one view."""
        if index >= self._train_photos:
            return index - self._train_photos
        return self._others + view * self._train_photos + index


def views_of(recipe: Recipe) -> int:
    """The views of a training photo that epochs take in turn; 0: each has new ones."""
    if recipe.mixup:
        return 0  # what is mixed is never seen again
    return 1 if recipe.augment == "none" else recipe.views


def worth_keeping(recipe: Recipe, views: int) -> int:
    """So many of these views are kept: none where no epoch takes one again."""
    return 0 if recipe.augment != "none" and views >= recipe.epochs else views


def fitting(most: int, others: int, train_photos: int, bytes_a_row: int, room: int) -> int:
    """The most views, up to `most`, of which the values fit into `room` bytes; else 0.

    Of several one alone is none: every epoch would see the same.
    """
    found = min(most, (room // bytes_a_row - others) // train_photos)
    return found if found >= min(most, 2) else 0


def make_features(
    values: Values,
    likes: list[Tensor],
    photos: int,
    train_photos: int,
    least: int,
    most: int,
    compute: Compute,
    key: Callable[[int], str],
) -> Features | None:
    """Room for the values of `least` to `most` views: in memory, else in a file, else of none.

    Those of photos that are not trained on are kept in any case. `likes` are values of some photos;
    `key` gives the name under which those of so many views are kept for later runs.
    """
    others, each = photos - train_photos, row_storage.bytes_a_row(likes)
    for upto in dict.fromkeys((most, 0)):
        for in_file in (False, True):
            room = row_storage.file_room() if in_file else memory_room(compute.device)
            wanted = fitting(upto, others, train_photos, each, room)
            if upto and wanted < least:
                continue
            rows = others + wanted * train_photos
            if in_file:
                kept = row_storage.in_file(rows, likes)
            else:
                kept = row_storage.in_memory(rows, likes, compute.device, _MEMORY_SHARE)
            if kept is not None:
                if in_file:
                    size = rows * each / 1e9
                    log.info("values of the frozen layers (%.1f GB) are kept in a file.", size)
                if wanted < most:
                    log.info("there is room to keep %s views of each photo, not %s.", wanted, most)
                return Features(values, kept, train_photos, photos, wanted, key(wanted))
    log.info("frozen layers are computed in every epoch: there is no room to keep their values.")
    return None


def memory_room(device: torch.device) -> int:
    """Bytes of memory that kept values may take."""
    return row_storage.memory_room(device, _MEMORY_SHARE)
