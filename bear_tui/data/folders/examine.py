"""Open every photo once: can it be read, what is it, and is another its duplicate."""

import os
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.data.digest import sha256_of
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.parallel import Progress, in_threads
from bear_tui.data.photos.perceptual import near_duplicates, perceptual_hash
from bear_tui.data.photos.photo import PhotoError, load

# A JPEG may be decoded at this size; its whole stream is still read.
_DECODED_SIZE = 64


@dataclass(frozen=True)
class Examined:
    """The result for one photo."""

    photo: Photo
    format: str = ""
    size: tuple[int, int] = (0, 0)
    animated: bool = False
    error: PhotoError | None = None
    sha256: str | None = None
    """None if no other photo has as many bytes, or if it cannot be read."""
    visual_hash: bytes | None = None
    """The perceptual hash; None for a blank picture, or if it cannot be read."""


def examine(
    photos: Sequence[Photo],
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> list[Examined]:
    """Decode every photo, and hash those that have as many bytes as another."""
    lengths = [_length(photo.path) for photo in photos]
    counts = Counter(lengths)
    work = [(photo, counts[length] > 1) for photo, length in zip(photos, lengths, strict=True)]
    return list(in_threads(_examine, work, progress, cancelled))


def exact_duplicates(examined: Sequence[Examined]) -> list[list[Examined]]:
    """Return groups of readable photos with the same bytes, each in the given order."""
    groups: dict[str, list[Examined]] = {}
    for result in examined:
        if result.sha256 is not None:
            groups.setdefault(result.sha256, []).append(result)
    return [group for group in groups.values() if len(group) > 1]


def visual_duplicates(
    examined: Sequence[Examined], cancelled: threading.Event | None = None
) -> list[list[Examined]]:
    """Return groups of photos that look the same, exact duplicates too, each in the given order.

    Raises Cancelled.
    """
    groups = near_duplicates([result.visual_hash for result in examined], cancelled)
    return [[examined[index] for index in group] for group in groups]


def duplicate_kind(photo: Photo, others: Sequence[Photo]) -> str:
    """Return the worst kind of problem that `photo` has as a duplicate of `others`."""
    if any(other.label != photo.label for other in others):
        return "duplicate_across_classes"
    if any(other.split != photo.split for other in others):
        return "duplicate_across_splits"
    return "duplicate"


def _examine(work: tuple[Photo, bool]) -> Examined:
    photo, hashed = work
    try:
        loaded = load(photo.path, _DECODED_SIZE)
        sha256 = sha256_of(photo.path) if hashed else None
    except PhotoError as error:
        return Examined(photo, error=error)
    except OSError as error:
        return Examined(photo, error=PhotoError("unreadable", error.strerror or str(error)))
    visual_hash = perceptual_hash(loaded.image)
    return Examined(photo, loaded.format, loaded.size, loaded.animated, None, sha256, visual_hash)


def _length(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        # Reading it will say what is wrong.
        return -1
