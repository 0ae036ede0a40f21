"""Signals while a training is made ready, and while it goes on."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from bear_tui.commands import streams
from bear_tui.run.control import Control
from bear_tui.signals import ENDING, importing

STOPPED = "stopped before the training began; nothing was changed."


class BrokenOff(BaseException):
    """Not KeyboardInterrupt: one that passes through a C library makes Python end as if killed."""


@dataclass
class Signals:
    """Whether one has asked for an end."""

    come: bool = False

    def note(self, _number: int, _frame: FrameType | None) -> None:
        """Remember it for who asks between two pieces of work."""
        self.come = True

    def break_off(self, _number: int, frame: FrameType | None) -> None:
        """End whatever goes on before a training. Nothing is written by then and nothing held."""
        self.come = True
        if importing(frame):
            streams.tell_at_once(STOPPED)
            os._exit(3)
        raise BrokenOff


@contextlib.contextmanager
def broken_off_by_signals(signals: Signals) -> Iterator[None]:
    """Signals break off whatever goes on, until the training itself listens to them."""
    with _handled(dict.fromkeys(ENDING, signals.break_off)):
        yield


@contextlib.contextmanager
def noted() -> Iterator[Signals]:
    """Signals wait until they are asked for."""
    signals = Signals()
    with _handled(dict.fromkeys(ENDING, signals.note)):
        yield signals


@contextlib.contextmanager
def stop_on_signals(
    control: Control, tell: Callable[[str], object], signals: Signals
) -> Iterator[None]:
    """A signal finishes the step, saves and ends; a second ctrl+c ends at once.

    `tell` is given a sentence, once. A terminal that is lost ends nothing: what would be printed
    goes nowhere from then on.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        told, signals.come = signals.come, True
        control.stop(ENDING[signal.Signals(number)])  # first: the sentence may not get through
        streams.hurry()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not told:
            tell("stopping after this step; what is done is kept.")

    def go_on(_number: int, _frame: FrameType | None) -> None:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)

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
