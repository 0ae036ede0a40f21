"""How the app ends, and what becomes of its training: stop, go on in the background, be left."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from textual import on
from textual.reactive import reactive

from bear_tui.run.control import HANDED_OVER
from bear_tui.text import safe
from bear_tui.tui.screens.dialogs import BrokenOffScreen, LeaveScreen, SavingScreen
from bear_tui.tui.session.autosave import InOrder
from bear_tui.tui.session.background import Background
from bear_tui.tui.toolkit.driver import TerminalDriver
from bear_tui.tui.toolkit.frame_pacing import PacedApp

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder
    from bear_tui.tui.session.local_run import LocalRun

_LONG_WORK = {
    "prepare": "Preparing photos",
    "coco": "Taking photos out of COCO",
    "suspects": "Looking for wrong labels",
}
"""What the threads of these groups do: with the app it ends, and is not there the next time. An
export is written to its end.
"""

_HANDING = "Handing the training to a background process"

Severity: TypeAlias = Literal["information", "warning", "error"]


class LeavingApp(PacedApp):
    """An app that may own a training. The exit status is what it returns."""

    run_folder: "reactive[RunFolder | None]" = reactive(None, init=False)
    """The run that Train and Results show."""

    def __init__(self) -> None:
        super().__init__()
        self.feed: LocalRun | None = None
        """The training that this app owns, running or ended."""
        self.writes = InOrder(self)
        """What is decided by key, on its way to the disk."""
        self._background: Background | None = None
        """Goes on with the training that this app began."""
        self._handing_over: RunFolder | None = None
        """What another process is to go on with, and does not yet."""
        self._then: list[Callable[[], object]] = []
        """What follows when the training is handed over."""
        self.leaving = False
        """Whether the app ends as soon as its training is saved."""
        self._terminated = False
        self.terminal_lost = False
        self.last_words = ""
        """A sentence for after the app, on the terminal."""

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """A sentence in the corner, shown literally; no longer than a low window holds."""
        self.notify(safe(sentence, 500), severity=severity, markup=False, timeout=8)

    @property
    def training(self) -> bool:
        """Whether a training of this app is going on or saving."""
        return self.feed is not None and self.feed.alive

    def rest_queue(self) -> None:
        """What waits to be trained is not begun here any more: the app ends."""

    @property
    def unfinished(self) -> bool:
        """Whether a training would be lost with this process, or a run be left to nobody."""
        return self.training or self._handing_over is not None

    @property
    def busy(self) -> bool:
        """Whether a training that this app began goes on, here, in the background or between."""
        elsewhere = self._background is not None and self._background.alive
        return self.unfinished or elsewhere

    def action_leave(self) -> None:
        """End the app; ask first what becomes of a training, or of other work that takes long."""
        # The palette may lie over a question.
        asked = LeaveScreen | BrokenOffScreen | SavingScreen
        if any(isinstance(one, asked) for one in self.screen_stack):
            return
        doing = self._doing()
        if self.unfinished:
            self.push_screen(LeaveScreen(doing), self._leave)
        elif doing:
            self.push_screen(BrokenOffScreen(doing), self._break_off)
        else:
            self.exit(0)

    def _doing(self) -> str:
        """Which work of a sheet would be lost; nothing where none is."""
        groups = {worker.group for worker in self.workers if not worker.is_finished}
        return next((words for group, words in _LONG_WORK.items() if group in groups), "")

    def _break_off(self, answer: str | None) -> None:
        if answer and self.training:  # begun while it was asked
            self.push_screen(LeaveScreen(), self._leave)
        elif answer:
            self.exit(0)

    def action_terminate(self) -> None:
        """A signal that asks for an end: leave, but save the training first."""
        if not self.training:
            self.exit(0)
        elif not self._terminated:  # SIGXCPU comes every second
            self._terminated = True
            self._leave("stop")

    def action_terminal_gone(self) -> None:
        """The terminal is lost: the app ends, a training goes on without a screen."""
        self.terminal_lost = True
        self.exit(0)

    def _leave(self, answer: str | None) -> None:
        self.leaving = bool(answer)
        if answer:
            self.rest_queue()
        if answer == "stop" and self.feed is not None:
            self._handing_over = None
            if self._background is not None:
                self._background.end()
            self.feed.stop("stopped when leaving the app")
            self.push_screen(SavingScreen("Stopping and saving", lambda: self.exit(0)))
        elif answer == "keep":
            self.hand_over(lambda: self.exit(0))

    def hand_over(self, then: Callable[[], object] = lambda: None) -> None:
        """Save the training and let a background process go on with it; `then` follows."""
        feed = self.feed
        if self._handing_over is not None:
            self._then.append(then)
            return
        if feed is None or not feed.alive:
            then()
            return
        self._then = [then]
        self._handing_over = feed.folder
        feed.stop(HANDED_OVER)
        self.push_screen(SavingScreen(_HANDING, self._start_background))

    def _start_background(self) -> None:
        """The training is saved: start the other process. Nobody is told before it trains."""
        folder, feed = self._handing_over, self.feed
        if folder is None or feed is None:
            return  # it was to be stopped meanwhile
        if not feed.handed_over:  # it ended by itself or was stopped: that is on the screen
            self._handing_over, self.leaving = None, False
            self.switch_mode("train")
            return
        try:
            background = self._background = Background(folder)
        except OSError as error:
            self._take_back(folder, str(error))
            return
        told = "The background process starts, and goes on with the run."
        settled = partial(getattr, background, "settled")
        self.push_screen(SavingScreen(_HANDING, self._hand_over_ends, settled, told))

    def _hand_over_ends(self) -> None:
        folder, background = self._handing_over, self._background
        if folder is None or background is None:
            return
        if not background.took_over:
            why = background.failure()
            background.end()
            self._take_back(folder, why)
            return
        self._handing_over = self.feed = None
        # Looked at anew: as a run of another process.
        self.run_folder = None
        self.run_folder = folder
        self.last_words = background.farewell()
        follows, self._then = self._then, []
        for then in follows:
            then()

    def _take_back(self, folder: "RunFolder", why: str) -> None:
        """Nobody else can go on with it, so this process does."""
        self._handing_over, self._background, self.leaving = None, None, False
        self.say(f"No background process goes on with {folder.run}: {why}", "error")
        self.go_on_here(folder)

    def left_to_nobody(self, stopped: Callable[[], bool]) -> "RunFolder | None":
        """What was saved for another process, where the screen went before one took it over and
        none does; waits for that until `stopped`.
        """
        folder, background = self._handing_over, self._background
        self._handing_over = None
        if folder is None or self.feed is None or not self.feed.handed_over:
            return None
        if background is not None:
            while not (background.settled or stopped()):
                time.sleep(0.1)
            if background.took_over:
                return None
            background.end()
        return None if stopped() else folder

    def go_on_here(self, folder: "RunFolder") -> None:
        """Train what was saved for another process."""

    @on(TerminalDriver.SignalResume)
    def _paint_again(self) -> None:
        """After `fg` the terminal is empty; of a size that is the same Textual paints nothing."""
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """A process that ctrl+z stops trains nothing: another one takes the training first."""
        if not isinstance(self.screen, SavingScreen):  # what is being saved comes first
            self.hand_over(self._to_the_shell)

    def _to_the_shell(self) -> None:
        goes_on = self._background is not None and self._background.alive
        if isinstance(self._driver, TerminalDriver):
            self._driver.words = self.last_words if goes_on else ""
        super().action_suspend_process()
