"""A training of this process in a thread, its events folded into one snapshot."""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from bear_tui import files
from bear_tui.errors import Failure, PhotosChanged
from bear_tui.recipe import Recipe
from bear_tui.run.control import HANDED_OVER, PAUSED, Control
from bear_tui.run.events import Event, PhaseStarted, RunFailed, RunStarted
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_events
from bear_tui.run.state import RunState
from bear_tui.run.timeline import TimelineEntry, timeline_entry
from bear_tui.text import safe
from bear_tui.tui.session.engine import Fit, engine_fit
from bear_tui.tui.toolkit.output import app_log, print_into

_KEPT = 200
"""Entries of the timeline that are kept; the journal has all."""
_NICE = 5
"""The niceness of a training beside the screen; an idle processor is all its own."""


def give_way() -> None:
    """Lower the priority of this thread, and of those that it starts, below the screen's.

    Otherwise a key would wait until one of torch's threads, one for each core, has used its time
    slice. Only on Linux does a thread have a priority of its own.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment, live or read from disk: everything that Train draws."""

    state: RunState = field(default_factory=RunState)
    phase_started: float | None = None
    """On the monotonic clock."""
    error: str = ""
    """Why the run could not begin, or what broke: one sentence."""
    happened: tuple[TimelineEntry, ...] = ()
    """The newest last."""

    @property
    def ended(self) -> bool:
        """Whether no more events will come."""
        return self.state.ended or bool(self.error)

    def apply(self, event: Event, now: float | None) -> "Snapshot":
        """Return the snapshot after an event that came at `now`; None if nobody watched then."""
        started = self.phase_started
        if now is not None and isinstance(event, PhaseStarted):
            started = now
        state = self.state.apply(event)
        told = replace(self, state=state, phase_started=started)
        new = timeline_entry(event, self.state, state)
        return told.noted(new) if new else told

    def noted(self, new: TimelineEntry) -> "Snapshot":
        """Return the snapshot with one more entry in its timeline."""
        return replace(self, happened=(*self.happened[1 - _KEPT :], new))


class LocalRun:
    """One training that this process runs, in one plain thread that ends itself.

    `snapshot` can be read from any thread at any time: it is replaced, never changed.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: RunFolder,
        fit: Fit = engine_fit,
        clock: Callable[[], float] = time.monotonic,
        wanted: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """`wanted` are other epochs or another learning rate for a run that is resumed."""
        self.recipe = recipe
        self.wanted = wanted
        self.folder = folder
        self._fit = fit
        self._clock = clock
        self._control = Control()
        for setting, value in wanted.items():
            self._control.want(setting, value)
        self._snapshot = Snapshot()
        self._changing = threading.Lock()
        self._paused_at: float | None = None
        self._idle = 0.0
        self.photos_changed = False
        """Whether it could not be resumed because its photos have changed."""
        self._thread = threading.Thread(target=self._train, name=f"training {folder.run}")

    def start(self) -> None:
        """Start the thread; call this once."""
        self._thread.start()

    @property
    def snapshot(self) -> Snapshot:
        """Return the state of the training now."""
        now, control = self._snapshot, self._control
        waiting = control.waiting or (PAUSED if control.paused else "")
        if not waiting or now.state.status != "running":
            return now
        message = "" if waiting == PAUSED else waiting
        return replace(now, state=replace(now.state, status="paused", message=message))

    @property
    def paused(self) -> bool:
        """Whether it was asked to pause, also before it has begun."""
        return self._control.paused

    @property
    def alive(self) -> bool:
        """Whether the thread still trains or saves."""
        return self._thread.is_alive()

    @property
    def handed_over(self) -> bool:
        """Whether it was stopped for another process to take it over."""
        state = self._snapshot.state
        return (state.status, state.message) == ("stopped", HANDED_OVER)

    def elapsed_in_phase(self) -> float:
        """Return the seconds that the running phase has taken, without pauses."""
        started = self._snapshot.phase_started
        if started is None:
            return 0.0
        until = self._paused_at if self._paused_at is not None else self._clock()
        return max(0.0, until - started - self._idle)

    def pause(self) -> None:
        """Pause after this step."""
        if self._paused_at is None:
            self._paused_at = self._clock()
            self._note("paused")
        self._control.pause()

    def resume(self) -> None:
        """Continue after a pause."""
        if self._paused_at is not None:
            self._note("went on")
            self._idle += self._clock() - self._paused_at
            self._paused_at = None
        self._control.resume()

    def stop(self, reason: str) -> None:
        """Finish the step, save and end."""
        self._control.stop(reason)

    def early_test(self) -> None:
        """Test the best weights so far, after this step."""
        self._control.want_early_test()

    def want(self, setting: str, value: float) -> None:
        """Use another `learning_rate` or number of `epochs` from the next step on."""
        self._control.want(setting, value)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread; return whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _note(self, what: str) -> None:
        with self._changing:  # the thread that trains applies events meanwhile
            seconds = self._snapshot.state.seconds + self.elapsed_in_phase()
            self._snapshot = self._snapshot.noted(TimelineEntry(seconds, what))

    def _train(self) -> None:
        give_way()
        try:
            before = Snapshot()
            for event in read_events(self.folder.journal_file):
                before = before.apply(event, None)  # a resumed run is shown with its past
            self._snapshot = replace(before, state=replace(before.state, status="waiting"))
            for event in self._fit(self.recipe, self.folder, self._control):
                if isinstance(event, RunStarted):
                    print_into(self.folder.log_file)
                if isinstance(event, PhaseStarted):
                    self._idle = 0.0
                with self._changing:
                    self._snapshot = self._snapshot.apply(event, self._clock())
        except Failure as failure:
            self.photos_changed = isinstance(failure, PhotosChanged)
            self._not_begun()
            self._snapshot = replace(self._snapshot, error=str(failure))
        except Exception as error:  # nobody else would see it in a thread
            self._fail(error)
        finally:
            print_into(None)

    def _not_begun(self) -> None:
        """Mark a run that could not be resumed as failed, so that it can be tried again."""
        now = self._snapshot
        if now.state.run and now.state.status == "waiting":
            self._snapshot = replace(now, state=replace(now.state, status="failed"))

    def _fail(self, error: Exception) -> None:
        """Write the traceback to a log and show a sentence."""
        log = self.folder.log_file if files.is_folder(self.folder.path) else app_log()
        sentence = f"{type(error).__name__}: {safe(error, 300)}. Details are in {log}."
        self._not_begun()
        self._snapshot = replace(self._snapshot, error=sentence)
        if self._snapshot.state.status == "running":
            self._snapshot = self._snapshot.apply(RunFailed(sentence), None)
        try:
            with files.open_to_append(log) as file:
                file.write("".join(traceback.format_exception(error)).encode("utf-8", "replace"))
        except OSError:
            traceback.print_exception(error)
