"""ctrl+c, and what else asks for an end, while a command runs that does not listen itself."""

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

    While a module is loaded the process ends on the spot, with `status`. In a process of its own
    all that is left afterwards is Python's tidying: ctrl+c and SIGTERM end that without a word, and
    the others, which may come again and again, do not change the status any more.
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
