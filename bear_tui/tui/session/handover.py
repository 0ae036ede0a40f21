"""Handing a training of this process to a background process, which outlives the app."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bear_tui.run.control import HANDED_OVER
from bear_tui.tui.session.background import Background
from bear_tui.tui.session.view import TrainingView

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder
    from bear_tui.tui.session.local_run import LocalRun

_TITLE = "Handing the training to a background process"
_SAVES = "The trainer finishes its step and writes a checkpoint."
_STARTS = "The background process starts, and goes on with the run."


class Handover:
    """Saves the run, starts a process for it, and waits until that process trains.

    Only then is the person told. Where no process takes the run over, `failed` gets the reason.
    """

    def __init__(
        self,
        view: TrainingView,
        done: Callable[["RunFolder"], object],
        ended: Callable[[], object],
        failed: Callable[["RunFolder", str], object],
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`ended` is called where the run ended by itself before it was saved for another."""
        self._view = view
        self._done, self._ended, self._failed = done, ended, failed
        self._sleep = sleep
        self._run: LocalRun | None = None
        self._background: Background | None = None
        self._followers: list[Callable[[], object]] = []
        self.farewell = ""
        """What the person needs to know about the process that took a run over last."""

    @property
    def pending(self) -> bool:
        """Whether a run is on its way to another process."""
        return self._run is not None

    @property
    def elsewhere(self) -> bool:
        """Whether a background process that was started here is alive."""
        return self._background is not None and self._background.alive

    def begin(self, run: "LocalRun", then: Callable[[], object]) -> None:
        """Hand a run over; call `then` when another process trains it."""
        self._run, self._followers = run, [then]
        run.stop(HANDED_OVER)
        self._view.wait(_TITLE, _SAVES, lambda: not run.alive, self._start)

    def also(self, then: Callable[[], object]) -> None:
        """Call `then` too, when the run that is on its way is handed over."""
        self._followers.append(then)

    def cancel(self) -> None:
        """Give the run to nobody; end the background process, which saves first."""
        self._run = None
        if self._background is not None:
            self._background.end()

    def _start(self) -> None:
        run = self._run
        if run is None:
            return  # cancelled meanwhile
        if not run.handed_over:
            self._run = None
            self._ended()
            return
        try:
            background = self._background = Background(run.folder)
        except OSError as error:
            self._fail(run, str(error))
            return
        self._view.wait(_TITLE, _STARTS, lambda: background.settled, self._finish)

    def _finish(self) -> None:
        run, background = self._run, self._background
        if run is None or background is None:
            return
        if not background.took_over:
            why = background.failure()
            background.end()
            self._fail(run, why)
            return
        self._run = None
        self.farewell = background.farewell()
        self._done(run.folder)
        followers, self._followers = self._followers, []
        for follower in followers:
            follower()

    def _fail(self, run: "LocalRun", why: str) -> None:
        self._run = self._background = None
        self._failed(run.folder, why)

    def take_back(self, stopped: Callable[[], bool]) -> "RunFolder | None":
        """Return the run that was saved for another process and that none will train.

        For an app whose screen is gone: waits until the process has settled or `stopped()`.
        """
        run, background = self._run, self._background
        self._run = None
        if run is None or not run.handed_over:
            return None
        if background is not None:
            while not (background.settled or stopped()):
                self._sleep(0.1)
            if background.took_over:
                return None
            background.end()
        return None if stopped() else run.folder
