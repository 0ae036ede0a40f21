"""The lock of a run: which process trains it, and whether that process is alive.

A trainer holds the lock by flock. If the file system has no locks, or machines share the disk but
not its locks, a trainer shows that it is alive by touching the file (a heartbeat).
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

HEARTBEAT_TIMEOUT = 120.0
"""Seconds without a heartbeat after which a trainer on another machine counts as dead."""

_LARGEST = 64 * 1024
_LAST_MOMENT = 253402300800.0
"""The year 10000, the end of valid dates."""
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
"""Errors of file systems without locks."""


@dataclass(frozen=True)
class TrainerProcess:
    """The process that trains a run. As a text: `process 4711 on gpu3`."""

    process: str = "?"
    host: str = "?"
    started: float | None = None
    waiting: str = ""
    ended: bool = False
    """It has released the run; a killed process cannot write that."""

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"

    def is_alive(self, touched: float, now: float) -> bool:
        """Return whether it is alive, given its last heartbeat at `touched`.

        The clocks of two machines may differ, but not by minutes.
        """
        if self.ended or self.host == "?" or abs(now - touched) >= HEARTBEAT_TIMEOUT:
            return False
        return self.host != socket.gethostname() or _process_is_alive(self.process)


def read(path: Path) -> TrainerProcess:
    """Return the process that a lock names; an empty lock names none. Raises Unreadable."""
    content = files.content(path, largest=_LARGEST)
    if content is None or not content.strip(b"\0 \n"):
        return TrainerProcess()
    document = json_file.as_object(json_file.parse(content, path), path)
    started = json_file.field(document, "started", float, path)
    if not 0 <= started < _LAST_MOMENT:
        raise Unreadable(f"{path}: `started` is no date.")
    return TrainerProcess(
        process=str(document.get("pid", "?")),
        host=str(document.get("host", "?")),
        started=started,
        waiting=str(document.get("waiting", "")),
        ended=document.get("ended") is True,
    )


def is_held(path: Path) -> bool | None:
    """Return whether a process holds the lock; None if the disk has no locks. Raises OSError."""
    with files.open_to_read(path) as file:
        return _taken(file.fileno(), fcntl.LOCK_SH)


def take(handle: int) -> bool:
    """Lock an open file for this process; return False if the disk has no locks.

    Raises BlockingIOError if another process holds it for longer than a viewer's check takes.
    """
    for _ in range(20):
        if not (held := _taken(handle, fcntl.LOCK_EX)):
            return held is not None
        time.sleep(0.01)
    raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))


@contextmanager
def without_locks() -> Iterator[None]:
    """Ignore the error of a disk that has no locks."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


def _taken(handle: int, kind: int) -> bool | None:
    """Lock the file unless another process has; return whether one has. None: the disk cannot."""
    try:
        with without_locks():
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    return None


@contextmanager
def heartbeat(handle: int) -> Iterator[None]:
    """Touch the lock regularly from a thread, whatever the trainer does meanwhile."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_TIMEOUT / 6):
            with contextlib.suppress(OSError):
                os.utime(handle)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _process_is_alive(process: str) -> bool:
    with contextlib.suppress(ValueError, ProcessLookupError, OverflowError):
        number = int(process)
        with contextlib.suppress(PermissionError):  # another person's
            os.kill(number, 0)
        return number > 0
    return False
