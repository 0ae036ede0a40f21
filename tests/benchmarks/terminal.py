"""A real terminal for benchmarks and tests: a pty, a process in it, what it painted."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Sequence


class Terminal:
    """A process whose terminal we hold. `painted` is all that it wrote so far."""

    def __init__(
        self, command: Sequence[str], columns: int, lines: int, environment: dict[str, str]
    ) -> None:
        self.painted = b""
        self.ended = False
        self.started = time.monotonic()
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), {**os.environ, **environment})
        self.resize(columns, lines)

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, size)

    def type(self, keys: str) -> None:
        """Press keys; what is painted meanwhile is read, so that neither side waits for ever."""
        rest = memoryview(keys.encode("utf-8", "surrogateescape"))
        while rest:
            _, ready, _ = select.select([], [self.handle], [], 0.01)
            if ready:
                rest = rest[os.write(self.handle, rest[:1024]) :]
            self.read(0)

    def read(self, seconds: float) -> bytes:
        """What is painted within `seconds`; empty when that is nothing."""
        ready, _, _ = select.select([self.handle], [], [], seconds)
        if not ready:
            return b""
        try:
            chunk = os.read(self.handle, 65536)
        except OSError:  # nobody holds the other end any more
            chunk = b""
        self.ended = not chunk
        self.painted += chunk
        return chunk

    def wait_for(self, text: str, seconds: float) -> float:
        """Wait until `text` was painted; seconds since the start."""
        end = time.monotonic() + seconds
        while text.encode() not in self.painted:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"`{text}` was not painted within {seconds} s")
            self.read(min(left, 0.05))
        return time.monotonic() - self.started

    def ask_slowly(self, key: str, text: str, rate: int, seconds: float) -> float:
        """Press a key and wait for `text` over a link of `rate` bytes a second; seconds it took.

        Nothing is read but at that rate: not what was painted before, not while the key is sent.
        """
        self.painted = b""
        os.write(self.handle, key.encode())
        start = now = time.monotonic()
        while text.encode() not in self.painted:
            if now - start > seconds:
                raise TimeoutError(f"`{text}` did not come within {seconds} s")
            time.sleep(0.02)  # a link brings a little at a time
            before, now = now, time.monotonic()
            if select.select([self.handle], [], [], 0)[0]:
                self.painted += os.read(self.handle, max(1, round(rate * (now - before))))
        return now - start

    def settings(self) -> list[object]:
        """What `stty -a` shows: echo, line mode, speeds, control characters."""
        return list(termios.tcgetattr(self.handle))

    def wait_for_end(self, seconds: float) -> int:
        """Wait until the process has ended; its exit status."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0.05):
                    pass
                return os.waitstatus_to_exitcode(status)
        raise TimeoutError(f"the process did not end within {seconds} s")

    def hang_up(self) -> None:
        """Break the connection: what is in the terminal gets SIGHUP."""
        os.close(self.handle)
        self.handle = -1

    def close(self) -> None:
        """End the process, by force if need be."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.handle >= 0:
            os.close(self.handle)


@contextlib.contextmanager
def terminal(
    command: Sequence[str],
    columns: int = 120,
    lines: int = 40,
    environment: dict[str, str] | None = None,
) -> Iterator[Terminal]:
    """A terminal that is closed at the end."""
    held = Terminal(command, columns, lines, {"TERM": "xterm-256color", **(environment or {})})
    try:
        yield held
    finally:
        held.close()


def own_folders(home: str) -> dict[str, str]:
    """An environment in which a process keeps its runs, caches and settings below `home`."""
    names = ("DATA", "CACHE", "CONFIG", "STATE")
    return {f"XDG_{name}_HOME": f"{home}/{name.lower()}" for name in names}
