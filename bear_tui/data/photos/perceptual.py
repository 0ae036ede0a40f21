"""Find near duplicates by perceptual hash: one photo in several sizes, qualities or formats."""

import threading
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bear_tui.data.parallel import stop_if

_SIDE = 16
BITS = _SIDE * _SIDE

# Measured on 636 real photos. Of their copies (half, quarter and double size, JPEG down to
# quality 20, WebP, grey, brighter) 95% differ in at most 25 bits and the worst in 44. The closest
# two different photos differ in 47. In a burst, a camera that moves by 2% of the width takes
# different photos (157 of 159); one that turns by 1 degree takes the same photo (157 of 159).
NEAR = 32

# A picture whose neighbouring patches differ by no more than this is blank.
_LEAST_CONTRAST = 4

# Rows compared at a time: 16 MB of results.
_TILE = 2048


def perceptual_hash(image: Image.Image) -> bytes | None:
    """Return 256 bits: is each of 16 x 16 patches brighter than its left neighbour. None if blank.

    This is the difference hash (Krawetz 2013, "Kind of like that"). With its 64 bits it cannot
    tell a resized copy from another teddy bear in the same pose.
    """
    small = image.resize((_SIDE + 1, _SIDE), Image.Resampling.BOX).convert("L")
    pixels = np.asarray(small, dtype=np.int16)
    steps = np.diff(pixels, axis=1)
    if np.abs(steps).max() <= _LEAST_CONTRAST:
        return None
    return np.packbits(steps > 0).tobytes()


def near_duplicates(
    hashes: Sequence[bytes | None], cancelled: threading.Event | None = None
) -> list[list[int]]:
    """Return groups of indices whose hashes are near, directly or through others of the group.

    Compares every pair: 10,000 photos take about a second. Raises Cancelled.
    """
    indices, rows = _packed(hashes)
    group = np.arange(len(indices))
    for first, second in _near_pairs(rows, cancelled):
        for row, other in zip(first.tolist(), second.tolist(), strict=True):
            low, high = sorted((group[row], group[other]))
            if low != high:
                group[group == high] = low
    members: dict[int, list[int]] = {}
    for index, number in zip(indices, group.tolist(), strict=True):
        members.setdefault(number, []).append(index)
    return [near for near in members.values() if len(near) > 1]


def nearest(hashes: Sequence[bytes | None], others: Sequence[bytes | None]) -> list[int | None]:
    """Return for each hash the index of the nearest of `others`; None if none is near."""
    result: list[int | None] = [None] * len(hashes)
    indices, rows = _packed(hashes)
    other_indices, other_rows = _packed(others)
    for top in range(0, len(rows), _TILE):
        upper = _signs(rows[top : top + _TILE])
        best = np.full(len(upper), BITS - 2 * NEAR - 1, dtype=np.float32)
        for left in range(0, len(other_rows), _TILE):
            alike = upper @ _signs(other_rows[left : left + _TILE]).T
            most = alike.max(axis=1)
            for row in np.nonzero(most > best)[0].tolist():
                result[indices[top + row]] = other_indices[left + int(alike[row].argmax())]
            best = np.maximum(best, most)
    return result


def _packed(hashes: Sequence[bytes | None]) -> tuple[list[int], NDArray[np.uint8]]:
    """Return the indices of the hashes that are not None, and their bytes [hashes, BITS // 8]."""
    indices = [index for index, digest in enumerate(hashes) if digest is not None]
    packed = b"".join(digest for digest in hashes if digest is not None)
    return indices, np.frombuffer(packed, dtype=np.uint8).reshape(len(indices), BITS // 8)


def _near_pairs(
    rows: NDArray[np.uint8], cancelled: threading.Event | None
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    for top in range(0, len(rows), _TILE):
        upper = _signs(rows[top : top + _TILE])
        for left in range(0, top + 1, _TILE):
            stop_if(cancelled)
            lower = upper if left == top else _signs(rows[left : left + _TILE])
            # The product of two rows of +1 and -1 is the number of equal bits minus the others.
            near = upper @ lower.T >= BITS - 2 * NEAR
            first, second = np.nonzero(np.tril(near, -1) if left == top else near)
            yield first + top, second + left


def _signs(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.unpackbits(rows, axis=1).astype(np.float32) * 2 - 1
