"""Storage for many rows of tensors: in memory, else in a file that ends with the process."""

import math
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bear_tui import paths
from bear_tui.engine.compute.device import free_memory, to_device

_DISK_SHARE = 0.5
"""The share of the free disk that a file may take."""

CPU = torch.device("cpu")

_deciding = threading.Lock()
_promised: "weakref.WeakSet[Rows]" = weakref.WeakSet()
"""Rows in main memory: the system counts it as free until they are written to."""


class Rows:
    """A row for each photo, in the memory layout of the values that are stored in it.

    BatchNorm adds numbers up in the order of memory, so the layout decides the last bit.
    """

    def __init__(self, storage: Tensor, like: Tensor) -> None:
        self._storage = storage
        self._order = _order(like)
        self._back = tuple(torch.tensor(self._order).argsort().tolist())
        self._written = 0

    @property
    def device(self) -> torch.device:
        """The device of the storage."""
        return self._storage.device

    @property
    def nbytes(self) -> int:
        """The bytes of all rows."""
        return self._storage.nbytes

    @property
    def promised(self) -> int:
        """Bytes of the rows that nothing was written to so far."""
        return (len(self._storage) - self._written) * self._storage[:1].nbytes

    def put(self, where: Tensor, values: Tensor) -> None:
        """Store `values` `[rows, ...]` in the rows `where`."""
        place = self._storage.device
        self._storage[to_device(where, place)] = values.permute(self._order).to(place)
        self._written = min(self._written + len(where), len(self._storage))

    def take(self, where: Tensor, device: torch.device) -> Tensor:
        """Return copies of the rows `where`, on `device`."""
        taken = self._storage[to_device(where, self._storage.device)]
        return to_device(taken, device).permute(self._back)

    def all(self) -> Tensor:
        """Return all rows in their memory layout, on the CPU."""
        return self._storage.to(CPU)

    def fill(self, values: Tensor) -> None:
        """Store what `all` returned. Raises ValueError where shape or dtype differ."""
        if (values.shape, values.dtype) != (self._storage.shape, self._storage.dtype):
            raise ValueError(f"{tuple(values.shape)} do not fit {tuple(self._storage.shape)}")
        self._storage.copy_(values)
        self._written = len(self._storage)


def in_memory(
    rows: int, likes: Sequence[Tensor], device: torch.device, share: float
) -> list[Rows] | None:
    """Return storage for `rows` rows of each of `likes`, which have a row for each photo.

    On `device` if they take at most `share` of its free memory, else in main memory; None where
    neither has room. Memory of other rows that are not written yet does not count as free.
    """
    needed = bytes_a_row(likes) * rows
    with _deciding:
        for place in dict.fromkeys((device, CPU)):
            if needed <= share * _unpromised(place):
                made = [
                    Rows(torch.empty(_shape(rows, like), dtype=like.dtype, device=place), like)
                    for like in likes
                ]
                if place == CPU:
                    _promised.update(made)
                return made
    return None


def in_file(rows: int, likes: Sequence[Tensor]) -> list[Rows] | None:
    """Return storage in the cache folder; None where the disk has no room or is read-only.

    The file has no name, so it is gone when the process ends, however that happens.
    """
    if bytes_a_row(likes) * rows > file_room():
        return None
    folder = paths.weights_folder().parent
    try:
        return [Rows(_mapped(folder, _shape(rows, like), like.dtype), like) for like in likes]
    except OSError:  # a quota that the free space does not show
        return None


def _unpromised(place: torch.device) -> int:
    promised = sum(rows.promised for rows in _promised) if place == CPU else 0
    return max(0, free_memory(place) - promised)


def memory_room(device: torch.device, share: float) -> int:
    """Return for how many bytes `in_memory` has room."""
    return max(int(share * _unpromised(place)) for place in (device, CPU))


def file_room() -> int:
    """Return for how many bytes `in_file` has room; a quota may allow less."""
    try:
        folder = paths.weights_folder().parent
        folder.mkdir(parents=True, exist_ok=True)
        return int(_DISK_SHARE * shutil.disk_usage(folder).free)
    except OSError:  # read-only
        return 0


def bytes_a_row(likes: Sequence[Tensor]) -> int:
    """Return the bytes of one photo's rows."""
    return sum(math.prod(like.shape[1:]) * like.element_size() for like in likes)


def _order(like: Tensor) -> tuple[int, ...]:
    """Return the dimensions by decreasing stride, photos first."""
    strides = like.stride()
    return (0, *sorted(range(1, like.dim()), key=lambda dimension: -strides[dimension]))


def _shape(rows: int, like: Tensor) -> tuple[int, ...]:
    return (rows, *(like.shape[dimension] for dimension in _order(like)[1:]))


def _mapped(folder: Path, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    size = math.prod(shape) * dtype.itemsize
    with tempfile.TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):
            # Allocated now: on a full disk, writing to a sparse file kills the process with SIGBUS.
            os.posix_fallocate(file.fileno(), 0, size)
        mapped = np.memmap(file, dtype=np.uint8, mode="w+", shape=(size,))
        return torch.from_numpy(mapped).view(dtype).view(shape)
