"""Safe file access: atomic writes, bounded reads of regular files, and errors as sentences."""

import contextlib
import csv
import errno
import io
import itertools
import logging
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from bear_tui.errors import DiskFull, Failure, Unreadable

log = logging.getLogger(__name__)

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

NO_FILE = frozenset({errno.ELOOP, errno.EISDIR, errno.EINVAL, errno.ENXIO})
"""Errors of the openers here for something that is no regular file."""

LARGEST = 1 << 30
"""Bytes of a file that is read at once: a list of a million photos takes a quarter of it."""

_NO_FILE = "a FIFO, a socket or a device stands where a file is needed; check the path"

_CHUNK = 1 << 20
_CANNOT = frozenset(
    {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EACCES}
    | {errno.EBADF, errno.EROFS}
)
"""Errors of file systems that cannot sync a folder."""

_LOOKED_AT = 10_000
"""Names in a folder that a mistyped one is compared with."""


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """Write a temporary file beside `path`, sync it, and rename it to `path`.

    After a crash, a full disk or an exception inside the block, `path` is as before.
    """
    draft = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        handle = open_to_write(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    except OSError as error:
        error.filename = str(path)  # not the temporary name
        raise
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            sync(file.fileno())
        os.replace(draft, path)  # noqa: PTH105
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Replace `path` with `text` as UTF-8; surrogate escapes become their bytes again."""
    with atomic(path) as file:
        file.write(text.encode("utf-8", "surrogateescape"))


def write_csv(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Replace `path` with rows of cells, as in RFC 4180.

    Its line ends make the writer quote a carriage return in a file name, too.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    write_text(path, text.getvalue())


def read_text(path: Path) -> str:
    """Return what `write_text` wrote. Raises OSError, and Unreadable if it is too large."""
    with open_to_read(path, follow=True) as file:
        return _bounded(file, path, LARGEST).decode("utf-8", "surrogateescape")


def content(path: Path, *, largest: int = LARGEST, follow: bool = False) -> bytes | None:
    """Return the content of a file that others may have written; None if there is no such file.

    Raises Unreadable for anything else: permission, a FIFO, a link (unless `follow`), a file
    larger than `largest` bytes.
    """
    try:
        with open_to_read(path, follow=follow) as file:
            return _bounded(file, path, largest)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(str(explain(error, path))) from None


def read_csv(path: Path) -> list[list[str]]:
    """Return the rows of `write_csv`, none if there is no such file. Raises Unreadable."""
    text = (content(path) or b"").decode("utf-8", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        return list(reader)
    except csv.Error as error:
        raise Unreadable(f"{path}: line {reader.line_num:,}: {error}.") from None


_GROWS = 1024 * 1024
"""Bytes by which a file may grow while it is read."""


def _bounded(file: IO[bytes], path: Path, largest: int) -> bytes:
    size = os.fstat(file.fileno()).st_size  # read() allocates as much as it is asked for
    content = file.read(min(largest, size + _GROWS) + 1)
    if len(content) > largest:
        raise Unreadable(f"{path}: larger than {_size(largest)}; it is not read.")
    return content


def _size(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"


def open_to_read(path: Path, *, follow: bool = False) -> io.BufferedReader:
    """Open a regular file to read. Raises OSError at once for a FIFO, a device, and a link unless
    `follow`."""
    flags = os.O_RDONLY | (0 if follow else os.O_NOFOLLOW)
    return os.fdopen(_regular(path, flags), "rb")


def open_to_write(path: Path, flags: int) -> int:
    """Open a regular file with `flags` of `os.open`; return its handle. The umask sets its mode.

    Links are not followed: they may lead out of a folder that others can write to.
    """
    return _regular(path, flags | os.O_NOFOLLOW)


def is_file(path: str | Path) -> bool:
    """Return whether there is a file. Unlike Path.is_file, never raises; False if unknown."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | Path) -> bool:
    """Return whether there is a folder. Unlike Path.is_dir, never raises; False if unknown."""
    return os.path.isdir(path)  # noqa: PTH112


def exists(path: str | Path) -> bool:
    """Return whether anything is there, even a broken link. Never raises; False if unknown."""
    return os.path.lexists(path)


def open_to_append(path: Path) -> IO[bytes]:
    """Open a regular file to append to, created if needed."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    return os.fdopen(open_to_write(path, flags), "ab", buffering=0)


def empty(path: Path) -> None:
    """Create an empty regular file, or truncate the one that is there."""
    os.close(open_to_write(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))


def refuse_link(folder: Path) -> None:
    """Raise OSError if a folder to write into is a link."""
    if os.path.islink(folder):  # raises nothing  # noqa: PTH114
        raise OSError(errno.ELOOP, "a link stands where a folder is needed", str(folder))


def _regular(path: Path, flags: int) -> int:
    handle = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return handle
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, _NO_FILE, str(path))


def sync(handle: int) -> None:
    """Sync an open file to disk. It must be readable, too.

    A disk reports an I/O error once and drops what it could not write, so all is written again.
    """
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        size = os.fstat(handle).st_size
        for at in range(0, size, _CHUNK):
            os.pwrite(handle, os.pread(handle, _CHUNK, at), at)
        os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Sync renames and new names in `folder` to disk, if the file system can."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return  # a folder may be writable but not readable
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno == errno.EIO:
            os.fsync(handle)  # as in `sync`; the names are still in memory
        elif error.errno not in _CANNOT:
            raise
        else:
            weaker(folder, "its file system cannot sync folders: a power cut may lose what is new")
    finally:
        os.close(handle)


_told: set[str] = set()


def weaker(path: Path, what: str) -> None:
    """Log, once per process, what a file system cannot do and the consequence."""
    if what not in _told:
        _told.add(what)
        log.warning("%s: %s.", path, what)


def explain(error: OSError, path: str | Path) -> Failure:
    """Return a Failure that says why the operating system refused to read or write `path`."""
    name = error.filename if isinstance(error.filename, str) else str(path)
    kind = DiskFull if error.errno in _NO_ROOM else Failure
    why = reason(error, name)
    if error.errno == errno.ENOENT and (meant := _near(Path(name))):
        why = f"no such file or folder; did you mean {meant}?"
    return kind(f"{name}: {why}")


def _near(path: Path) -> Path | None:
    """Return an existing path whose name is close to the first missing part of `path`."""
    from difflib import get_close_matches  # seldom needed

    for part in (path, *path.parents):
        with contextlib.suppress(OSError), os.scandir(part.parent) as entries:
            names = [entry.name for entry in itertools.islice(entries, _LOOKED_AT)]
            near = get_close_matches(part.name, names, 1, 0.75)
            # A broken link has the very name.
            return part.parent / near[0] if near and near[0] != part.name else None
    return None


def reason(error: OSError, path: str | Path | None = None) -> str:
    """Return why the operating system refused to read or write, and what to do.

    `path` is used if the error does not name its file.
    """
    name = error.filename if isinstance(error.filename, str) else path
    denied = f"permission denied; {_permitted(Path(name)) if name else _CHANGE}"
    remedies = {
        errno.ENOSPC: "the disk is full; free some space and try again",
        errno.EDQUOT: "your disk quota is used up; free some space and try again",
        errno.EFBIG: "the file system or `ulimit -f` allows no file so large; raise the limit",
        errno.EACCES: denied,
        errno.EPERM: denied,
        errno.EROFS: "the disk is read-only; choose another folder",
        errno.ENOENT: "no such file or folder; check the path",
        errno.ENOTDIR: "a file stands where a folder is needed; check the path",
        errno.EISDIR: "a folder stands where a file is needed; check the path",
        errno.ELOOP: "a link stands where a file or folder is needed; put that itself there",
        errno.ENXIO: _NO_FILE,
        errno.EMFILE: "too many open files; raise the limit with `ulimit -n 4096`",
    }
    return f"{remedies.get(error.errno or 0, error.strerror or str(error))}."


def _permitted(path: Path) -> str:
    """Return what to do if a path may not be read, or may be read but not written."""
    with contextlib.suppress(OSError, ValueError):
        if os.path.lexists(path) and not os.access(path, os.R_OK):
            return "change its mode so that you may read it"
        if os.access(path.parent, os.X_OK) and not os.access(path.parent, os.W_OK):
            return "choose a folder you may write to, or change its mode"
    return _CHANGE


_CHANGE = "change its mode, or that of the folder it is in"
