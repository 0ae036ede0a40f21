"""Following a run that another process trains, or that has ended: its journal, read on a timer."""

import time
from collections.abc import Callable
from dataclasses import replace

from bear_tui.run.events import Event, from_json
from bear_tui.run.folder import RunFolder
from bear_tui.tui.feed import Snapshot

_BYTES_A_POLL = 128 * 1024
"""About 10 ms of parsing: a long journal is caught up with over a few polls, no key waits."""


class Follower:
    """Reads what was appended since the last poll. The same Snapshot as a live Feed."""

    def __init__(self, folder: RunFolder, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._offset = 0
        self._rest = b""
        self._snapshot = Snapshot()
        self.caught_up = False
        """Whether the journal was read to its end."""

    @property
    def snapshot(self) -> Snapshot:
        """How the run stood at the last poll."""
        return self._snapshot

    def elapsed_in_phase(self) -> float:
        """Seconds since the running phase was seen to start; 0 where it began before."""
        started = self._snapshot.phase_started
        return 0.0 if started is None else max(0.0, self._clock() - started)

    def poll(self) -> bool:
        """Read on; whether anything changed."""
        if self._snapshot.ended and self.caught_up:
            return False
        # Looked at before reading: a trainer that ends in between has written its last event.
        trained = self.folder.being_trained()
        before = self._snapshot
        was_caught_up = self.caught_up
        for event in self._new_events():
            # What happened before anyone watched began at an unknown time.
            now = self._clock() if was_caught_up else None
            self._snapshot = self._apply(event, now)
        if self.caught_up and not trained and not self._snapshot.ended:
            state = replace(self._snapshot.state, status="interrupted")
            self._snapshot = replace(self._snapshot, state=state)
        return self._snapshot is not before or self.caught_up is not was_caught_up

    def _apply(self, event: Event, now: float | None) -> Snapshot:
        if now is not None:
            return self._snapshot.apply(event, now)
        return replace(self._snapshot, state=self._snapshot.state.apply(event))

    def _new_events(self) -> list[Event]:
        try:
            with self.folder.journal_file.open("rb") as file:
                file.seek(self._offset)
                chunk = file.read(_BYTES_A_POLL)
        except OSError:
            chunk = b""
        self._offset += len(chunk)
        self.caught_up = len(chunk) < _BYTES_A_POLL
        # A line still being written waits for its end.
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        events = []
        for line in lines:
            try:
                events.append(from_json(line.decode("utf-8")))
            except ValueError:
                continue
        return events
