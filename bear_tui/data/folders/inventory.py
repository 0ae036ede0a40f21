"""List a folder of photos: its classes and splits, and what is wrong with their layout.

It decodes nothing: 100,000 files take about three times as long as a bare walk.
"""

import contextlib
import gc
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Self

from bear_tui.data.folders.layout import LAYOUT, SPLITS, require_classes, same_name, splits_among
from bear_tui.data.folders.scan import Problem, Walk, is_photo, require_folder
from bear_tui.errors import BadInput
from bear_tui.text import first_few


class _Photo(NamedTuple):
    file: str
    """Its path as text: making 100,000 Path objects takes longer than listing the files."""
    label: str
    split: str | None
    """train, validation, test, or None if the folder is not split."""


class Photo(_Photo):
    """A file that should be a photo, and the class that its folder gives it."""

    # A tuple takes a third of a frozen dataclass's time to make.
    __slots__ = ()

    def __new__(cls, path: str | Path, label: str, split: str | None) -> Self:
        """Make a photo from a path, which may be text."""
        return cls._make((os.fspath(path), label, split))

    @property
    def path(self) -> Path:
        """Return the file's path."""
        return Path(self.file)


@dataclass(frozen=True)
class Inventory:
    """The photos below `root`, and the problems on the way."""

    root: Path
    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    problems: tuple[Problem, ...]
    hidden: int
    """Files and folders left out: hidden ones, junk of other programs, photos in no class."""
    splits: tuple[str, ...] = ()
    """The splits that have a folder; empty if the folder is not split."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many photos are in no class, by the reason: `.jxl`, `hidden`, `in extra/`."""
    folders: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    """The folders of each class or, where there are splits, of each split."""

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the number of photos by class and split; the split is `all` without splits."""
        totals = Counter((photo.label, photo.split) for photo in self.photos)
        splits: tuple[str | None, ...] = self.splits or (None,)
        return {
            name: {split or "all": totals[name, split] for split in splits} for name in self.classes
        }


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Hundreds of thousands of small objects trigger useless collections: a sixth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_without_garbage_collection()
def take_inventory(folder: Path, cancelled: threading.Event | None = None) -> Inventory:
    """List the photos of a folder of class folders, or of train/ and test/ with class folders.

    Folders inside a class folder belong to that class. Raises BadInput with the layout that is
    needed if the folder has another, and Cancelled once `cancelled` is set.
    """
    require_folder(folder)
    walk = Walk(cancelled=cancelled)
    folders, files = walk.entries(folder)
    if walk.problems:
        reason = walk.problems[0].detail.partition(":")[0]
        raise BadInput(f"{folder}: {reason}; choose a folder you may read.")
    loose = [entry for entry in files if is_photo(entry.path, entry.name)]
    if not folders:
        here = "photos lie directly in this folder" if loose else "there are no class folders here"
        raise BadInput(f"{folder}: {here}; what is needed is {LAYOUT}.")
    _count_loose(walk, len(loose))
    named = splits_among(entry.name for entry in folders)
    others = [entry for entry in folders if entry.name not in named]
    split_folders = {named[name] for name in named if _has_folders(folder / name)}
    if "train" in split_folders or (split_folders and not others):
        return _split_inventory(folder, named, others, walk)
    flat = [name for name in named if _has_photos(folder / name)]
    _require_no_lone_split(folder, [name for name in named if name not in flat], others)
    filled = (_holds_photos(entry, cancelled) for entry in others)
    if flat and not (others and (len(flat) < 2 or any(filled))):
        raise BadInput(
            f"{folder / flat[0]}: photos lie directly in this folder; put them into one folder per "
            "class inside it."
        )
    return _plain_inventory(folder, [entry.name for entry in folders], walk)


def _require_no_lone_split(root: Path, names: list[str], others: list[os.DirEntry[str]]) -> None:
    """Raise BadInput if test/ holds class folders and those for training lie beside it."""
    splits = [name for name in names if _has_folders(root / name)]
    # Only beside a split, for it lists each of these folders once more.
    classes = [entry.name for entry in others if _has_photos(Path(entry.path))] if splits else []
    for name in splits:
        if classes:
            raise BadInput(
                f"{root}: {name}/ holds folders, as a split does, and {first_few(classes, 3)} "
                f"beside it photos, as classes do; put those into {root / 'train'}, or rename "
                f"{name}/ if it is a class."
            )


def _plain_inventory(root: Path, names: list[str], walk: Walk) -> Inventory:
    photos: list[Photo] = []
    folders: dict[str, list[Path]] = {}
    for name in names:
        before = len(photos), len(walk.problems)
        photos += _photos(walk.photos(root / name), same_name(name), None)
        folders.setdefault(same_name(name), []).append(root / name)
        if before == (len(photos), len(walk.problems)):
            walk.problems.append(Problem(root / name, "empty_class", "no photos in this class"))
    require_classes(root, names, walk.photo_counts)
    return _inventory(root, {*folders}, photos, walk, (), folders)


def _split_inventory(
    root: Path, named: dict[str, str], others: list[os.DirEntry[str]], walk: Walk
) -> Inventory:
    photos: list[Photo] = []
    labels_in: dict[Path, dict[str, str]] = {}
    for name, split in named.items():
        place, folders, files = _split_entries(root / name, split, walk)
        loose = [entry for entry in files if is_photo(entry.path, entry.name)]
        if loose and not folders:
            raise BadInput(
                f"{place}: photos lie directly in this folder; put them into one folder per class "
                "inside it, or move it elsewhere."
            )
        _count_loose(walk, len(loose))
        labels_in[place] = {entry.name: same_name(entry.name) for entry in folders}
        for inner, label in labels_in[place].items():
            photos += _photos(walk.photos(place / inner), label, split)
        require_classes(place, labels_in[place], walk.photo_counts)
    _leave_out(root, named, others, walk)
    split_of = dict(zip(labels_in, named.values(), strict=True))
    walk.problems += _empty_classes(labels_in, split_of, photos, walk)
    # An empty folder for a split is the same as none.
    places: dict[str, list[Path]] = {}
    for place in filter(labels_in.get, labels_in):
        places.setdefault(split_of[place], []).append(place)
    classes = {label for labels in labels_in.values() for label in labels.values()}
    splits = tuple(split for split in SPLITS if split in places)
    return _inventory(root, classes, photos, walk, splits, places)


def _split_entries(
    folder: Path, split: str, walk: Walk
) -> tuple[Path, list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """Return a split's folder and entries, through `training_set/training_set/` of zip files."""
    folders, files = walk.entries(folder)
    while len(folders) == 1 and split in splits_among([folders[0].name]).values():
        if any(is_photo(entry.path, entry.name) for entry in files):
            break
        folder = folder / folders[0].name
        folders, files = walk.entries(folder)
    return folder, folders, files


def _empty_classes(
    labels_in: Mapping[Path, Mapping[str, str]],
    split_of: Mapping[Path, str],
    photos: list[Photo],
    walk: Walk,
) -> list[Problem]:
    classes = sorted({label for labels in labels_in.values() for label in labels.values()})
    filled = {(photo.split, photo.label) for photo in photos}
    refused = {problem.path for problem in walk.problems}
    problems = []
    for place, labels in labels_in.items():
        names = {label: name for name, label in labels.items()}
        for label in classes if labels else ():
            path = place / names.get(label, label)
            if (split_of[place], label) not in filled and path not in refused:
                detail = f"no photos of this class in {place.name}"
                problems.append(Problem(path, "empty_class", detail))
    return problems


def _leave_out(
    root: Path, named: dict[str, str], others: list[os.DirEntry[str]], walk: Walk
) -> None:
    """Count the photos of folders beside the splits. Raises BadInput if those may be classes."""
    filled = [entry.name for entry in others if walk.leave_out(entry)]
    if filled and {*named.values()} == {"train"}:
        train = next(iter(named))
        raise BadInput(
            f"{root}: {train}/ holds folders of photos, as a split does, and {filled[0]}/ "
            f"beside it photos, as a class does; name {root / train} to use that alone, or rename "
            f"{train}/ if it is a class."
        )


def _count_loose(walk: Walk, photos: int) -> None:
    walk.hidden += photos
    if photos:
        walk.left_out["outside of class folders"] += photos


def _photos(files: list[str], label: str, split: str | None) -> Iterator[Photo]:
    # As `Photo(...)`, without a Python call for each of 100,000.
    return map(partial(tuple.__new__, Photo), zip(files, repeat(label), repeat(split)))


def _inventory(
    root: Path,
    classes: set[str],
    photos: list[Photo],
    walk: Walk,
    splits: tuple[str, ...],
    folders: Mapping[str, Sequence[Path]],
) -> Inventory:
    photos.sort(key=itemgetter(0))
    return Inventory(
        root,
        tuple(sorted(classes)),
        tuple(photos),
        tuple(walk.problems),
        walk.hidden,
        splits,
        walk.left_out,
        folders,
    )


def _has_folders(folder: Path) -> bool:
    return bool(Walk().entries(folder)[0])


def _holds_photos(entry: os.DirEntry[str], cancelled: threading.Event | None) -> bool:
    return bool(Walk(cancelled=cancelled).photos(Path(entry.path)))


def _has_photos(folder: Path) -> bool:
    return any(is_photo(entry.path, entry.name) for entry in Walk().entries(folder)[1])
