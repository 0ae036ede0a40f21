"""Every photo opened once: can it be read, what is it, and does another show the same."""

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

# A JPEG may be decoded to this size: its whole stream is read all the same.
_ENOUGH = 64


@dataclass(frozen=True)
class Examined:
    """What one photo turned out to be."""

    photo: Photo
    format: str = ""
    size: tuple[int, int] = (0, 0)
    animated: bool = False
    error: PhotoError | None = None
    sha256: str | None = None
    """None where no other photo has as many bytes, or where it cannot be read."""
    visual_hash: bytes | None = None
    """The perceptual hash; None of a blank picture, or where it cannot be read."""


def examine(
    photos: Sequence[Photo],
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> list[Examined]:
    """Decode every photo, and hash those that share their length with another."""
    lengths = [_length(photo.path) for photo in photos]
    found = Counter(lengths)
    work = [(photo, found[length] > 1) for photo, length in zip(photos, lengths, strict=True)]
    return list(in_threads(_examine, work, progress, cancelled))


def exact_duplicates(examined: Sequence[Examined]) -> list[list[Examined]]:
    """Groups of readable photos with the same bytes, each in the order they came."""
    groups: dict[str, list[Examined]] = {}
    for one in examined:
        if one.sha256 is not None:
            groups.setdefault(one.sha256, []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def visual_duplicates(
    examined: Sequence[Examined], cancelled: threading.Event | None = None
) -> list[list[Examined]]:
    """Groups of photos that show the same, with the same bytes or others, in the order they came.

    Raises Cancelled.
    """
    groups = near_duplicates([one.visual_hash for one in examined], cancelled)
    return [[examined[place] for place in group] for group in groups]


def duplicate_kind(photo: Photo, others: Sequence[Photo]) -> str:
    """How bad it is that `photo` shows the same as `others`."""
    if any(other.label != photo.label for other in others):
        return "duplicate_across_classes"
    if any(other.split != photo.split for other in others):
        return "duplicate_across_splits"
    return "duplicate"


def _examine(work: tuple[Photo, bool]) -> Examined:
    photo, hashed = work
    try:
        found = load(photo.path, _ENOUGH)
        sha256 = sha256_of(photo.path) if hashed else None
    except PhotoError as error:
        return Examined(photo, error=error)
    except OSError as error:
        return Examined(photo, error=PhotoError("unreadable", error.strerror or str(error)))
    look = perceptual_hash(found.image)
    return Examined(photo, found.format, found.size, found.animated, None, sha256, look)


def _length(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        # Reading it will say what is wrong.
        return -1
