"""On a full disk the run waits, says so, and goes on when there is room."""

import logging
from collections.abc import Callable
from typing import TypeVar

from bear_tui import files
from bear_tui.errors import DiskFull
from bear_tui.run.control import Control

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0


def write_when_possible(write: Callable[[], Result], control: Control) -> Result:
    """Call `write` until the disk is no longer full; return its result.

    Raises DiskFull if the person asks to stop meanwhile, and whatever else `write` raises.
    """
    seconds = _FIRST_WAIT
    while True:
        try:
            return _write(write)
        except DiskFull as full:
            if control.stopping:
                raise
            problem = str(full).rpartition("; ")[0] or str(full).rstrip(".")
            why = f"{problem}; the training waits and goes on when there is room"
            if seconds == _FIRST_WAIT:
                log.warning("%s.", why)
            if control.wait(why, seconds):
                raise
            seconds = min(2 * seconds, _LONGEST_WAIT)


def _write(write: Callable[[], Result]) -> Result:
    try:
        return write()
    except OSError as error:
        raise files.explain(error, "the run's folder") from None
