"""Photos that a part learned from shows too: copies in another size or format."""

from collections.abc import Sequence
from typing import NamedTuple

from bear_tui.data.dataset import Dataset
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.parallel import Progress
from bear_tui.data.photos.hash_cache import perceptual_hashes
from bear_tui.data.photos.perceptual import near_duplicates, nearest

_MOST_COMPARED = 40_000
"""All pairs of so many photos take some 20 s on two cores; of more, only equal hashes are found."""


class Lookalike(NamedTuple):
    """A test or validation photo, and the photo of an earlier part that shows the same."""

    asked: Photo
    other: Photo


def lookalikes(dataset: Dataset, progress: Progress | None = None) -> list[Lookalike]:
    """For each test photo the likest training photo and validation photo, where they show the same,
    and for each validation photo the likest training photo.

    Only those of the same class: one of another class flatters no result. A photo whose look is
    not known yet is decoded. `progress` may raise, and ends it.
    """
    photos = (*dataset.test, *dataset.train, *dataset.validation)
    known = perceptual_hashes(dataset.root, [photo.file for photo in photos], progress)
    found: list[Lookalike] = []
    for asked, others in (
        (dataset.test, dataset.train),
        (dataset.test, dataset.validation),
        (dataset.validation, dataset.train),
    ):
        by_label, others_by_label = _by_label(asked), _by_label(others)
        for label, mine in by_label.items():
            theirs = others_by_label.get(label, [])
            places = nearest([known[one.file] for one in mine], [known[one.file] for one in theirs])
            for photo, place in zip(mine, places, strict=True):
                if place is not None:
                    found.append(Lookalike(photo, theirs[place]))
    return found


def similar_groups(dataset: Dataset, progress: Progress | None = None) -> dict[str, int]:
    """The group of each photo, by its path, that shows the same as another of those that a seed
    parts; nothing where folders name every part."""
    if not dataset.by_seed:
        return {}
    parts = [dataset.train, *(getattr(dataset, split) for split in dataset.by_seed)]
    files = sorted(photo.file for photos in parts for photo in photos)
    known = perceptual_hashes(dataset.root, files, progress)
    found = _groups([known[file] for file in files])
    return {files[place]: number for number, group in enumerate(found) for place in group}


def _groups(hashes: Sequence[bytes | None]) -> list[list[int]]:
    if len(hashes) <= _MOST_COMPARED:
        return near_duplicates(hashes)
    places: dict[bytes, list[int]] = {}
    for place, look in enumerate(hashes):
        if look is not None:
            places.setdefault(look, []).append(place)
    return [group for group in places.values() if len(group) > 1]


def _by_label(photos: Sequence[Photo]) -> dict[str, list[Photo]]:
    found: dict[str, list[Photo]] = {}
    for photo in photos:
        found.setdefault(photo.label, []).append(photo)
    return found
