"""The photos of a folder and of those in it, by name: nothing is decoded here."""

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

# Left by other programs beside photos; names beginning with a dot are left out anyway.
_JUNK = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "icon\r"})

# Hidden folders in which photos are no copies that somebody looks for.
_STORES = frozenset({".git", ".dvc", ".svn", ".hg"})

_SPECIAL = {
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one file or folder; `kind` as in `bear-tui check`."""

    path: Path
    kind: str
    detail: str


@dataclass
class Walk:
    """What one walk gathers besides photos."""

    problems: list[Problem] = field(default_factory=list)
    hidden: int = 0
    """Hidden files and folders, and junk."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Photos that are none of the class's, by what they are: `.jxl`, `hidden`, `pipe`."""
    held: dict[str, int] = field(default_factory=dict)
    """Of each folder that was looked through for photos, how many lie directly in it."""
    cancelled: threading.Event | None = None
    """Set to end the walk, which then raises Cancelled."""

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
                self._count_hidden(entry)
            elif entry.is_file(follow_symlinks=False):
                files.append(entry)
            elif entry.is_symlink():
                if _leads_to_folder(entry):
                    folders.append(entry)
                elif not self._count_special(entry):
                    # A broken link too: reading it says what is wrong.
                    files.append(entry)
            elif entry.is_dir():
                folders.append(entry)
            else:
                self._count_special(entry)
        folders.sort(key=attrgetter("name"))
        return folders, files

    def photos(self, folder: Path) -> list[str]:
        """All photos in `folder` and below it, each real folder once, so links cannot loop."""
        found: list[str] = []
        seen: set[tuple[int, int]] = set()
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            stop_if(self.cancelled)
            try:
                status = here.stat()
            except OSError:
                # `entries` meets the same refusal and reports it.
                self.entries(here)
                continue
            if (status.st_dev, status.st_ino) in seen:
                self.left_out["link in a circle"] += 1
                continue
            seen.add((status.st_dev, status.st_ino))
            folders, files = self.entries(here)
            waiting.extend(here / entry.name for entry in reversed(folders))
            before = len(found)
            for entry in files:
                # The usual endings without a call: there may be 100,000 files.
                if entry.name[-4:] in _USUAL or self._is_photo(entry):
                    found.append(entry.path)
                else:
                    self._count_other(entry)
            if len(found) > before:
                self.held[os.fspath(here)] = len(found) - before
        return found

    def _is_photo(self, entry: os.DirEntry[str]) -> bool:
        stop_if(self.cancelled)  # one that cannot be read is waited for
        return is_photo(entry.path, entry.name)

    def below(self, folder: Path) -> tuple[list[Path], list[Problem]]:
        """The photos of a folder that is one class, by name, and the problems.

        Raises BadInput where it is no folder.
        """
        require_folder(folder)
        return [Path(file) for file in sorted(self.photos(folder))], self.problems

    def leave_out(self, entry: os.DirEntry[str]) -> bool:
        """Count the photos of a folder that is none of a class; whether it has any."""
        count = len(Walk(cancelled=self.cancelled).photos(Path(entry.path)))
        self.hidden += 1
        if count:
            self.left_out[f"in {entry.name}/"] += count
        return count > 0

    def _count_hidden(self, entry: os.DirEntry[str]) -> None:
        """A hidden photo, or those below a hidden folder: by their names, nothing is opened."""
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _STORES:
                for _, _, names in os.walk(entry.path):
                    self._count_hidden_names(names)
        else:
            self._count_hidden_names([entry.name])

    def _count_hidden_names(self, names: Iterable[str]) -> None:
        # `._bear.jpg` is what macOS notes about a photo.
        photos = (not name.startswith("._") and suffix_of(name) in PHOTO_SUFFIXES for name in names)
        if count := sum(photos):
            self.left_out["hidden"] += count

    def _count_special(self, entry: os.DirEntry[str]) -> bool:
        """Count what reading would wait for, or never end to read; whether it is that."""
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
    """All photos of a folder that is one class: paths by name, problems, files left out.

    Raises BadInput where it is no folder.
    """
    walk = Walk()
    return *walk.below(folder), walk.hidden


def photos_at(path: Path) -> list[Path]:
    """What somebody means who names a photo or a folder of them, as `all_below` finds it.

    Raises BadInput where there is none.
    """
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError as error:
        raise BadInput(f"{path}: no such photo or folder; check the path.") from error
    except OSError as error:
        raise BadInput(str(explain(error, path))) from error
    if not is_folder:
        return [path]
    found = all_below(path)
    if not found:
        raise BadInput(f"{path}: no photo in this folder.")
    return found


def all_below(folder: Path) -> list[Path]:
    """Its photos, and behind them the folders in it that may not be read: opening one says why."""
    photos, problems, _ = photos_below(folder)
    return [*photos, *(problem.path for problem in problems)]


def is_photo(path: str, name: str) -> bool:
    """Whether a file should be a photo: by its name, or by its first bytes where that is odd."""
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
    """Raises BadInput where it is none, or is not there."""
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
