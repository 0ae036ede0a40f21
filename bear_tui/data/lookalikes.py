"""Test photos that a training or validation photo shows too: copies in another size or format."""

from collections.abc import Sequence
from typing import NamedTuple

from bear_tui.data.dataset import Dataset
from bear_tui.data.inventory import Photo
from bear_tui.data.parallel import Progress, in_threads
from bear_tui.data.perceptual import nearest, perceptual_hash
from bear_tui.data.photo import PhotoError, read_photo

# A JPEG may be decoded to this size: much faster, and the hash is the same but for a few bits.
_ENOUGH = 64


class Lookalike(NamedTuple):
    """A test photo, and the photo of another part that shows the same."""

    test: Photo
    other: Photo


def lookalikes(dataset: Dataset, progress: Progress | None = None) -> list[Lookalike]:
    """For each test photo the likest training photo and validation photo, where they show the same.

    Only those of the same class: one of another class flatters no result. Every photo is decoded:
    400 of 320 pixels take 0.2 s. `progress` may raise, and ends it.
    """
    photos = (*dataset.test, *dataset.train, *dataset.validation)
    looks = dict(zip(photos, in_threads(_look, photos, progress), strict=True))
    found: list[Lookalike] = []
    for part in (dataset.train, dataset.validation):
        for label in dataset.classes:
            asked, others = _of(label, dataset.test), _of(label, part)
            places = nearest([looks[one] for one in asked], [looks[one] for one in others])
            for test, place in zip(asked, places, strict=True):
                if place is not None:
                    found.append(Lookalike(test, others[place]))
    return found


def _of(label: str, photos: Sequence[Photo]) -> list[Photo]:
    return [photo for photo in photos if photo.label == label]


def _look(photo: Photo) -> bytes | None:
    try:
        return perceptual_hash(read_photo(photo.path, _ENOUGH))
    except PhotoError:
        return None
