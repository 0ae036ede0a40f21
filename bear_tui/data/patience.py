"""Reading again what the computer refused for a moment: a busy share, too many open files."""

import errno
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

_NAMES = (
    *("EIO", "ESTALE", "ETIMEDOUT", "EAGAIN", "EINTR", "EBUSY", "EDEADLK", "ENOLCK"),
    *("EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EREMOTEIO", "ETXTBSY", "ENOTCONN", "ESHUTDOWN"),
    *("ECONNRESET", "ECONNABORTED", "ENETDOWN", "ENETUNREACH", "ENETRESET", "EHOSTDOWN"),
    *("EHOSTUNREACH", "ECONNREFUSED", "EPIPE"),
)
# Not every system knows all of them.
PASSING = frozenset(getattr(errno, name) for name in _NAMES if hasattr(errno, name))
"""Numbers of errors that say nothing about the file: a moment later it may be read."""

_PAUSES = (0.02, 0.1, 0.5)
"""Seconds to wait before each further try."""
_IN_A_ROW = 16
"""So many files in vain, one after the other, and the disk is away: waiting at each of 100,000
would take a day."""


class Patience:
    """Tries again with short pauses, as long as that has helped lately."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._in_vain = 0

    def read(self, attempt: Callable[[], Result]) -> Result:
        """What `attempt` gives. Raises its last error, which may have an `errno`."""
        pauses = _PAUSES if self._in_vain < _IN_A_ROW else ()
        for pause in (*pauses, None):
            try:
                result = attempt()
            except Exception as error:
                if getattr(error, "errno", None) not in PASSING:
                    raise
                if pause is None:
                    self._in_vain += 1
                    raise
                self._sleep(pause)
            else:
                self._in_vain = 0
                return result
        raise AssertionError("the last try returns or raises")


READING = Patience()
"""For all photos of this process."""
