"""Standard input, output and error that never raise, whatever they lead to."""

import codecs
import contextlib
import errno
import io
import os
import select
import sys
from typing import TextIO

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_PIECE = 512
"""Bytes written at a time: a pipe with any room takes as many without blocking."""

_PLAIN = {
    **{"–": "-", "—": "-", "…": ".", "×": "x", "·": ".", "→": ">", "←": "<"},
    **{"◆": "*", "✓": "+", "●": "*", "’": "'", "“": '"', "”": '"'},
}
"""Our own signs for a terminal that knows only ASCII, one character for one."""

_patient = True


def secure() -> None:
    """Open closed standard streams and replace all three so that none raises: see `_Lasting`.

    If one was closed at the start, the next opened file would get its number, and output would
    go into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                # Opens the lowest free number, which is this one; child processes inherit it.
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stdin is None:
        sys.stdin = sys.__stdin__ = open(0, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    # Streams that somebody else replaced, as tests do, are left alone.
    if sys.stdout is sys.__stdout__:
        sys.stdout = sys.__stdout__ = _lasting(1, sys.stdout)  # type: ignore[misc]
    if sys.stderr is sys.__stderr__:
        sys.stderr = sys.__stderr__ = _lasting(2, sys.stderr)  # type: ignore[misc]


def lost(descriptor: int) -> bool:
    """Return whether the other end of this descriptor is gone."""
    return descriptor in _lost


def hurry(yes: bool = True) -> None:
    """From now on drop output that would block, instead of waiting for its reader."""
    global _patient
    _patient = not yes


def tell_at_once(sentence: str) -> None:
    """Write a line to standard error without locks or blocking, for signal handlers."""
    with contextlib.suppress(OSError, ValueError):
        if select.select([], [2], [], 0)[1]:
            os.write(2, f"{sentence}\n".encode("ascii", "backslashreplace"))


def encodable(text: str, stream: TextIO) -> str:
    """Return `text` as `stream` will show it, so that its width can be measured."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, _HANDLER).decode(encoding)


_lost: set[int] = set()


class _Lasting(io.FileIO):
    """A descriptor that accepts all output, even if its other end is gone.

    What does not fit on a full disk is dropped; after any other error, such as a closed pipe, all
    output is. Unbuffered, because a signal handler may print during a write.
    """

    def write(self, data: object) -> int:
        rest = memoryview(data).cast("B")  # type: ignore[arg-type]
        size = len(rest)
        try:
            while rest:
                self._wait()
                rest = rest[super().write(rest[:_PIECE]) or 0 :]
        except OSError as error:
            if error.errno not in _NO_ROOM:
                self._lose()
        return size

    def _wait(self) -> None:
        """Wait until there is room, in short waits: a signal may end the waiting."""
        while not select.select([], [self], [], 0.5)[1]:
            if not _patient:
                raise BlockingIOError

    def _lose(self) -> None:
        _lost.add(self.fileno())
        with contextlib.suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)


def _lasting(descriptor: int, before: TextIO | None) -> io.TextIOWrapper:
    encoding = getattr(before, "encoding", None) or "utf-8"
    raw = _Lasting(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding, _HANDLER, "\n", write_through=True)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Return a replacement for characters that the encoding lacks: ours, else `\\u0431`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    shown = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in text)
    return "".join(shown), error.end


_HANDLER = "bear-tui"
codecs.register_error(_HANDLER, _plain)
