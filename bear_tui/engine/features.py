"""Values kept at the cut, a row for each view of a photo, filled when first needed."""

import logging
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from bear_tui.engine import store
from bear_tui.engine.device import Compute
from bear_tui.engine.store import Rows

log = logging.getLogger(__name__)

_MEMORY_SHARE = 0.4
"""The part of the free memory that kept values may take."""

Values = Callable[[int, int], tuple[Sequence[int], list[int], list[Tensor]]]
"""(view, photo) to what is computed together: photos, those of them readable, their values."""


class Features:
    """What the frozen layers make of training photos, in `views` views each, and of others in one.

    `values` computes a photo with those that go through the frozen layers together with it.
    """

    def __init__(
        self, values: Values, rows: list[Rows], train_photos: int, photos: int, views: int
    ) -> None:
        self.views = views
        self._values = values
        self._rows = rows
        self._train_photos = train_photos
        self._others = photos - train_photos
        self._known: set[int] = set()
        self._unreadable: set[int] = set()

    def batch(
        self, indices: Sequence[int], view: int, device: torch.device
    ) -> tuple[list[Tensor], list[int]]:
        """Values `[batch, ...]` of the photos that could be read, and which these are."""
        for index in indices:
            if self._row(view, index) not in self._known:
                self._fill(view, index)
        kept = [index for index in indices if index not in self._unreadable]
        chosen = torch.tensor([self._row(view, index) for index in kept], dtype=torch.long)
        return [row.take(chosen, device) for row in self._rows], kept

    def _fill(self, view: int, index: int) -> None:
        together, kept, values = self._values(view, index)
        self._known.update(self._row(view, one) for one in together)
        self._unreadable.update(set(together) - set(kept))
        where = torch.tensor([self._row(view, one) for one in kept], dtype=torch.long)
        for row, value in zip(self._rows, values, strict=bool(kept)):
            row.put(where, value)

    def _row(self, view: int, index: int) -> int:
        """Photos that are not trained on come first; of those there is one view."""
        if index >= self._train_photos:
            return index - self._train_photos
        return self._others + view * self._train_photos + index


def make_features(
    values: Values,
    likes: list[Tensor],
    photos: int,
    train_photos: int,
    views: int,
    compute: Compute,
) -> Features | None:
    """Room for the values: in memory, else in a file, else for those of validation photos alone.

    `likes` are values of some photos.
    """
    others = photos - train_photos
    for wanted in dict.fromkeys((views, 0)):
        rows = others + wanted * train_photos
        size = rows * store.bytes_a_row(likes)
        kept = store.in_memory(rows, likes, compute.device, _MEMORY_SHARE)
        if kept is None:
            kept = store.in_file(rows, likes)
            if kept is not None:
                log.info("values of the frozen layers (%.1f GB) are kept in a file.", size / 1e9)
        if kept is not None:
            return Features(values, kept, train_photos, photos, wanted)
    log.info("frozen layers are computed in every epoch: there is no room to keep their values.")
    return None
