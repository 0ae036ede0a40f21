"""Standard input, output and error that no command can fail by, whatever they lead to."""

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
"""Bytes written at a time: what a pipe that has room at all takes without waiting."""

_PLAIN = {
    **{"–": "-", "—": "-", "…": ".", "×": "x", "·": ".", "→": ">", "←": "<"},
    **{"◆": "*", "✓": "+", "●": "*", "’": "'", "“": '"', "”": '"'},
}
"""Our own signs as a terminal has them that knows ASCII alone, one for one."""

_patient = True


def secure() -> None:
    """Have the three standard streams there, and none of them raise: see `_Lasting`.

    Where Python was started with one closed, the next file that is opened would get its number,
    and what is printed would be written into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                # The lowest number that is free, so this one; for child processes as well.
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stdin is None:
        sys.stdin = sys.__stdin__ = open(0, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    # One that somebody else has put there, as tests do, is theirs.
    if sys.stdout is sys.__stdout__:
        sys.stdout = sys.__stdout__ = _lasting(1, sys.stdout)  # type: ignore[misc]
    if sys.stderr is sys.__stderr__:
        sys.stderr = sys.__stderr__ = _lasting(2, sys.stderr)  # type: ignore[misc]


def lost(descriptor: int) -> bool:
    """Whether nobody can be told anything more through this descriptor of ours."""
    return descriptor in _lost


def hurry(yes: bool = True) -> None:
    """From now on give an output up that takes nothing, instead of waiting for its reader."""
    global _patient
    _patient = not yes


def tell_at_once(sentence: str) -> None:
    """Write a line to standard error as a signal's handler may: without locks, without waiting."""
    with contextlib.suppress(OSError, ValueError):
        if select.select([], [2], [], 0)[1]:
            os.write(2, f"{sentence}\n".encode("ascii", "backslashreplace"))


def encodable(text: str, stream: TextIO) -> str:
    """`text` as `stream` can show it, of the width that it will have there."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, _HANDLER).decode(encoding)


_lost: set[int] = set()


class _Lasting(io.FileIO):
    """A descriptor that takes all that is written, also when its other end is gone.

    What a full disk does not take is left out; after any other error, such as a reader that went
    away, everything goes nowhere. Unbuffered: a signal's handler may print while this does.
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
        """Until there is room. In short waits: a signal may ask to wait no longer."""
        while not select.select([], [self], [], 0.5)[1]:
            if not _patient:
                raise BlockingIOError

    def _lose(self) -> None:
        _lost.add(self.fileno())
        with contextlib.suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)


def _lasting(descriptor: int, before: TextIO | None) -> io.TextIOWrapper:
    encoding = getattr(before, "encoding", None) or "utf-8"
    raw = _Lasting(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding, _HANDLER, "\n", write_through=True)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that an encoding does not have; other letters as `\\u0431`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    shown = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in text)
    return "".join(shown), error.end


_HANDLER = "bear-tui"
codecs.register_error(_HANDLER, _plain)
