"""The journal of a run: events appended one a line, read by anyone at any time."""

import os
from collections.abc import Iterator
from pathlib import Path

from bear_tui.errors import Failure
from bear_tui.run.events import Event, StepCompleted, from_json, to_json
from bear_tui.run.state import RunState

_TAIL = 64 * 1024
"""Bytes that hold at least one whole event."""


class Journal:
    """The one writer of a journal."""

    def __init__(self, path: Path) -> None:
        _drop_half_line(path)
        # Without a buffer: after a failed write nothing may be left that a later one repeats.
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def append(self, event: Event) -> None:
        """Write one event, whole or not at all. Those that must last are synced to disk."""
        line = memoryview(to_json(event).encode() + b"\n")
        before = os.fstat(self._handle).st_size
        try:
            while line:
                line = line[os.write(self._handle, line) :]
            if not isinstance(event, StepCompleted):
                os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, before)
            raise

    def close(self) -> None:
        """Close the file; the journal stays."""
        os.close(self._handle)


def read_events(path: Path) -> Iterator[Event]:
    """The events of a journal. A half-written last line is left out, a damaged one skipped.

    Raises Failure where another version of bear-tui wrote events that this one cannot read.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            event = read_line(line, path)
            if event is not None:
                yield event


def read_line(line: bytes, path: Path) -> Event | None:
    """The event in a line of the journal at `path`; None for damage and events of later versions.

    Nothing can be known of a run without its RunStarted, so that one must be understood.
    """
    try:
        return from_json(line.decode("utf-8"))
    except ValueError:
        if line.startswith(b'{"event": "RunStarted"') and line.rstrip().endswith(b"}"):
            raise Failure(
                f"{path}: written by another version of bear-tui; read it with that one."
            ) from None
        return None


def last_line(path: Path) -> bytes:
    """The last whole line of a journal; empty where there is none. Reads no more than its end."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            *lines, _ = file.read().split(b"\n")
    except OSError:
        return b""
    return lines[-1] if lines else b""


def read_state(path: Path) -> RunState:
    """The RunState that a journal tells."""
    state = RunState()
    for event in read_events(path):
        state = state.apply(event)
    return state


def _drop_half_line(path: Path) -> None:
    """A writer that died mid-line leaves a torn end; appending to it would spoil a whole line."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
