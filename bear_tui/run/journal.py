"""The journal of a run: events appended one a line, read by anyone at any time."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from bear_tui import files, json_file
from bear_tui.errors import Unreadable
from bear_tui.run.events import Event, ImpossibleEvent, StepCompleted, from_json, to_json
from bear_tui.run.state import RunState

_TAIL = 64 * 1024
"""Bytes that hold at least one whole event."""


class Journal:
    """The one writer of a journal."""

    def __init__(self, path: Path) -> None:
        # Without a buffer: after a failed write nothing may be left that a later one repeats.
        self._handle = files.open_to_write(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        _drop_half_line(self._handle)

    def append(self, event: Event) -> None:
        """Write one event, whole or not at all. Those that must last are synced to disk."""
        line = to_json(event).encode() + b"\n"
        before = os.fstat(self._handle).st_size
        try:
            _write(self._handle, line)
            if not isinstance(event, StepCompleted):
                self._sync(line, before)
        except OSError:
            os.ftruncate(self._handle, before)
            raise

    def _sync(self, line: bytes, before: int) -> None:
        try:
            os.fsync(self._handle)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            # A disk that reports an error once has forgotten what it could not write.
            os.ftruncate(self._handle, before)
            _write(self._handle, line)
            os.fsync(self._handle)

    def close(self) -> None:
        """Close the file; the journal stays."""
        os.close(self._handle)


def read_events(path: Path) -> Iterator[Event]:
    """The events of a journal. A half-written last line is left out, and so is one that is none.

    Raises Unreadable where it cannot be read, and where a line is an event that cannot be: no
    number where one is needed, or one out of range.
    """
    try:
        file = files.open_to_read(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unreadable(str(files.explain(error, path))) from None
    with file:
        while (line := file.readline(json_file.LONGEST_LINE)).endswith(b"\n"):
            event = read_line(line, path)
            if event is not None:
                yield event


def read_line(line: bytes, path: Path) -> Event | None:
    """The event in a line of the journal at `path`; None for damage and events of later versions.

    Raises Unreadable where the line is whole and yet no event that this version writes.
    """
    try:
        return from_json(line.decode("utf-8"))
    except ImpossibleEvent as error:
        if line.startswith(b'{"event": "RunStarted"') and "without" in str(error):
            why = "written by another version of bear-tui; read it with that one"
        else:
            why = f"{error}; the journal is damaged"
        raise Unreadable(f"{path}: {why}.") from None
    except ValueError:
        return None


def last_line(path: Path) -> bytes:
    """The last whole line of a journal; empty where there is none. Reads no more than its end."""
    try:
        with files.open_to_read(path) as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            *lines, _ = file.read(_TAIL).split(b"\n")
    except OSError:
        return b""
    return lines[-1] if lines else b""


def read_state(path: Path) -> RunState:
    """The RunState that a journal tells. Raises Unreadable."""
    state = RunState()
    for event in read_events(path):
        state = state.apply(event)
    check(state, path)
    return state


def check(state: RunState, path: Path) -> None:
    """Raise Unreadable where the events of a journal, each one good, do not fit together."""
    if not state.classes and (state.history or state.test is not None):
        raise Unreadable(f"{path}: the line that begins the run is missing or damaged.")
    if state.test is not None:
        rows, classes = state.test.confusion_matrix, len(state.classes)
        if len(rows) != classes or any(len(row) != classes for row in rows):
            shape = f"{len(rows)} x {max(map(len, rows), default=0)}"
            raise Unreadable(f"{path}: a test's table of {shape} counts for {classes} classes.")


def _write(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _drop_half_line(handle: int) -> None:
    """A writer that died mid-line leaves a torn end; appending to it would spoil a whole line."""
    end = os.lseek(handle, 0, os.SEEK_END)
    while end:
        begin = max(0, end - _TAIL)
        kept = os.pread(handle, end - begin, begin).rfind(b"\n") + 1
        if kept:
            return os.ftruncate(handle, begin + kept)
        end = begin
    return os.ftruncate(handle, 0)
