"""What lies in a folder of photos: classes, splits and what stands in the way.

Nothing is decoded here: 100,000 files take about three times a bare walk.
"""

import contextlib
import errno
import gc
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import NamedTuple, Self

from bear_tui.data.formats import OTHER_SUFFIXES, PHOTO_SUFFIXES, first_bytes, format_of, suffix_of
from bear_tui.errors import BadInput
from bear_tui.files import explain

SPLITS = ("train", "validation", "test")
LAYOUT = "one folder per class inside it, or train/ and test/ with one folder per class each"

_SPLIT_NAMES = {
    "train": "train",
    "test": "test",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
}
_USUAL = frozenset({".jpg", ".JPG", ".png", ".PNG"})

# Left by other programs beside photos; names beginning with a dot are left out anyway.
_JUNK = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "icon\r"})


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


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one file or folder; `kind` as in `bear-tui check`."""

    path: Path
    kind: str
    detail: str


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


@dataclass
class _Walk:
    """What one walk gathers besides photos."""

    problems: list[Problem] = field(default_factory=list)
    hidden: int = 0

    def entries(self, folder: Path) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
        """The folders by name and the files in `folder`, without hidden ones and junk."""
        try:
            with os.scandir(folder) as scan:
                found = list(scan)
        except OSError as error:
            self.problems.append(Problem(folder, "unreadable_folder", _refusal(error)))
            return [], []
        folders: list[os.DirEntry[str]] = []
        files: list[os.DirEntry[str]] = []
        for entry in found:
            name = entry.name
            # First what nearly all of 100,000 files are: no junk of others ends so.
            if name[-4:] in _USUAL and name[0] != "." and entry.is_file(follow_symlinks=False):
                files.append(entry)
            elif name[0] == "." or name.lower() in _JUNK:
                self.hidden += 1
            elif entry.is_file(follow_symlinks=False):
                files.append(entry)
            elif entry.is_symlink():
                # A broken link is listed with the files, where reading it says what is wrong.
                (folders if _leads_to_folder(entry) else files).append(entry)
            elif entry.is_dir():
                folders.append(entry)
        folders.sort(key=attrgetter("name"))
        return folders, files

    def photos(self, folder: Path) -> list[str]:
        """All photos in `folder` and below it, each real folder once, so links cannot loop."""
        found: list[str] = []
        seen: set[tuple[int, int]] = set()
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            try:
                status = here.stat()
            except OSError:
                # `entries` meets the same refusal and reports it.
                self.entries(here)
                continue
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            folders, files = self.entries(here)
            waiting.extend(here / entry.name for entry in reversed(folders))
            # The usual endings without a call: there may be 100,000 files.
            found += [
                entry.path
                for entry in files
                if entry.name[-4:] in _USUAL or is_photo(entry.path, entry.name)
            ]
        return found


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
    _require_folder(folder)
    walk = _Walk()
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


def photos_below(folder: Path) -> tuple[list[Path], list[Problem], int]:
    """All photos of a folder that is one class: paths by name, problems, files left out.

    Raises BadInput where it is no folder.
    """
    _require_folder(folder)
    walk = _Walk()
    photos = [Path(file) for file in sorted(walk.photos(folder))]
    return photos, walk.problems, walk.hidden


def is_photo(path: str, name: str) -> bool:
    """Whether a file should be a photo: by its name, or by its first bytes where that is odd."""
    suffix = suffix_of(name)
    if suffix in PHOTO_SUFFIXES:
        return True
    if suffix in OTHER_SUFFIXES:
        return False
    try:
        return Path(path).is_file() and format_of(first_bytes(Path(path))) is not None
    except OSError:
        # Neither its name nor its bytes say that it is a photo.
        return False


def _plain_inventory(root: Path, names: list[str], walk: _Walk) -> Inventory:
    photos: list[Photo] = []
    for name in names:
        before = len(photos), len(walk.problems)
        photos += _photos(walk.photos(root / name), name, None)
        if before == (len(photos), len(walk.problems)):
            walk.problems.append(Problem(root / name, "empty_class", "no photos in this class"))
    return _inventory(root, set(names), photos, walk, ())


def _split_inventory(root: Path, named: dict[str, str], walk: _Walk) -> Inventory:
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
    root: Path, classes: set[str], photos: list[Photo], walk: _Walk, splits: tuple[str, ...]
) -> Inventory:
    photos.sort(key=itemgetter(0))
    return Inventory(
        root, tuple(sorted(classes)), tuple(photos), tuple(walk.problems), walk.hidden, splits
    )


def _require_folder(folder: Path) -> None:
    try:
        mode = folder.stat().st_mode
    except OSError as error:
        raise BadInput(str(explain(error, folder))) from error
    if not stat.S_ISDIR(mode):
        raise BadInput(f"{folder}: this is a file; name the folder that holds the class folders.")


def _refusal(error: OSError) -> str:
    """Why a folder was not listed, and what to do."""
    reason = (error.strerror or str(error)).lower()
    mode = "change its mode or " if error.errno in (errno.EACCES, errno.EPERM) else ""
    return f"{reason}: nothing in it was read; {mode}move it elsewhere"


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except PermissionError:
        # Into a folder that may not be looked into: without a file's ending it is taken for one
        # itself, so that listing it tells of the refusal.
        return suffix_of(link.name) not in PHOTO_SUFFIXES | OTHER_SUFFIXES
    except OSError:
        # A link in a circle.
        return False


def _may_split(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower() in _SPLIT_NAMES


def _has_folders(folder: Path) -> bool:
    return bool(_Walk().entries(folder)[0])


def _has_photos(folder: Path) -> bool:
    return any(is_photo(entry.path, entry.name) for entry in _Walk().entries(folder)[1])
