"""A run that another process trains, or that has ended: its journal, read on a timer."""

import errno
import time
from collections.abc import Callable
from dataclasses import replace

from bear_tui import files
from bear_tui.errors import Failure, Unreadable
from bear_tui.run.control import ask
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import check, read_line
from bear_tui.run.state import Status
from bear_tui.run.timeline import TimelineEntry
from bear_tui.tui.session.local_run import Snapshot

_BYTES_A_POLL = 128 * 1024
"""About 10 ms of parsing, so that a poll delays no key. A thread reads what is more."""


class RemoteRun:
    """Reads what was appended since the last poll; has the snapshot and requests of a LocalRun.

    A run that has ended may be resumed in the background or in another terminal.
    """

    def __init__(self, folder: RunFolder, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._offset = 0
        self._rest = b""
        self._told = Snapshot()
        self._snapshot = Snapshot()
        self.caught_up = False
        """Whether the journal was read to its end."""
        self.alive = False
        """Whether a process trains it."""

    @property
    def snapshot(self) -> Snapshot:
        """Return the state of the run when its journal was last read to the end."""
        return self._snapshot

    @property
    def paused(self) -> bool:
        """Whether the run is paused, by its journal."""
        return self._snapshot.state.status == "paused"

    def elapsed_in_phase(self) -> float:
        """Return the seconds since the phase was seen to start; 0 if it started before that."""
        started = self._snapshot.phase_started
        return 0.0 if started is None else max(0.0, self._clock() - started)

    def pause(self) -> None:
        """Ask the trainer to pause after its step. Raises Failure if it cannot be asked."""
        ask(self.folder.control_file, "pause")

    def resume(self) -> None:
        """Ask a paused trainer to continue."""
        ask(self.folder.control_file, "resume")

    def stop(self, reason: str) -> None:
        """Ask the trainer to finish its step, save and end."""
        ask(self.folder.control_file, "stop", reason)

    def early_test(self) -> None:
        """Ask for the best weights so far to be tested."""
        ask(self.folder.control_file, "test")

    def want(self, setting: str, value: float) -> None:
        """Ask for another `learning_rate` or number of `epochs`."""
        ask(self.folder.control_file, setting, value)

    def poll(self) -> bool:
        """Read what is new; return whether anything changed."""
        # Checked before reading: a trainer that ends in between has written its last event.
        self.alive = self.folder.being_trained()
        before, was_caught_up = self._snapshot, self.caught_up
        try:
            for event in self._new_events():
                # The time of what came before anyone watched is unknown.
                now = self._clock() if was_caught_up else None
                self._told = self._told.apply(event, now)
            if self.caught_up:
                check(self._told.state, self.folder.journal_file)
        except Failure as failure:
            self._told = replace(self._told, error=str(failure))
            self.caught_up = True  # there is no more to be read
        if self.caught_up:  # a state in the middle of the journal is outdated
            now_seen = replace(self._told, state=self.folder.seen(self._told.state, self.alive))
            now_seen = self._with_pauses(before.state.status, now_seen)
            if now_seen != before:
                self._snapshot = now_seen
        return self._snapshot is not before or self.caught_up is not was_caught_up

    def read_to_end(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Poll until all is read. Call in a thread: a long journal takes seconds."""
        while not (self.caught_up or cancelled()):
            self.poll()

    def give_up(self, why: str) -> None:
        """Note why the run cannot be read."""
        self._told = self._snapshot = replace(self._told, error=why)
        self.caught_up = True

    def _with_pauses(self, before: Status, now: Snapshot) -> Snapshot:
        """Note a pause when it is first seen: the journal has no event for it."""
        match before, now.state.status:
            case "running", "paused":
                what = f"waits: {now.state.message}" if now.state.message else "paused"
            case "paused", "running":
                what = "went on"
            case _:
                return now
        note = TimelineEntry(now.state.seconds + self.elapsed_in_phase(), what)
        self._told = self._told.noted(note)
        return now.noted(note)

    def _new_events(self) -> list[Event]:
        path = self.folder.journal_file
        try:
            with files.open_to_read(path) as file:
                file.seek(self._offset)
                chunk = file.read(_BYTES_A_POLL)
        except OSError as error:
            if error.errno in (*files.NO_FILE, errno.EACCES):  # no passing trouble of a disk
                raise Unreadable(str(files.explain(error, path))) from None
            chunk = b""
        self._offset += len(chunk)
        self.caught_up = len(chunk) < _BYTES_A_POLL
        # The rest of a half-written line comes with a later poll.
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [event for line in lines if (event := read_line(line, path)) is not None]
