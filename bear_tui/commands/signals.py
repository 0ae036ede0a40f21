"""Signals while a training is made ready, and while it goes on."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from bear_tui.commands import streams
from bear_tui.run.control import Control

STOPPED = "stopped before the training began; nothing was changed."

REASONS = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    # What Slurm sends before the time is up, as its job asked for, and the system at `ulimit -t`.
    signal.SIGUSR1: "stopped by SIGUSR1",
    signal.SIGUSR2: "stopped by SIGUSR2",
    signal.SIGXCPU: "stopped by SIGXCPU",
}
"""Why a run has stopped, for each signal that saves and ends it."""


class BrokenOff(BaseException):
    """Not KeyboardInterrupt: one that passes through a C library makes Python end as if killed."""


@dataclass
class Signals:
    """How a signal is answered before the training begins."""

    come: bool = False
    """Whether there was one."""

    def break_off(self, _number: int, frame: FrameType | None) -> None:
        """Whatever goes on. Nothing is written by then and nothing held."""
        self.come = True
        if importing(frame):
            streams.tell_at_once(STOPPED)
            os._exit(3)
        raise BrokenOff


def importing(frame: FrameType | None) -> bool:
    """Whether a module is being loaded: an exception in it may reach C++ code, which ends the
    process by abort(), or be taken for a module that is broken."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def broken_off_by_signals() -> Iterator[Signals]:
    """Signals break off whatever goes on, until the training itself listens to them."""
    signals = Signals()
    with _handled(dict.fromkeys(REASONS, signals.break_off)):
        yield signals


@contextlib.contextmanager
def stop_on_signals(control: Control, tell: Callable[[str], object]) -> Iterator[None]:
    """A signal finishes the step, saves and ends; a second ctrl+c ends at once.

    `tell` is given a sentence, once. A terminal that is lost ends nothing: what would be printed
    goes nowhere from then on.
    """
    told = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal told
        control.stop(REASONS[signal.Signals(number)])  # first: the sentence may not get through
        streams.hurry()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not told:
            told = True
            tell("stopping after this step; what is done is kept.")

    def go_on(_number: int, _frame: FrameType | None) -> None:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)

    handlers: dict[signal.Signals, _Handler] = dict.fromkeys(REASONS, stop)
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
