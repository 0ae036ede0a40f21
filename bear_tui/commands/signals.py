"""Signals of commands that train: they save and end a training; a lost terminal ends none.

They are handled while a training is being prepared, while it runs, and between two of them.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from bear_tui.commands import streams
from bear_tui.run.control import Control
from bear_tui.signals import ENDING, importing

NOTHING_CHANGED = "stopped before the training began; nothing was changed."


class Interrupted(BaseException):
    """A signal came before the training began.

    Not KeyboardInterrupt: one that passes through a C library makes Python end as if killed.
    """


@dataclass
class Signals:
    """Whether a signal has asked this process to end."""

    any: bool = False

    def note(self, _number: int, _frame: FrameType | None) -> None:
        """Remember the signal for code that asks between two pieces of work."""
        self.any = True

    def interrupt(self, _number: int, frame: FrameType | None) -> None:
        """Raise Interrupted. Before a training nothing is written and no lock is held."""
        self.any = True
        if importing(frame):
            streams.tell_at_once(NOTHING_CHANGED)
            os._exit(3)
        raise Interrupted


@contextlib.contextmanager
def interrupted_by_signals(received: Signals) -> Iterator[None]:
    """Let a signal raise Interrupted, until the training itself handles signals."""
    with _handled(dict.fromkeys(ENDING, received.interrupt)):
        yield


@contextlib.contextmanager
def noted() -> Iterator[Signals]:
    """Collect signals for code that asks whether one came."""
    received = Signals()
    with _handled(dict.fromkeys(ENDING, received.note)):
        yield received


@contextlib.contextmanager
def stop_on_signals(
    control: Control, tell: Callable[[str], object], received: Signals
) -> Iterator[None]:
    """Let a signal finish the step, save and end; a second ctrl+c ends at once.

    `tell` gets one sentence, once. A lost terminal ends nothing: from then on, output is discarded.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        told, received.any = received.any, True
        control.stop(ENDING[signal.Signals(number)])  # first: the sentence may not get through
        streams.hurry()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not told:
            tell("stopping after this step; what is done is kept.")

    def go_on(_number: int, _frame: FrameType | None) -> None:
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)

    handlers: dict[signal.Signals, _Handler] = dict.fromkeys(ENDING, stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as `nohup` makes it
        handlers[signal.SIGHUP] = go_on
    with _handled(handlers):
        try:
            yield
        finally:
            streams.hurry(False)


_Handler = Callable[[int, FrameType | None], None]


@contextlib.contextmanager
def _handled(handlers: dict[signal.Signals, _Handler]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
