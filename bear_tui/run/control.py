"""What a person asks of a running trainer: in this process, or through the run's control.jsonl."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bear_tui import files

HANDED_OVER = "goes on in the background"
"""Why a trainer stopped whose run another process goes on with at once."""

PAUSED = "paused"
"""What a trainer tells when a person asked it to wait; anything else is a sentence."""

_LOOK_EVERY = 0.25
"""Seconds between two looks at control.jsonl."""


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
            for request in filter(None, map(_parsed, unseen.read_bytes().splitlines())):
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
        value = request.get("value")
        match request.get("request"):
            case "stop":
                self.stop(value if isinstance(value, str) else "stopped from elsewhere")
            case "pause":
                self.pause()
            case "resume":
                self.resume()
            case "test":
                self.want_early_test()
            case "learning_rate" | "epochs" as setting if isinstance(value, int | float):
                self.want(setting, value)


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
            with self._path.open("rb") as file:  # opened anew: another machine may have written
                file.seek(self._offset)
                content = file.read()
        except OSError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [request for line in whole.splitlines() if (request := _parsed(line))]


def _parsed(line: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        request = json.loads(line)
        if isinstance(request, dict):
            return request
    return {}


def ask(path: Path, request: str, value: float | str | None = None) -> None:
    """Append a request for the trainer that listens to `path`. Raises Failure where it cannot."""
    line = json.dumps({"request": request, **({} if value is None else {"value": value})})
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode() + b"\n")
        finally:
            os.close(handle)
    except OSError as error:
        raise files.explain(error, path) from None
