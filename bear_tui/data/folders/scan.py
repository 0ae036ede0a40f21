"""Find the photos in a folder and below it by their names, without decoding any."""

import contextlib
import errno
import os
import stat
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from bear_tui import files
from bear_tui.data.parallel import stop_if
from bear_tui.data.photos.formats import (
    OTHER_SUFFIXES,
    PHOTO_SUFFIXES,
    PICTURE_SUFFIXES,
    first_bytes,
    format_of,
    suffix_of,
)
from bear_tui.errors import BadInput
from bear_tui.files import explain

_USUAL = frozenset({".jpg", ".JPG", ".png", ".PNG"})

# Other programs leave these beside photos. Names with a leading dot are hidden anyway.
_JUNK = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "icon\r"})

# Hidden folders whose photos nobody misses.
_STORES = frozenset({".git", ".dvc", ".svn", ".hg"})

_SPECIAL = {
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of one file or folder; `kind` is one of `KINDS` in `check.py`."""

    path: Path
    kind: str
    detail: str


@dataclass
class Walk:
    """Walks through folders, and collects problems and counts beside the photos."""

    problems: list[Problem] = field(default_factory=list)
    hidden: int = 0
    """Hidden files and folders, and junk."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many photos are in no class, by the reason: `.jxl`, `hidden`, `pipe`."""
    photo_counts: dict[str, int] = field(default_factory=dict)
    """The number of photos directly in each folder that has any."""
    cancelled: threading.Event | None = None
    """Setting it ends the walk, which then raises Cancelled."""

    def entries(self, folder: Path) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
        """Return the folders in `folder`, by name, and its files, without hidden ones and junk."""
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except OSError as error:
            self.problems.append(Problem(folder, "unreadable_folder", _refusal(error)))
            return [], []
        folders: list[os.DirEntry[str]] = []
        files: list[os.DirEntry[str]] = []
        for entry in entries:
            name = entry.name
            # The usual case first, for there may be 100,000 files. No junk has such an ending.
            if name[-4:] in _USUAL and name[0] != "." and entry.is_file(follow_symlinks=False):
                files.append(entry)
            elif name[0] == "." or name.lower() in _JUNK:
                self.hidden += 1
                self._count_hidden(entry)
            elif entry.is_file(follow_symlinks=False):
                files.append(entry)
            elif entry.is_symlink():
                if _leads_to_folder(entry):
                    folders.append(entry)
                elif not self._count_special(entry):
                    # A broken link too: the read says what is wrong.
                    files.append(entry)
            elif entry.is_dir():
                folders.append(entry)
            else:
                self._count_special(entry)
        folders.sort(key=attrgetter("name"))
        return folders, files

    def photos(self, folder: Path) -> list[str]:
        """Return all photos in `folder` and below it, each real folder once: links cannot loop."""
        photos: list[str] = []
        seen: set[tuple[int, int]] = set()
        pending = [folder]
        while pending:
            here = pending.pop()
            stop_if(self.cancelled)
            try:
                status = here.stat()
            except OSError:
                # `entries` gets the same error and reports it.
                self.entries(here)
                continue
            if (status.st_dev, status.st_ino) in seen:
                self.left_out["link in a circle"] += 1
                continue
            seen.add((status.st_dev, status.st_ino))
            folders, files = self.entries(here)
            pending.extend(here / entry.name for entry in reversed(folders))
            before = len(photos)
            for entry in files:
                # The usual endings without a call: there may be 100,000 files.
                if entry.name[-4:] in _USUAL or self._is_photo(entry):
                    photos.append(entry.path)
                else:
                    self._count_other(entry)
            if len(photos) > before:
                self.photo_counts[os.fspath(here)] = len(photos) - before
        return photos

    def _is_photo(self, entry: os.DirEntry[str]) -> bool:
        stop_if(self.cancelled)  # a read that fails is tried again for a while
        return is_photo(entry.path, entry.name)

    def below(self, folder: Path) -> tuple[list[Path], list[Problem]]:
        """Return the photos of a folder that is one class, by name, and the problems.

        Raises BadInput if it is not a folder.
        """
        require_folder(folder)
        return [Path(file) for file in sorted(self.photos(folder))], self.problems

    def leave_out(self, entry: os.DirEntry[str]) -> bool:
        """Count the photos of a folder that belongs to no class; return whether it has any."""
        count = len(Walk(cancelled=self.cancelled).photos(Path(entry.path)))
        self.hidden += 1
        if count:
            self.left_out[f"in {entry.name}/"] += count
        return count > 0

    def _count_hidden(self, entry: os.DirEntry[str]) -> None:
        """Count a hidden photo, or those below a hidden folder, by names alone."""
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _STORES:
                for _, _, names in os.walk(entry.path):
                    self._count_hidden_names(names)
        else:
            self._count_hidden_names([entry.name])

    def _count_hidden_names(self, names: Iterable[str]) -> None:
        # macOS keeps notes about `bear.jpg` in `._bear.jpg`.
        photos = (not name.startswith("._") and suffix_of(name) in PHOTO_SUFFIXES for name in names)
        if count := sum(photos):
            self.left_out["hidden"] += count

    def _count_special(self, entry: os.DirEntry[str]) -> bool:
        """Count a pipe, socket or device, whose read might never end; return whether it is one."""
        with contextlib.suppress(OSError):
            if kind := _SPECIAL.get(stat.S_IFMT(entry.stat().st_mode)):
                self.left_out[kind] += 1
                return True
        return False

    def _count_other(self, entry: os.DirEntry[str]) -> None:
        suffix = suffix_of(entry.name)
        if suffix in PICTURE_SUFFIXES:
            self.left_out[suffix] += 1
        elif entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110
            self.left_out["broken link"] += 1


def photos_below(folder: Path) -> tuple[list[Path], list[Problem], int]:
    """Return all photos of a folder that is one class, the problems, and how many files it hides.

    Raises BadInput if it is not a folder.
    """
    walk = Walk()
    return *walk.below(folder), walk.hidden


def photos_at(path: Path) -> list[Path]:
    """Return the photo at `path`, or all photos below it as `all_below` does.

    Raises BadInput if there is none.
    """
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError as error:
        raise BadInput(f"{path}: no such photo or folder; check the path.") from error
    except OSError as error:
        raise BadInput(str(explain(error, path))) from error
    if not is_folder:
        return [path]
    photos = all_below(path)
    if not photos:
        raise BadInput(f"{path}: no photo in this folder.")
    return photos


def all_below(folder: Path) -> list[Path]:
    """Return a folder's photos, then the unreadable folders in it: opening one says why."""
    photos, problems, _ = photos_below(folder)
    return [*photos, *(problem.path for problem in problems)]


def is_photo(path: str, name: str) -> bool:
    """Return whether a file should be a photo, by its name or, if that is odd, its first bytes."""
    suffix = suffix_of(name)
    if suffix in PHOTO_SUFFIXES:
        return True
    if suffix in OTHER_SUFFIXES:
        return False
    try:
        return files.is_file(path) and format_of(first_bytes(Path(path))) is not None
    except OSError:
        # Neither its name nor its bytes say that it is a photo.
        return False


def require_folder(folder: Path) -> None:
    """Raise BadInput unless `folder` is a folder that is there."""
    try:
        mode = folder.stat().st_mode
    except OSError as error:
        raise BadInput(str(explain(error, folder))) from error
    if not stat.S_ISDIR(mode):
        raise BadInput(f"{folder}: this is a file; name the folder that holds the class folders.")


def _refusal(error: OSError) -> str:
    """Return why a folder was not listed, and what to do."""
    reason = (error.strerror or str(error)).lower()
    mode = "change its mode or " if error.errno in (errno.EACCES, errno.EPERM) else ""
    return f"{reason}: nothing in it was read; {mode}move it elsewhere"


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except PermissionError:
        # It leads into a folder without access. Unless its name ends like a file's, it counts as
        # a folder, so that listing it reports the refusal.
        return suffix_of(link.name) not in PHOTO_SUFFIXES | OTHER_SUFFIXES
    except OSError:
        # A link in a circle.
        return False
