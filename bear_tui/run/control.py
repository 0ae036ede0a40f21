"""What a person asks of a running trainer: in this process, or through the run's control.jsonl."""

import contextlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeGuard

from bear_tui import files, json_file
from bear_tui.errors import Unreadable
from bear_tui.recipe_check import possible_epochs, possible_rate

log = logging.getLogger(__name__)

HANDED_OVER = "goes on in the background"
"""Why a trainer stopped whose run another process goes on with at once."""

PAUSED = "paused"
"""What a trainer tells when a person asked it to wait; anything else is a sentence."""

_LOOK_EVERY = 0.25
"""Seconds between two looks at control.jsonl."""

_MOST = 1 << 20
"""Bytes that are read at a look."""
_REASON = 500
"""Characters of a reason to stop."""


class Control:
    """Asked by any thread or process, obeyed by the trainer at its next step."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[None] = SimpleQueue()
        # Not an Event: a signal's handler may interrupt whoever holds its lock, and wait for ever.
        self._paused = False
        self._stop = ""
        self._wanted: dict[str, float] = {}
        self._early_test = False
        self._requests: _Requests | None = None
        self._tell: Callable[[str], None] = lambda _waiting: None
        self.waiting = ""
        """Why the trainer waits now: `paused`, or a sentence. Empty while it works."""

    def listen(self, path: Path, tell: Callable[[str], None]) -> None:
        """From now on take requests from `path` too. `tell` is told why the trainer waits."""
        self._requests, self._tell = _Requests(path), tell

    def take_over(self, path: Path) -> None:
        """What was asked of the trainer before is over, but for a stop that it did not see.

        Call it before `listen`, where the trainer before handed its run over.
        """
        unseen = path.with_name(f".{path.name}.before")
        with contextlib.suppress(OSError):
            path.replace(unseen)  # who asks from now on begins a new file
            with files.open_to_read(unseen) as file:
                lines = file.read(_MOST).splitlines()
            for request in filter(None, (_parsed(line, path) for line in lines)):
                if request.get("request") == "stop":
                    self._obey(request)
            unseen.unlink()

    def stop(self, reason: str) -> None:
        """Ask the trainer to finish the step, save and end. A paused trainer ends too."""
        if not (self._stop and reason == HANDED_OVER):  # who wants an end wants no other trainer
            self._stop = reason
        self._asked.put(None)

    def pause(self) -> None:
        """Ask the trainer to wait after this step."""
        self._paused = not self._stop

    def resume(self) -> None:
        """Let a paused trainer go on."""
        self._paused = False
        self._asked.put(None)

    def want(self, setting: str, value: float) -> None:
        """Ask for another `learning_rate`, or another number of `epochs`."""
        self._wanted = {**self._wanted, setting: value}

    def take_wanted(self) -> dict[str, float]:
        """What was asked for since the last call."""
        wanted, self._wanted = self._wanted, {}
        return wanted

    def want_early_test(self) -> None:
        """Ask for the best weights so far to be tested after this step."""
        self._early_test = True

    def take_early_test(self) -> bool:
        """Whether one was asked for since the last call."""
        wanted, self._early_test = self._early_test, False
        return wanted

    @contextlib.contextmanager
    def busy(self, why: str) -> Iterator[None]:
        """Tell that the training waits for other work of its trainer."""
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
        """The reason to stop, without waiting; empty while there is none."""
        self._look()
        return self._stop

    def obey(self) -> str:
        """Called by the trainer between steps: waits while paused, gives the reason to stop."""
        self._look()
        if self.paused:
            self._wait(PAUSED, lambda: self.paused)
        return self._stop

    def wait(self, why: str, seconds: float) -> str:
        """Wait so long because of `why`, a sentence; the reason to stop if one comes."""
        end = time.monotonic() + seconds
        self._wait(why, lambda: time.monotonic() < end)
        return self._stop

    def _wait(self, why: str, still: Callable[[], bool]) -> None:
        with self.busy(why):
            while still() and not self._stop:
                with contextlib.suppress(Empty):
                    self._asked.get(timeout=_LOOK_EVERY)
                self._look()

    def _look(self) -> None:
        for request in self._requests.new() if self._requests else ():
            self._obey(request)

    def _obey(self, request: dict[str, Any]) -> None:
        """Do what was asked; what cannot be is logged, and the training goes on as before."""
        value = request.get("value")
        match request.get("request"):
            case "stop":
                self.stop(value[:_REASON] if isinstance(value, str) else "stopped from elsewhere")
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
            case other:
                what = f"{str(other)[:60]} {str(value)[:60]}"
                log.warning("refused what was asked: %s. The training goes on as before.", what)


def _is_number(value: object) -> TypeGuard[float]:
    return type(value) in (int, float)  # true and false are none


class _Requests:
    """The lines that others append to control.jsonl."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._looked = 0.0

    def new(self) -> list[dict[str, Any]]:
        """Those since the last look. A half-written line waits for its end."""
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return []
        self._looked = now
        try:
            with files.open_to_read(self._path) as file:  # anew: another machine may have written
                if file.seek(0, os.SEEK_END) < self._offset:
                    self._offset = 0  # emptied meanwhile
                file.seek(self._offset)
                content = file.read(_MOST)
        except OSError:
            return []
        # A line that is longer than any request is taken for whole.
        end = content.rfind(b"\n") + 1 or (_MOST if len(content) == _MOST else 0)
        self._offset += end
        lines = content[:end].splitlines()
        return [request for line in lines if (request := _parsed(line, self._path))]


def _parsed(line: bytes, path: Path) -> dict[str, Any]:
    try:
        return json_file.parse_line(line, path)
    except Unreadable as failure:
        log.warning("refused what was asked: %s The training goes on as before.", failure)
        return {}


def ask(path: Path, request: str, value: float | str | None = None) -> None:
    """Append a request for the trainer that listens to `path`. Raises Failure where it cannot."""
    line = json.dumps({"request": request, **({} if value is None else {"value": value})})
    try:
        with files.open_to_append(path) as file:
            file.write(line.encode() + b"\n")
    except OSError as error:
        raise files.explain(error, path) from None
