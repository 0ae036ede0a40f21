"""The journal of a run: one event a line, appended by its trainer, read by anyone at any time."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from bear_tui import files, json_file
from bear_tui.errors import Unreadable
from bear_tui.run.events import Event, ImpossibleEvent, StepCompleted, from_json, to_json
from bear_tui.run.state import RunState

_TAIL = 64 * 1024
"""Bytes that hold at least one whole event but for huge tables."""


class Journal:
    """The one writer of a journal."""

    def __init__(self, path: Path) -> None:
        # Unbuffered: after a failed write nothing may remain that a later write repeats.
        self._handle = files.open_to_write(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        _drop_half_line(self._handle)

    def append(self, event: Event) -> None:
        """Write one event, whole or not at all; sync all but steps to disk. Raises OSError."""
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
            # A disk reports an I/O error once, and has dropped what it could not write.
            os.ftruncate(self._handle, before)
            _write(self._handle, line)
            os.fsync(self._handle)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a journal, without a half-written last line or lines that are no event.

    Raises Unreadable if the file cannot be read, or if an event has impossible values.
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
    """Return the event in a line of the journal at `path`.

    None for a damaged line and an event of a later version. Raises Unreadable for a known event
    with impossible values.
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
    """Return the last whole line of a journal, empty if there is none. Reads only its end."""
    try:
        with files.open_to_read(path) as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            *lines, _ = file.read(_TAIL).split(b"\n")
    except OSError:
        return b""
    return lines[-1] if lines else b""


def read_state(path: Path) -> RunState:
    """Return the RunState after all events of a journal. Raises Unreadable."""
    state = RunState()
    for event in read_events(path):
        state = state.apply(event)
    check(state, path)
    return state


def check(state: RunState, path: Path) -> None:
    """Raise Unreadable if the events of a journal, each one valid, contradict each other."""
    if not state.classes and (state.history or state.test is not None):
        raise Unreadable(f"{path}: the line that begins the run is missing or damaged.")
    if state.test is not None:
        rows, classes = state.test.confusion_matrix, len(state.classes)
        if len(rows) != classes or any(len(row) != classes for row in rows):
            shape = f"{len(rows)} x {max(map(len, rows), default=0)}"
            raise Unreadable(f"{path}: a {shape} confusion matrix does not fit {classes} classes.")


def _write(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _drop_half_line(handle: int) -> None:
    """Cut off the half-written line of a killed writer: appending to it would spoil the next."""
    end = os.lseek(handle, 0, os.SEEK_END)
    while end:
        begin = max(0, end - _TAIL)
        kept = os.pread(handle, end - begin, begin).rfind(b"\n") + 1
        if kept:
            return os.ftruncate(handle, begin + kept)
        end = begin
    return os.ftruncate(handle, 0)
