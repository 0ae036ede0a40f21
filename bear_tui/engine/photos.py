"""Photos as tensors: decoded once, by threads, ahead of need, and kept as bytes."""

import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from bear_tui import paths
from bear_tui.data.inventory import Photo
from bear_tui.data.photo import PhotoError, load_square
from bear_tui.engine.device import free_memory
from bear_tui.errors import Failure

log = logging.getLogger(__name__)

# Beyond this share of the memory that is free, photos are kept in a file that is mapped in.
_MEMORY_SHARE = 0.5


class Photos:
    """Decoded photos `[photos, size, size, 3]`, filled when first needed.

    A photo that cannot be read is named in the log and left out of its batch, every time.
    """

    def __init__(self, photos: Sequence[Photo], labels: Sequence[int], size: int) -> None:
        self.photos = tuple(photos)
        self.labels = torch.tensor(labels, dtype=torch.long)
        self.size = size
        self.unreadable: set[int] = set()
        self._store = _allocate(len(photos), size)
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="photos")
        self._pending: dict[int, Future[None]] = {}
        self._ready = [False] * len(photos)

    def __len__(self) -> int:
        return len(self.photos)

    def ahead(self, order: Sequence[int]) -> None:
        """Begin to decode in this order, those that are not decoded yet."""
        for index in order:
            if not self._ready[index] and index not in self._pending:
                self._pending[index] = self._pool.submit(self._decode, index)

    def batch(self, indices: Sequence[int]) -> tuple[Tensor, Tensor, list[int]]:
        """uint8 `[batch, 3, size, size]`, labels `[batch]`, and which photos these are."""
        self.ahead(indices)
        for index in indices:
            future = self._pending.pop(index, None)
            if future is not None:
                future.result()
        kept = [index for index in indices if index not in self.unreadable]
        chosen = torch.tensor(kept, dtype=torch.long)
        # Stored with the channels last, as decoded; permuting makes no copy.
        return self._store[chosen].permute(0, 3, 1, 2), self.labels[chosen], kept

    def close(self) -> None:
        """Give up what is still waiting to be decoded."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _decode(self, index: int) -> None:
        path = self.photos[index].path
        try:
            pixels = load_square(path, self.size)
        except PhotoError as error:
            self.unreadable.add(index)
            log.warning("left out: %s: %s (%s)", path, error.detail, error.kind)
        else:
            self._store[index] = torch.from_numpy(pixels)
        self._ready[index] = True


def _allocate(count: int, size: int) -> Tensor:
    shape = (count, size, size, 3)
    needed = count * size * size * 3
    if needed < free_memory(torch.device("cpu")) * _MEMORY_SHARE:
        return torch.empty(shape, dtype=torch.uint8)
    folder = paths.weights_folder().parent
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Failure(
            f"{count:,} photos at {size} pixels need {needed / 1e9:.1f} GB, more than half of the "
            f"memory and more than the {free / 1e9:.1f} GB free at {folder}; use a smaller "
            "--image-size or fewer photos."
        )
    # The file has no name any more, so nothing is left behind however the process ends.
    with tempfile.TemporaryFile(dir=folder) as file:
        return torch.from_numpy(np.memmap(file, dtype=np.uint8, mode="w+", shape=shape))
