"""How the app ends: by key after a question, by a signal, or because the terminal is lost.

A training is saved, handed to a background process, or finished without a screen.
"""

import asyncio
import signal
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bear_tui.signals import ENDING
from bear_tui.tui.context import context_of
from bear_tui.tui.screens.dialogs import InterruptWorkScreen, LeaveScreen, SavingScreen
from bear_tui.tui.toolkit.app import ToolkitApp

if TYPE_CHECKING:
    from bear_tui.tui.session.training import TrainingSession

_LONG_WORK = {
    "prepare": "Preparing photos",
    "coco": "Taking photos out of COCO",
    "suspects": "Looking for wrong labels",
}
"""Work in threads that is lost when the app ends, by the `group` of its worker. An export
is written to its end."""


class Leaving:
    """Ends the app; asks first where a training or other long work goes on."""

    def __init__(self, app: ToolkitApp) -> None:
        self._app = app
        self._terminated = False
        self.terminal_lost = False
        """Whether nobody can see the terminal any more."""

    @property
    def _training(self) -> "TrainingSession":
        return context_of(self._app).training

    def handle_signals(self) -> None:
        """End the app where a signal asks for it or the terminal is gone."""
        self._app.when_terminal_gone = self.lose_terminal
        if not self._app.is_headless:
            loop = asyncio.get_running_loop()
            for number in ENDING:
                loop.add_signal_handler(number, self.terminate)
            loop.add_signal_handler(signal.SIGHUP, self.lose_terminal)

    def ask(self) -> None:
        """End the app, after a question where something would be interrupted."""
        # The palette may lie over a question.
        asked = LeaveScreen | InterruptWorkScreen | SavingScreen
        if any(isinstance(screen, asked) for screen in self._app.screen_stack):
            return
        work = self._long_work()
        if self._training.unfinished:
            self._app.push_screen(LeaveScreen(work), self._leave)
        elif work:
            self._app.push_screen(InterruptWorkScreen(work), self._interrupt_work)
        else:
            self._app.exit(0)

    def terminate(self) -> None:
        """Save the training and end: a signal asks for it."""
        if not self._training.running:
            self._app.exit(0)
        elif not self._terminated:  # SIGXCPU comes every second
            self._terminated = True
            self._leave("stop")

    def lose_terminal(self) -> None:
        """End the app; a training goes on without a screen."""
        self.terminal_lost = True
        self._app.exit(0)

    def suspend(self, to_the_shell: Callable[[], None]) -> None:
        """Go to the shell. A process that is suspended trains nothing: another takes over first."""
        if not isinstance(self._app.screen, SavingScreen):  # what is being saved comes first
            self._training.hand_over(partial(self._suspend, to_the_shell))

    def _suspend(self, to_the_shell: Callable[[], None]) -> None:
        training = self._training
        self._app.shell_words = training.farewell if training.trains_elsewhere else ""
        to_the_shell()

    def _long_work(self) -> str:
        """Return which work would be lost; "" if none goes on."""
        groups = {worker.group for worker in self._app.workers if not worker.is_finished}
        return next((words for group, words in _LONG_WORK.items() if group in groups), "")

    def _interrupt_work(self, answer: str | None) -> None:
        if answer and self._training.running:  # begun while the person was asked
            self._app.push_screen(LeaveScreen(), self._leave)
        elif answer:
            self._app.exit(0)

    def _leave(self, answer: str | None) -> None:
        training = self._training
        if not answer:
            training.leaving = False
            return
        training.leave()
        if answer == "stop" and training.local_run is not None:
            training.stop("stopped when leaving the app")
            saving = SavingScreen(
                "Stopping and saving",
                "The trainer finishes its step and writes a checkpoint.",
                lambda: not training.running,
                lambda: self._app.exit(0),
            )
            self._app.push_screen(saving)
        elif answer == "keep":
            training.hand_over(lambda: self._app.exit(0))
