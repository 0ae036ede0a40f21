"""What a person asks of a running trainer: in this process, or through the run's control.jsonl."""

import contextlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeGuard

from bear_tui import files, json_file
from bear_tui.errors import Unreadable
from bear_tui.recipe_check import possible_epochs, possible_rate

log = logging.getLogger(__name__)

HANDED_OVER = "goes on in the background"
"""Why a trainer stopped if another process resumes the run at once."""

PAUSED = "paused"
"""Why a trainer waits if a person asked it to; any other reason is a sentence."""

_POLL_SECONDS = 0.25
"""Between two looks at control.jsonl."""
_MOST_BYTES = 1 << 20
"""Read at a time."""
_LONGEST_REASON = 500
"""Characters of a reason to stop."""


@dataclass(frozen=True)
class Request:
    """One line of control.jsonl."""

    kind: object = None
    """`stop`, `pause`, `resume`, `test`, `learning_rate` or `epochs`; others are refused."""
    value: object = None


class Control:
    """Requests that any thread or process makes, and the trainer obeys at its next step."""

    def __init__(self) -> None:
        self._wake: SimpleQueue[None] = SimpleQueue()
        # Not an Event: a signal handler may interrupt the thread that holds its lock, and deadlock.
        self._paused = False
        self._stop = ""
        self._wanted: dict[str, float] = {}
        self._early_test = False
        self._requests: _RequestFile | None = None
        self._tell: Callable[[str], None] = lambda _waiting: None
        self.waiting = ""
        """Why the trainer waits now: `paused`, or a sentence. Empty while it works."""

    def listen(self, path: Path, tell: Callable[[str], None]) -> None:
        """Take requests from the file at `path` as well. `tell` is called with why the trainer
        waits."""
        self._requests, self._tell = _RequestFile(path), tell

    def take_over(self, path: Path) -> None:
        """Drop the requests to the trainer before, except a stop that it did not see.

        Call it before `listen` if that trainer handed its run over.
        """
        unseen = path.with_name(f".{path.name}.before")
        with contextlib.suppress(OSError):
            path.replace(unseen)  # requests from now on go to a new file
            with files.open_to_read(unseen) as file:
                lines = file.read(_MOST_BYTES).splitlines()
            for request in _requests(lines, path):
                if request.kind == "stop":
                    self._obey(request)
            unseen.unlink()

    def stop(self, reason: str) -> None:
        """Ask the trainer to finish the step, save and end. A paused trainer ends too."""
        if not (self._stop and reason == HANDED_OVER):  # a stop wins over a hand-over
            self._stop = reason
        self._wake.put(None)

    def pause(self) -> None:
        """Ask the trainer to wait after this step."""
        self._paused = not self._stop

    def resume(self) -> None:
        """Let a paused trainer go on."""
        self._paused = False
        self._wake.put(None)

    def want(self, setting: str, value: float) -> None:
        """Ask for another `learning_rate` or number of `epochs`."""
        self._wanted = {**self._wanted, setting: value}

    def take_wanted(self) -> dict[str, float]:
        """Return the settings asked for since the last call."""
        wanted, self._wanted = self._wanted, {}
        return wanted

    def want_early_test(self) -> None:
        """Ask for a test of the best weights so far after this step."""
        self._early_test = True

    def take_early_test(self) -> bool:
        """Return whether an early test was asked for since the last call."""
        wanted, self._early_test = self._early_test, False
        return wanted

    @contextlib.contextmanager
    def busy(self, why: str) -> Iterator[None]:
        """Tell viewers that the training waits while its trainer does other work."""
        self.waiting = why
        self._tell(why)
        try:
            yield
        finally:
            self.waiting = ""
            self._tell("")

    @property
    def paused(self) -> bool:
        """Whether the trainer was asked to wait."""
        return self._paused and not self._stop

    @property
    def stopping(self) -> str:
        """The reason to stop, without waiting; empty if there is none."""
        self._poll()
        return self._stop

    def obey(self) -> str:
        """Wait while paused, then return the reason to stop. The trainer calls it between steps."""
        self._poll()
        if self.paused:
            self._wait(PAUSED, lambda: self.paused)
        return self._stop

    def wait(self, why: str, seconds: float) -> str:
        """Wait because of `why`, a sentence; return the reason to stop if one comes meanwhile."""
        end = time.monotonic() + seconds
        self._wait(why, lambda: time.monotonic() < end)
        return self._stop

    def _wait(self, why: str, still: Callable[[], bool]) -> None:
        with self.busy(why):
            while still() and not self._stop:
                with contextlib.suppress(Empty):
                    self._wake.get(timeout=_POLL_SECONDS)
                self._poll()

    def _poll(self) -> None:
        for request in self._requests.new() if self._requests else ():
            self._obey(request)

    def _obey(self, request: Request) -> None:
        """Do what was asked. An impossible request is logged and changes nothing."""
        value = request.value
        match request.kind:
            case "stop":
                reason = value if isinstance(value, str) else "stopped from elsewhere"
                self.stop(reason[:_LONGEST_REASON])
            case "pause":
                self.pause()
            case "resume":
                self.resume()
            case "test":
                self.want_early_test()
            case "learning_rate" if _is_number(value) and possible_rate(value):
                self.want("learning_rate", value)
            case "epochs" if _is_number(value) and possible_epochs(value):
                self.want("epochs", value)
            case kind:
                log.warning(
                    "refused a request: %s %s. The training goes on as before.",
                    str(kind)[:60],
                    str(value)[:60],
                )


def _is_number(value: object) -> TypeGuard[float]:
    return type(value) in (int, float)  # isinstance would take True and False


class _RequestFile:
    """The lines that other processes append to control.jsonl."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._polled = 0.0

    def new(self) -> list[Request]:
        """Return the requests since the last call. A half-written line is left for the next."""
        now = time.monotonic()
        if now - self._polled < _POLL_SECONDS:
            return []
        self._polled = now
        try:
            # Opened anew: another machine may have written it.
            with files.open_to_read(self._path) as file:
                if file.seek(0, os.SEEK_END) < self._offset:
                    self._offset = 0  # emptied meanwhile
                file.seek(self._offset)
                content = file.read(_MOST_BYTES)
        except OSError:
            return []
        # A line longer than any request counts as whole.
        end = content.rfind(b"\n") + 1 or (_MOST_BYTES if len(content) == _MOST_BYTES else 0)
        self._offset += end
        return list(_requests(content[:end].splitlines(), self._path))


def _requests(lines: list[bytes], path: Path) -> Iterator[Request]:
    """Yield the request in each line; what is wrong with a line is logged."""
    for line in lines:
        try:
            document = json_file.parse_line(line, path)
        except Unreadable as failure:
            log.warning("refused a request: %s The training goes on as before.", failure)
            continue
        if document:
            yield Request(document.get("request"), document.get("value"))


def ask(path: Path, request: str, value: float | str | None = None) -> None:
    """Append a request for the trainer that listens to `path`. Raises Failure if it cannot."""
    line = json.dumps({"request": request, **({} if value is None else {"value": value})})
    try:
        with files.open_to_append(path) as file:
            file.write(line.encode() + b"\n")
    except OSError as error:
        raise files.explain(error, path) from None
