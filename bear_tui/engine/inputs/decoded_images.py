"""Photos as tensors: decoded once, by threads, ahead of time, and cached as bytes."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from bear_tui import machine
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.photos.photo import PhotoError, load_square
from bear_tui.engine.inputs import row_storage
from bear_tui.engine.inputs.row_storage import Rows
from bear_tui.errors import Failure
from bear_tui.recipe import Framing, Interpolation

log = logging.getLogger(__name__)

# Beyond this share of the free memory, photos are kept in a memory-mapped file.
_MEMORY_SHARE = 0.5


class DecodedImages:
    """Decoded photos as bytes, each decoded when first needed.

    An unreadable photo is named in the log and left out of its batch, until `retry`.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        labels: Sequence[int],
        size: int,
        framing: Framing = "pad",
        interpolation: Interpolation = "bilinear",
    ) -> None:
        self.photos = tuple(photos)
        self.labels = torch.tensor(labels, dtype=torch.long)
        self.size = size
        self._framing = framing
        self._interpolation = interpolation
        self.unreadable: set[int] = set()
        self.refused: set[int] = set()
        """The unreadable photos that may be readable another time, such as after a lost network."""
        self._store = _allocate(len(photos), size)
        self._pool = ThreadPoolExecutor(machine.cpus(), thread_name_prefix="photos")
        self._pending: dict[int, Future[None]] = {}
        self._ready = [False] * len(photos)

    def __len__(self) -> int:
        return len(self.photos)

    def decode_ahead(self, order: Sequence[int]) -> None:
        """Begin to decode, in this order, the photos that are not decoded yet."""
        for index in order:
            if not self._ready[index] and index not in self._pending:
                self._pending[index] = self._pool.submit(self._decode, index)

    def batch(self, indices: Sequence[int]) -> tuple[Tensor, Tensor, list[int]]:
        """Return uint8 `[batch, 3, size, size]`, labels `[batch]`, and which photos these are."""
        self.decode_ahead(indices)
        for index in indices:
            future = self._pending.pop(index, None)
            if future is not None:
                future.result()
        readable = [index for index in indices if index not in self.unreadable]
        chosen = torch.tensor(readable, dtype=torch.long)
        return self._store.take(chosen, row_storage.CPU), self.labels[chosen], readable

    def retry(self) -> list[int]:
        """Decode again what could not be read just now; return the photos that can be read."""
        refused = sorted(self.refused)
        for index in refused:
            self._ready[index] = False
        self.decode_ahead(refused)
        for index in refused:
            self._pending.pop(index).result()
        readable = [index for index in refused if index not in self.unreadable]
        for index in readable:
            log.info("read after all: %s", self.photos[index].path)
        return readable

    def close(self) -> None:
        """Cancel what is not decoded yet."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _decode(self, index: int) -> None:
        path = self.photos[index].path
        try:
            pixels = load_square(path, self.size, self._framing, self._interpolation)
        except PhotoError as error:
            if index not in self.unreadable:
                log.warning("left out: %s: %s (%s)", path, error.detail, error.kind)
            self.unreadable.add(index)
            if error.passing:
                self.refused.add(index)
        else:
            image = torch.from_numpy(pixels).permute(2, 0, 1)
            self._store.put(torch.tensor([index]), image[None])
            self.unreadable.discard(index)
            self.refused.discard(index)
        self._ready[index] = True


def _allocate(count: int, size: int) -> Rows:
    # Channels last: as decoded, and fastest for convolutions.
    like = torch.empty(1, size, size, 3, dtype=torch.uint8).permute(0, 3, 1, 2)
    rows = row_storage.in_memory(
        count, [like], row_storage.CPU, _MEMORY_SHARE
    ) or row_storage.in_file(count, [like])
    if rows is None:
        needed = count * like.numel()
        raise Failure(
            f"{count:,} photos at {size} pixels need {needed / 1e9:.1f} GB, more than half of the "
            "memory and more than half of what is free in the cache folder; use a smaller "
            "--image-size or fewer photos."
        )
    return rows[0]
