"""The lock of a run: which process trains it, and whether that one still lives.

A process holds its lock by flock. Where a disk has no locks, or machines share the disk and not
its locks, a trainer is known by its signs of life: it touches the file now and then.
"""

import contextlib
import errno
import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bear_tui import files, json_file
from bear_tui.errors import Unreadable

LIFE = 120.0
"""Seconds without a sign of life after which a trainer on another machine counts as gone."""

_LARGEST = 64 * 1024
_LAST_MOMENT = 253402300800.0
"""The year 10000: no date is after it."""
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
"""How file systems say that they have no locks."""


@dataclass(frozen=True)
class TrainerProcess:
    """The process that trains a run. As a text: `process 4711 on gpu3`."""

    process: str = "?"
    host: str = "?"
    started: float | None = None
    waiting: str = ""
    ended: bool = False
    """It has let go of the run; one that was killed could not say so."""

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"

    def lives(self, touched: float, now: float) -> bool:
        """Whether it has shown a sign of life, the last one at `touched`.

        A clock may be wrong, of this machine or the other, but not by years.
        """
        if self.ended or self.host == "?" or abs(now - touched) >= LIFE:
            return False
        return self.host != socket.gethostname() or _process_lives(self.process)


def read(path: Path) -> TrainerProcess:
    """Return what a lock says. One that was never written to says nothing. Raises Unreadable."""
    content = files.content(path, largest=_LARGEST)
    if content is None or not content.strip(b"\0 \n"):
        return TrainerProcess()
    told = json_file.as_object(json_file.parse(content, path), path)
    started = json_file.field(told, "started", float, path)
    if not 0 <= started < _LAST_MOMENT:
        raise Unreadable(f"{path}: `started` is no date.")
    return TrainerProcess(
        process=str(told.get("pid", "?")),
        host=str(told.get("host", "?")),
        started=started,
        waiting=str(told.get("waiting", "")),
        ended=told.get("ended") is True,
    )


def is_held(path: Path) -> bool | None:
    """Whether a process holds the lock; None where the disk has no locks. Raises OSError."""
    with files.open_to_read(path) as file:
        return _taken(file.fileno(), fcntl.LOCK_SH)


def take(handle: int) -> bool:
    """Lock an open file for this process; False where the disk has no locks.

    Raises BlockingIOError where another process holds it for more than the instant that a viewer
    needs to look.
    """
    for _ in range(20):
        if not (held := _taken(handle, fcntl.LOCK_EX)):
            return held is not None
        time.sleep(0.01)
    raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))


@contextmanager
def without_locks() -> Iterator[None]:
    """Go on where the disk refuses a lock because it has none."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


def _taken(handle: int, kind: int) -> bool | None:
    """Whether another process has it; if not, this one has now. None: the disk has no locks."""
    try:
        with without_locks():
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    return None


@contextmanager
def signs_of_life(handle: int) -> Iterator[None]:
    """Touch the lock now and then, whatever the trainer does."""
    over = threading.Event()

    def live() -> None:
        while not over.wait(LIFE / 6):
            with contextlib.suppress(OSError):
                os.utime(handle)

    thread = threading.Thread(target=live, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _process_lives(process: str) -> bool:
    with contextlib.suppress(ValueError, ProcessLookupError, OverflowError):
        number = int(process)
        with contextlib.suppress(PermissionError):  # another person's
            os.kill(number, 0)
        return number > 0
    return False
