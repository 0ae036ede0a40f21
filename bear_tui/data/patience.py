"""Read a file again after the computer refused it for a moment: share busy, too many files open."""

import errno
import threading
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
# A system may lack some of them.
PASSING = frozenset(getattr(errno, name) for name in _NAMES if hasattr(errno, name))
"""Error numbers that say nothing about the file: a moment later the read may succeed."""

_PAUSES = (0.02, 0.1, 0.5)
"""Seconds to wait before each further try."""
_MOST = 10.0
"""Seconds that may be waited at first. Waiting for each of 100,000 photos on a disk that is gone
would take a day."""
_SHARE = 0.1
"""As time passes, this share of it may be waited again, up to `_MOST` seconds."""


class Patience:
    """Retries after short pauses, which take a bounded share of the time. Threads may share it."""

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._left = _MOST
        self._counted = clock()
        self._lock = threading.Lock()

    def read(self, attempt: Callable[[], Result]) -> Result:
        """Return what `attempt` returns. Raises its last error, which may have an `errno`."""
        for pause in _PAUSES:
            try:
                return attempt()
            except Exception as error:
                if getattr(error, "errno", None) not in PASSING or not self._may_wait(pause):
                    raise
            self._sleep(pause)
        return attempt()

    def _may_wait(self, pause: float) -> bool:
        with self._lock:
            now = self._clock()
            self._left = min(_MOST, self._left + _SHARE * (now - self._counted))
            self._counted = now
            if self._left < pause:
                return False
            self._left -= pause
            return True


READING = Patience()
"""For all photos of this process."""
