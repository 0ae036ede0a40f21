"""The journal of a run: events appended one a line, read by anyone at any time."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from bear_tui.run.events import Event, StepCompleted, from_json, to_json
from bear_tui.run.state import RunState


class Journal:
    """The one writer of a journal."""

    def __init__(self, path: Path) -> None:
        _drop_half_line(path)
        self._file = path.open("a", encoding="utf-8")

    def append(self, event: Event) -> None:
        """Write one event. Events that change what is promised to last are synced to disk."""
        self._file.write(to_json(event) + "\n")
        self._file.flush()
        if not isinstance(event, StepCompleted):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; the journal stays. A full disk was told of by `append`."""
        with contextlib.suppress(OSError):
            self._file.close()


def read_events(path: Path) -> Iterator[Event]:
    """The events of a journal. A half-written last line is left out, a damaged one skipped."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                yield from_json(line.decode("utf-8"))
            except ValueError:
                continue


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
