"""Find visual duplicates between splits: copies of a photo in another size or format."""

from collections.abc import Sequence
from typing import NamedTuple

from bear_tui.data.dataset import Dataset
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.parallel import Progress
from bear_tui.data.photos.hash_cache import perceptual_hashes
from bear_tui.data.photos.perceptual import near_duplicates, nearest

_MOST_COMPARED = 40_000
"""All pairs of so many photos take 20 s on two cores; beyond, only equal hashes count."""


class Lookalike(NamedTuple):
    """A held-out photo, and the visual duplicate in a split that the model learns from."""

    asked: Photo
    other: Photo


def lookalikes(dataset: Dataset, progress: Progress | None = None) -> list[Lookalike]:
    """Return the nearest duplicate of each test photo among training and validation photos, and
    of each validation photo among training photos.

    Compares photos of the same class only: a duplicate in another class flatters no result.
    Decodes photos whose hash is not cached. An exception from `progress` ends the search.
    """
    photos = (*dataset.test, *dataset.train, *dataset.validation)
    hashes = perceptual_hashes(dataset.root, [photo.file for photo in photos], progress)
    pairs: list[Lookalike] = []
    for asked, others in (
        (dataset.test, dataset.train),
        (dataset.test, dataset.validation),
        (dataset.validation, dataset.train),
    ):
        by_label, others_by_label = _by_label(asked), _by_label(others)
        for label, held_out in by_label.items():
            candidates = others_by_label.get(label, [])
            indices = nearest(
                [hashes[photo.file] for photo in held_out],
                [hashes[photo.file] for photo in candidates],
            )
            for photo, index in zip(held_out, indices, strict=True):
                if index is not None:
                    pairs.append(Lookalike(photo, candidates[index]))
    return pairs


def similar_groups(dataset: Dataset, progress: Progress | None = None) -> dict[str, int]:
    """Return the group of each visual duplicate by its path, among the photos that a seed splits.

    The result is empty if every split has a folder.
    """
    if not dataset.by_seed:
        return {}
    parts = [dataset.train, *(getattr(dataset, split) for split in dataset.by_seed)]
    files = sorted(photo.file for photos in parts for photo in photos)
    hashes = perceptual_hashes(dataset.root, files, progress)
    groups = _groups([hashes[file] for file in files])
    return {files[index]: number for number, group in enumerate(groups) for index in group}


def _groups(hashes: Sequence[bytes | None]) -> list[list[int]]:
    if len(hashes) <= _MOST_COMPARED:
        return near_duplicates(hashes)
    indices: dict[bytes, list[int]] = {}
    for index, digest in enumerate(hashes):
        if digest is not None:
            indices.setdefault(digest, []).append(index)
    return [group for group in indices.values() if len(group) > 1]


def _by_label(photos: Sequence[Photo]) -> dict[str, list[Photo]]:
    by_label: dict[str, list[Photo]] = {}
    for photo in photos:
        by_label.setdefault(photo.label, []).append(photo)
    return by_label
