"""One sitting: the app on the terminal, and what goes on after the terminal is gone."""

import gc
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from bear_tui.signals import ENDING
from bear_tui.text import safe
from bear_tui.tui.toolkit.output import app_log, guarded, send_output_to

if TYPE_CHECKING:
    from bear_tui.tui.app import BearApp


def sit(make: Callable[[], "BearApp"]) -> int:
    """Show the app until the person leaves; the exit status.

    A training that the terminal left behind, or a screen that broke, is finished first, without a
    screen, and so are those that wait for it.
    """
    with guarded(app_log()):
        # Made inside: Textual takes hold of the streams when an app is made.
        app = make()
        looks, status = gc.get_threshold(), None
        try:
            status = app.run()
        except BaseException as error:  # whatever ends the screen ends no training
            app.broke(error)
        gc.set_threshold(*looks)  # without keys, memory may be tidied at any time
        finish_training(app)
        # Objects set aside after torch's import must be freed in order at the end; C++ libraries
        # tell the terminal about each one that is not.
        gc.unfreeze()
    if app.last_words and not app.terminal_lost:
        print(f"bear-tui: {safe(app.last_words)}", file=sys.stderr)
    return 1 if app.crashed else status or 0


def finish_training(app: "BearApp") -> None:
    """Wait for a training that goes on without a screen; signals stop and save it."""
    if not app.unfinished:
        return
    stopped = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.set()
        app.rest_queue()
        if app.feed is not None:
            app.feed.stop(f"asked by {signal.Signals(number).name}")

    for number in ENDING:
        signal.signal(number, stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for shell in (signal.SIGTSTP, signal.SIGCONT):  # the screen's own handlers would draw it
        signal.signal(shell, signal.SIG_DFL)
    if not app.terminal_lost and sys.__stderr__ is not None:
        sys.__stderr__.write(
            f"bear-tui: {safe(app.last_words)}\n"
            "bear-tui: the training goes on without the screen; ctrl+c stops and saves it.\n"
        )
        app.last_words = ""
    going = True
    while going and app.feed is not None:
        send_output_to(app.feed.folder.log_file)
        # In short waits: a signal is handled between them.
        while not app.feed.join(1.0):
            pass
        going = app.go_on_without_screen(stopped.is_set)
