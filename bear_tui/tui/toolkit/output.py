"""Keeping the terminal whole: only the app draws on it, and it is left as it was found.

C libraries print on descriptors 1 and 2, past Python. While the app runs, these two lead to a
log, and the app draws through a private copy of the terminal's descriptor.
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bear_tui import files, paths


def app_log() -> Path:
    """Where the app's own mishaps are told; its folder is made, or they are told nowhere."""
    folder = paths.state_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(os.devnull)
    return folder / "app.log"


class TerminalFile(io.TextIOBase):
    """The terminal as a text file. One that is gone takes what is written and says nothing."""

    encoding = "utf-8"

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._gone = False
        self._on_drained: Callable[[], object] = lambda: None

    def fileno(self) -> int:
        """The private descriptor: Textual asks it for the size."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether a person can see it."""
        return not self._gone and os.isatty(self._descriptor)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Write all of `text`, at once."""
        rest = memoryview(text.encode("utf-8", "replace"))
        while rest and not self._gone:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                # The connection broke. Textual's writer thread must not die of it: the queue
                # before it would fill and block the app, which has a training to save.
                self._gone = True
        return len(text)

    def flush(self) -> None:
        """Textual's writer thread calls it when it has written all that there was."""
        self._on_drained()

    def when_drained(self, call: Callable[[], object]) -> None:
        """From now on, `call` whenever all is written; in the thread that writes."""
        self._on_drained = call


@contextmanager
def guarded(log: Path) -> Iterator[None]:
    """Give the terminal to Textual alone; what anything else prints is appended to `log`.

    Textual draws through `sys.__stderr__` and asks `sys.__stdout__` for the size.
    """
    global _log_of_the_app
    kept = [os.dup(1), os.dup(2)]
    own = os.dup(2 if os.isatty(2) else 1)
    python_streams = sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr
    for stream in python_streams[2:]:
        stream.flush()
    screen = TerminalFile(own)
    sys.__stdout__ = sys.__stderr__ = screen  # type: ignore[misc,assignment]
    try:
        send_output_to(log)
        _log_of_the_app = log
        yield
    finally:
        _flush_c()
        _log_of_the_app = None
        sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr = python_streams  # type: ignore[misc]
        for descriptor, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(own)


_log_of_the_app: Path | None = None
"""While the terminal is guarded."""


def print_into(log: Path | None) -> None:
    """Lead what libraries print to another log, None: back to the app's own.

    Does nothing where no terminal is guarded.
    """
    if _log_of_the_app is not None:
        _flush_c()
        send_output_to(log or _log_of_the_app)


def _flush_c() -> None:
    """What C has printed and still keeps: at the very end it would go to the shell."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


def send_output_to(log: Path) -> None:
    """From now on, what libraries print is appended to `log`; to nowhere if it cannot be opened."""
    try:
        handle = files.open_to_write(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    except OSError:
        handle = os.open(os.devnull, os.O_WRONLY)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)
