"""Show the app on the terminal, and finish its training when the screen is gone."""

import gc
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from bear_tui.signals import ENDING
from bear_tui.text import safe
from bear_tui.tui.toolkit.output import app_log, guarded, send_output_to

if TYPE_CHECKING:
    from bear_tui.tui.flows.leaving import Leaving
    from bear_tui.tui.session.training import TrainingSession


_RUNS_ARE_SAFE = "Runs are safe: `bear-tui runs` lists them."


class ShownApp(Protocol):
    """What the terminal needs to know of an app."""

    training: "TrainingSession"
    leaving: "Leaving"
    crash_words: str
    """What to tell the person about an error that ended the screen; "" without one."""

    def run(self) -> int | None:
        """Show the app until the person leaves; return the exit status."""

    def broke(self, error: BaseException) -> None:
        """Note an error that ended the screen."""


def show_app(make: Callable[[], ShownApp]) -> int:
    """Show the app until the person leaves; return the exit status.

    A training that the terminal left behind, or a screen that broke, is finished first, without a
    screen, and so are those that wait for it.
    """
    with guarded(app_log()):
        # Made inside: Textual takes hold of the streams when an app is made.
        app = make()
        thresholds, status = gc.get_threshold(), None
        try:
            status = app.run()
        except BaseException as error:  # whatever ends the screen ends no training
            app.broke(error)
        gc.set_threshold(*thresholds)  # without keys, memory may be tidied at any time
        crash = app.crash_words and f"{app.crash_words} {_RUNS_ARE_SAFE}"
        last_words = "" if app.leaving.terminal_lost else crash or app.training.farewell
        if app.training.unfinished:
            if not app.leaving.terminal_lost:
                _say_that_it_goes_on(last_words)
            last_words = ""
            finish_training(app.training)
        # Objects set aside after torch's import must be freed in order at the end; C++ libraries
        # tell the terminal about each one that is not.
        gc.unfreeze()
    if last_words:
        print(f"bear-tui: {safe(last_words)}", file=sys.stderr)
    return 1 if app.crash_words else status or 0


def _say_that_it_goes_on(last_words: str) -> None:
    if sys.__stderr__ is not None:
        sys.__stderr__.write(
            (f"bear-tui: {safe(last_words)}\n" if last_words else "")
            + "bear-tui: the training goes on without the screen; ctrl+c stops and saves it.\n"
        )


def finish_training(training: "TrainingSession") -> None:
    """Wait for a training that goes on without a screen; signals stop and save it."""
    stopped = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.set()
        training.queue.resting = True
        if training.local_run is not None:
            training.local_run.stop(f"asked by {signal.Signals(number).name}")

    for number in ENDING:
        signal.signal(number, stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for shell in (signal.SIGTSTP, signal.SIGCONT):  # the screen's own handlers would draw it
        signal.signal(shell, signal.SIG_DFL)
    going = True
    while going and training.local_run is not None:
        send_output_to(training.local_run.folder.log_file)
        # In short waits: a signal is handled between them.
        while not training.local_run.join(1.0):
            pass
        going = training.train_without_screen(stopped.is_set)
