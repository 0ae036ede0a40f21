"""A folder of photos that is whole or not there."""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bear_tui.errors import BadInput, Failure
from bear_tui.files import explain, sync_folder

_PART = ".part"


def require_free(out: Path) -> None:
    """Raise BadInput unless `out` is a name for a new folder, or an empty folder."""
    try:
        if any(out.iterdir()):
            raise BadInput(f"{out}: this folder is not empty; name a new folder with --out.")
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise BadInput(f"{out}: a file stands here; name a new folder with --out.") from error
    except OSError as error:
        raise BadInput(str(explain(error, out))) from error


@contextlib.contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Yields a folder to fill; it becomes `out` when the block ends well.

    It lies beside `out`, so that `out` appears in one step. An exception, or a cancel, leaves
    nothing behind; what a killed process leaves is removed by the next attempt. Raises Failure
    with the reason where the disk refuses.
    """
    require_free(out)
    # A link to an empty folder cannot be replaced; the folder can.
    out = out.resolve()
    missing = [folder for folder in out.parents if not folder.exists()]
    handle = -1
    folder = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(out)
        folder, handle = _own_folder(out)
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
                f"{out}: something else was written here meanwhile; it is kept."
            ) from error
        raise _refusal(error, out) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        if handle >= 0:
            os.close(handle)
        for parent in missing:
            with contextlib.suppress(OSError):
                parent.rmdir()


def _refusal(error: OSError, out: Path) -> Failure:
    # The name inside the temporary folder means nothing to a person; `out` does.
    return explain(OSError(error.errno, error.strerror), out)


def _own_folder(out: Path) -> tuple[Path, int]:
    """A new folder beside `out`, and the lock on it.

    Held while this process lives: how the next attempt tells a leftover from work going on.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=_PART, dir=out.parent))
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(folder, os.O_RDONLY)
            # A disk without locks only loses the removal of leftovers.
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            if folder.exists():
                return folder, handle
            os.close(handle)
        # Another attempt took it for a leftover before it was locked.


def _remove_leftovers(out: Path) -> None:
    for entry in os.scandir(out.parent):
        if not (entry.name.startswith(f".{out.name}.") and entry.name.endswith(_PART)):
            continue
        if not entry.is_dir(follow_symlinks=False):
            continue
        try:
            handle = os.open(entry.path, os.O_RDONLY)
        except OSError:
            # Another person's, or just removed: not ours to clean.
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(entry.path, ignore_errors=True)
        except OSError:
            # Its process lives.
            continue
        finally:
            os.close(handle)
