"""Fill a new folder so that it appears whole or not at all."""

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from bear_tui import files
from bear_tui.errors import BadInput, Failure
from bear_tui.files import explain, reason, sync_folder

_PART = ".bear-tui.part"

# Its input ends when the process at the other end ends, in whatever way. A line before that says
# that there is nothing to remove.
_WATCH = 'read -r line && exit; rm -rf -- "$1"; shift; rmdir -- "$@"'


def require_free(out: Path) -> None:
    """Raise BadInput unless `out` is a name for a new folder, or an empty folder."""
    try:
        if any(out.iterdir()):
            raise BadInput("this folder is not empty; name a new folder.", "out", out)
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise BadInput("a file stands here; name a new folder.", "out", out) from error
    except OSError as error:
        raise BadInput(reason(error), "out", out) from error


@contextlib.contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Yield a folder to fill; it becomes `out` when the block ends without an exception.

    It lies beside `out`, so that `out` appears in one step. An exception or a cancel leaves
    nothing behind, and after a kill a watcher removes it. If the watcher dies too, as in a power
    cut, the next attempt beside it removes the hidden rest. Raises Failure with the reason if the
    disk refuses.
    """
    require_free(out)
    # A link to an empty folder cannot be replaced; the folder can.
    out = Path(os.path.realpath(out))
    missing = [folder for folder in out.parents if not files.exists(folder)]
    handle = -1
    # The prefix and the ending need room beside a long name.
    folder = out.parent / f".{out.name[:40]}.{secrets.token_hex(4)}{_PART}"
    watcher = None
    try:
        # Before there is anything to remove, for a kill may come at any moment.
        watcher = _watch(folder, missing)
        out.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(out.parent)
        handle = _make_own(folder)
        inner = folder / "content"
        inner.mkdir()
        yield inner
        sync_folder(inner)
        os.replace(inner, out)  # noqa: PTH105
        sync_folder(out.parent)
        missing = []
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise Failure(
                f"{out}: another program wrote here meanwhile; its files stay."
            ) from error
        raise _refusal(error, out) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if watcher is not None:
            watcher.communicate(b"done\n")
        if handle >= 0:
            os.close(handle)
        for parent in missing:
            with contextlib.suppress(OSError):
                parent.rmdir()


def _refusal(error: OSError, out: Path) -> Failure:
    # The name inside the temporary folder means nothing to a person; `out` does.
    return explain(OSError(error.errno, error.strerror), out)


def _watch(folder: Path, parents: Sequence[Path]) -> "subprocess.Popen[bytes] | None":
    """Start a process that outlives this one, then removes `folder` and its empty `parents`."""
    try:
        return subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "sh", folder, *parents],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        # No process is available: the next attempt removes what a kill leaves.
        return None


def _make_own(folder: Path) -> int:
    """Make the folder and return a lock on it, which tells the next attempt that it is in use."""
    while True:
        with contextlib.suppress(FileNotFoundError):
            folder.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(folder, os.O_RDONLY)
            # On a disk without locks only the removal of leftovers is lost.
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            if files.exists(folder):
                return handle
            os.close(handle)
        # Another attempt removed it as a leftover before it was locked.


def _remove_leftovers(parent: Path) -> None:
    for entry in os.scandir(parent):
        if not (entry.name.startswith(".") and entry.name.endswith(_PART)):
            continue
        if not entry.is_dir(follow_symlinks=False):
            continue
        try:
            handle = os.open(entry.path, os.O_RDONLY)
        except OSError:
            # It belongs to another person, or was just removed.
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(entry.path, ignore_errors=True)
        except OSError:
            # Its process lives.
            continue
        finally:
            os.close(handle)
