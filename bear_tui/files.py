"""Files that are either whole or not there."""

import contextlib
import csv
import errno
import io
import itertools
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from bear_tui.errors import DiskFull, Failure

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_NO_FILE = "a FIFO, a socket or a device stands where a file is needed; check the path"

_LOOKED_AT = 10_000
"""Names in a folder that a mistyped one is held against."""


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """Write `path` whole or not at all: beside it, synced, then renamed over it.

    A crash, a full disk or an exception inside the block leaves what was at `path` before.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    except OSError as error:
        error.filename = str(path)  # nobody asked for the name beside it
        raise
    try:
        # mkstemp makes files private; give this one the mode any other new file would have.
        os.fchmod(handle, 0o666 & ~_umask())
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Replace `path` with `text` as UTF-8; file names that are no UTF-8 survive as they were."""
    with atomic(path) as file:
        file.write(text.encode("utf-8", "surrogateescape"))


def write_csv(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Replace `path` with rows of cells as RFC 4180 has them.

    With its line end a carriage return in a file name is quoted too.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    write_text(path, text.getvalue())


def read_text(path: Path) -> str:
    """What `write_text` wrote."""
    return path.read_bytes().decode("utf-8", "surrogateescape")


def open_to_read(path: Path, *, follow: bool = False) -> IO[bytes]:
    """Open a regular file. Others raise OSError at once: a FIFO is not waited for, a device not
    read, and a link not followed unless asked to."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.fdopen(os.open(path, flags | (0 if follow else os.O_NOFOLLOW)), "rb")
    try:
        require_regular(file.fileno(), path)
    except OSError:
        file.close()
        raise
    return file


def require_regular(handle: int, path: Path) -> None:
    """Raise OSError where an open file is a FIFO, a device or the like."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise OSError(errno.EINVAL, _NO_FILE, str(path))


def sync_folder(folder: Path) -> None:
    """Make renames and new names in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def explain(error: OSError, path: str | Path) -> Failure:
    """The sentence for an operating system's refusal to read or write `path`."""
    name = error.filename if isinstance(error.filename, str) else str(path)
    kind = DiskFull if error.errno in _NO_ROOM else Failure
    why = reason(error, name)
    if error.errno == errno.ENOENT and (meant := _near(Path(name))):
        why = f"no such file or folder; did you mean {meant}?"
    return kind(f"{name}: {why}")


def _near(path: Path) -> Path | None:
    """What lies there under a name much like the first part of the path that is not there."""
    from difflib import get_close_matches  # seldom needed

    for part in (path, *path.parents):
        with contextlib.suppress(OSError), os.scandir(part.parent) as entries:
            names = [entry.name for entry in itertools.islice(entries, _LOOKED_AT)]
            found = get_close_matches(part.name, names, 1, 0.75)
            return part.parent / found[0] if found else None
    return None


def reason(error: OSError, path: str | Path | None = None) -> str:
    """Why an operating system refuses to read or write, and what to do, without the path.

    `path` is what it was asked for where the error does not know.
    """
    name = error.filename if isinstance(error.filename, str) else path
    denied = f"permission denied; {_permitted(Path(name)) if name else _CHANGE}"
    remedies = {
        errno.ENOSPC: "the disk is full; free some space and try again",
        errno.EDQUOT: "your disk quota is used up; free some space and try again",
        errno.EACCES: denied,
        errno.EPERM: denied,
        errno.EROFS: "the disk is read-only; choose another folder",
        errno.ENOENT: "no such file or folder; check the path",
        errno.ENOTDIR: "a file stands where a folder is needed; check the path",
        errno.EISDIR: "a folder stands where a file is needed; check the path",
        errno.ELOOP: "a link stands where a file is needed; put the file itself there",
        errno.ENXIO: _NO_FILE,
        errno.EMFILE: "too many open files; raise the limit with `ulimit -n 4096`",
    }
    return f"{remedies.get(error.errno or 0, error.strerror or str(error))}."


def _permitted(path: Path) -> str:
    """What to do about a path that may not be read or, where it can be read, not be written."""
    with contextlib.suppress(OSError, ValueError):
        if os.path.lexists(path) and not os.access(path, os.R_OK):
            return "change its mode so that you may read it"
        if os.access(path.parent, os.X_OK) and not os.access(path.parent, os.W_OK):
            return "choose a folder you may write to, or change its mode"
    return _CHANGE


_CHANGE = "change its mode, or that of the folder it is in"


def _umask() -> int:
    # There is no call that only reads the mask; Linux shows it in /proc without setting it.
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Umask")).split()[1], 8)
    return 0o022
