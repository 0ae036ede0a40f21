"""Signals during every other command: the first one interrupts it, the second one kills."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any

from bear_tui.commands import streams
from bear_tui.signals import ENDING, importing

STOPPED = "bear-tui: stopped."


@contextlib.contextmanager
def interruptible(status: int, own_process: bool) -> Iterator[None]:
    """Raise KeyboardInterrupt at the first signal that asks for an end; a second one kills.

    While a module is being imported, the process ends at once with `status`. In a process of its
    own only Python's shutdown follows the command: ctrl+c and SIGTERM end it silently, and other
    signals, which may be repeated, no longer change the exit status.
    """

    def interrupt(_number: int, frame: FrameType | None) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        if importing(frame):
            streams.tell_at_once(STOPPED)
            os._exit(status)
        raise KeyboardInterrupt

    before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in ENDING}
    with contextlib.suppress(ValueError):  # in another thread than the main one
        for number in ENDING:
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, interrupt)
    if own_process:
        before = dict.fromkeys(ENDING, signal.SIG_IGN)
        before[signal.SIGINT] = before[signal.SIGTERM] = signal.SIG_DFL
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            for number, handler in before.items():
                signal.signal(number, handler)
