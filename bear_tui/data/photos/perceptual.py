"""Near duplicates: the same photo in another size, quality or format, told by what it shows."""

import threading
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bear_tui.data.parallel import stop_if

_SIDE = 16
BITS = _SIDE * _SIDE

# Measured on 636 real photos. Of their copies (half, quarter and double size, JPEG down to
# quality 20, WebP, grey, brighter) 95 in 100 differ in at most 25 bits and the worst in 44; of
# two different photos the closest differ in 47. Of photos of one burst those of a camera that moved
# by 2% of the width are different (157 of 159), those it turned by 1 degree the same (157 of 159).
NEAR = 32

# A picture whose neighbours nowhere differ by more than this shows nothing to be compared.
_LEAST_CONTRAST = 4

# Pairs compared at a time: 16 MB of results.
_TILE = 2048


def perceptual_hash(image: Image.Image) -> bytes | None:
    """Whether each of 16 x 16 patches is brighter than the one at its left; None of a blank.

    The difference hash (Krawetz 2013, "Kind of like that") with 256 bits instead of 64, which on
    real photos cannot tell a resized copy from another teddy bear in the same pose.
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
    """Groups of places whose hashes are near each other, directly or by way of others in between.

    Every pair is compared: 10,000 photos take about a second. Raises Cancelled.
    """
    places, rows = _packed(hashes)
    group = np.arange(len(places))
    for first, second in _near_pairs(rows, cancelled):
        for one, other in zip(first.tolist(), second.tolist(), strict=True):
            low, high = sorted((group[one], group[other]))
            if low != high:
                group[group == high] = low
    members: dict[int, list[int]] = {}
    for place, name in zip(places, group.tolist(), strict=True):
        members.setdefault(name, []).append(place)
    return [found for found in members.values() if len(found) > 1]


def nearest(asked: Sequence[bytes | None], others: Sequence[bytes | None]) -> list[int | None]:
    """For each hash the place of the one of `others` that is nearest; None where none is near."""
    found: list[int | None] = [None] * len(asked)
    places, rows = _packed(asked)
    other_places, other_rows = _packed(others)
    for top in range(0, len(rows), _TILE):
        upper = _signs(rows[top : top + _TILE])
        best = np.full(len(upper), BITS - 2 * NEAR - 1, dtype=np.float32)
        for left in range(0, len(other_rows), _TILE):
            alike = upper @ _signs(other_rows[left : left + _TILE]).T
            most = alike.max(axis=1)
            for row in np.nonzero(most > best)[0].tolist():
                found[places[top + row]] = other_places[left + int(alike[row].argmax())]
            best = np.maximum(best, most)
    return found


def _packed(hashes: Sequence[bytes | None]) -> tuple[list[int], NDArray[np.uint8]]:
    """The places of those that are no blanks, and their bytes, a row each."""
    places = [place for place, one in enumerate(hashes) if one is not None]
    packed = b"".join(one for one in hashes if one is not None)
    return places, np.frombuffer(packed, dtype=np.uint8).reshape(len(places), BITS // 8)


def _near_pairs(
    rows: NDArray[np.uint8], cancelled: threading.Event | None
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    for top in range(0, len(rows), _TILE):
        upper = _signs(rows[top : top + _TILE])
        for left in range(0, top + 1, _TILE):
            stop_if(cancelled)
            lower = upper if left == top else _signs(rows[left : left + _TILE])
            # Of two rows of +1 and -1 the product counts equal bits less different ones.
            near = upper @ lower.T >= BITS - 2 * NEAR
            first, second = np.nonzero(np.tril(near, -1) if left == top else near)
            yield first + top, second + left


def _signs(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.unpackbits(rows, axis=1).astype(np.float32) * 2 - 1
