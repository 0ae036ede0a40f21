"""What lies in a folder of photos: classes, splits and what stands in the way.

Nothing is decoded here: 100,000 files take about three times a bare walk.
"""

import contextlib
import gc
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Self

from bear_tui.data.walk import Problem, Walk, is_photo, require_folder
from bear_tui.errors import BadInput

SPLITS = ("train", "validation", "test")
LAYOUT = "one folder per class inside it, or train/ and test/ with one folder per class each"

_SPLIT_NAMES = {
    "train": "train",
    "test": "test",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
}


class _Photo(NamedTuple):
    file: str
    """Its path as text: making 100,000 Paths takes longer than listing as many files."""
    label: str
    split: str | None
    """train, validation, test, or None where the folder is not split."""


class Photo(_Photo):
    """A file that should be a photo, and the class that its folder gives it."""

    # A tuple: made in a third of a frozen dataclass's time.
    __slots__ = ()

    def __new__(cls, path: str | Path, label: str, split: str | None) -> Self:
        """`path` as text or not."""
        return cls._make((os.fspath(path), label, split))

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.file)


@dataclass(frozen=True)
class Inventory:
    """What a walk through `root` found."""

    root: Path
    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    problems: tuple[Problem, ...]
    hidden: int
    """Files and folders left out: hidden ones, junk of other programs, photos in no class."""
    splits: tuple[str, ...] = ()
    """The splits that have a folder; empty where the folder is not split."""

    def counts(self) -> dict[str, dict[str, int]]:
        """Photos of each class in each split; in `all` where the folder is not split."""
        found = Counter((photo.label, photo.split) for photo in self.photos)
        splits: tuple[str | None, ...] = self.splits or (None,)
        return {
            name: {split or "all": found[name, split] for split in splits} for name in self.classes
        }


@contextlib.contextmanager
def _without_collections() -> Iterator[None]:
    """Hundreds of thousands of small objects start collections that find nothing: a sixth of it."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


@_without_collections()
def take_inventory(folder: Path) -> Inventory:
    """Find the photos of a folder of class folders, or of train/ and test/ with class folders.

    Folders inside a class folder count for that class. Raises BadInput where there is nothing to
    find, with a sentence that says which layout is needed.
    """
    require_folder(folder)
    walk = Walk()
    folders, files = walk.entries(folder)
    if walk.problems:
        reason = walk.problems[0].detail.partition(":")[0]
        raise BadInput(f"{folder}: {reason}; choose a folder you may read.")
    loose = [entry for entry in files if is_photo(entry.path, entry.name)]
    if not folders:
        here = "photos lie directly in this folder" if loose else "there are no class folders here"
        raise BadInput(f"{folder}: {here}; what is needed is {LAYOUT}.")
    walk.hidden += len(loose)
    named = {entry.name: _SPLIT_NAMES[entry.name.lower()] for entry in folders if _may_split(entry)}
    split_folders = {name: split for name, split in named.items() if _has_folders(folder / name)}
    only_split_names = len(named) == len(folders)
    if "train" in split_folders.values() or (only_split_names and split_folders):
        walk.hidden += len(folders) - len(named)
        return _split_inventory(folder, named, walk)
    if only_split_names and any(_has_photos(folder / name) for name in named):
        name = next(name for name in named if _has_photos(folder / name))
        raise BadInput(
            f"{folder / name}: photos lie directly in this folder; put them into one folder per "
            "class inside it."
        )
    return _plain_inventory(folder, [entry.name for entry in folders], walk)


def _plain_inventory(root: Path, names: list[str], walk: Walk) -> Inventory:
    photos: list[Photo] = []
    for name in names:
        before = len(photos), len(walk.problems)
        photos += _photos(walk.photos(root / name), name, None)
        if before == (len(photos), len(walk.problems)):
            walk.problems.append(Problem(root / name, "empty_class", "no photos in this class"))
    return _inventory(root, set(names), photos, walk, ())


def _split_inventory(root: Path, named: dict[str, str], walk: Walk) -> Inventory:
    photos: list[Photo] = []
    labels: dict[str, list[str]] = {}
    for name, split in named.items():
        folders, files = walk.entries(root / name)
        loose = [entry for entry in files if is_photo(entry.path, entry.name)]
        if loose and not folders:
            raise BadInput(
                f"{root / name}: photos lie directly in this folder; put them into one folder per "
                "class inside it, or move it elsewhere."
            )
        walk.hidden += len(loose)
        labels[name] = [entry.name for entry in folders]
        for label in labels[name]:
            photos += _photos(walk.photos(root / name / label), label, split)
    classes = {label for found in labels.values() for label in found}
    filled = {(photo.split, photo.label) for photo in photos}
    refused = {problem.path for problem in walk.problems}
    for name, split in named.items():
        # An empty folder for a split is the same as none.
        for label in sorted(classes) if labels[name] else ():
            path = root / name / label
            if (split, label) not in filled and path not in refused:
                detail = f"no photos of this class in {name}"
                walk.problems.append(Problem(path, "empty_class", detail))
    splits = {split for name, split in named.items() if labels[name]}
    return _inventory(root, classes, photos, walk, tuple(s for s in SPLITS if s in splits))


def _photos(files: list[str], label: str, split: str | None) -> Iterator[Photo]:
    # As `Photo(...)`, without a call in Python for each of 100,000.
    return map(partial(tuple.__new__, Photo), zip(files, repeat(label), repeat(split)))


def _inventory(
    root: Path, classes: set[str], photos: list[Photo], walk: Walk, splits: tuple[str, ...]
) -> Inventory:
    photos.sort(key=itemgetter(0))
    return Inventory(
        root, tuple(sorted(classes)), tuple(photos), tuple(walk.problems), walk.hidden, splits
    )


def _may_split(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower() in _SPLIT_NAMES


def _has_folders(folder: Path) -> bool:
    return bool(Walk().entries(folder)[0])


def _has_photos(folder: Path) -> bool:
    return any(is_photo(entry.path, entry.name) for entry in Walk().entries(folder)[1])
