"""Room for many rows of tensors: in memory, else in a file that ends with the process."""

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
"""The part of the free disk that a file may take."""

CPU = torch.device("cpu")

_deciding = threading.Lock()
_promised: "weakref.WeakSet[Rows]" = weakref.WeakSet()
"""Rows in the computer's memory, which the system counts as free until they are written to."""


class Rows:
    """A row a photo, each laid out in memory as the values given to it are.

    The order in memory is that in which a BatchNorm adds numbers up, and so decides the last bit.
    """

    def __init__(self, kept: Tensor, like: Tensor) -> None:
        self._kept = kept
        self._order = _order(like)
        self._back = tuple(torch.tensor(self._order).argsort().tolist())
        self._written = 0

    @property
    def device(self) -> torch.device:
        """Where they lie."""
        return self._kept.device

    @property
    def nbytes(self) -> int:
        """What all rows take."""
        return self._kept.nbytes

    @property
    def promised(self) -> int:
        """Bytes of rows that nothing was written to so far."""
        return (len(self._kept) - self._written) * self._kept[:1].nbytes

    def put(self, where: Tensor, values: Tensor) -> None:
        """Keep `values` `[rows, ...]`."""
        place = self._kept.device
        self._kept[to_device(where, place)] = values.permute(self._order).to(place)
        self._written = min(self._written + len(where), len(self._kept))

    def take(self, where: Tensor, device: torch.device) -> Tensor:
        """Copies of these rows, on `device`."""
        taken = self._kept[to_device(where, self._kept.device)]
        return to_device(taken, device).permute(self._back)

    def all(self) -> Tensor:
        """Every row as it lies in memory, on the CPU."""
        return self._kept.to(CPU)

    def fill(self, kept: Tensor) -> None:
        """Take over what `all` gave. Raises ValueError where it has another form."""
        if (kept.shape, kept.dtype) != (self._kept.shape, self._kept.dtype):
            raise ValueError(f"{tuple(kept.shape)} do not fit {tuple(self._kept.shape)}")
        self._kept.copy_(kept)
        self._written = len(self._kept)


def in_memory(
    rows: int, likes: Sequence[Tensor], device: torch.device, share: float
) -> list[Rows] | None:
    """Room for `rows` rows of each of `likes`, which have a row a photo already.

    On `device` where they take at most `share` of its free memory, else in the computer's own;
    None where neither has room. What rows made before will take is not free.
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
    """The same in the cache folder; None where the disk has no room or may not be written to.

    The file has no name, so nothing is left behind, however the process ends.
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
    """Bytes for which `in_memory` has room."""
    return max(int(share * _unpromised(place)) for place in (device, CPU))


def file_room() -> int:
    """Bytes for which `in_file` has room; a quota may allow less."""
    try:
        folder = paths.weights_folder().parent
        folder.mkdir(parents=True, exist_ok=True)
        return int(_DISK_SHARE * shutil.disk_usage(folder).free)
    except OSError:  # read-only
        return 0


def bytes_a_row(likes: Sequence[Tensor]) -> int:
    """What one photo takes."""
    return sum(math.prod(like.shape[1:]) * like.element_size() for like in likes)


def _order(like: Tensor) -> tuple[int, ...]:
    """Its dimensions from the one with the largest steps in memory; photos first."""
    strides = like.stride()
    return (0, *sorted(range(1, like.dim()), key=lambda dimension: -strides[dimension]))


def _shape(rows: int, like: Tensor) -> tuple[int, ...]:
    return (rows, *(like.shape[dimension] for dimension in _order(like)[1:]))


def _mapped(folder: Path, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    size = math.prod(shape) * dtype.itemsize
    with tempfile.TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):
            # Room that is only promised kills the process with SIGBUS when the disk is full.
            os.posix_fallocate(file.fileno(), 0, size)
        mapped = np.memmap(file, dtype=np.uint8, mode="w+", shape=(size,))
        return torch.from_numpy(mapped).view(dtype).view(shape)
