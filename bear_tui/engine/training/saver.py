"""Write checkpoints in a thread while training continues."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from bear_tui.engine.compute import distributed
from bear_tui.engine.models import checkpoint
from bear_tui.engine.models.checkpoint import BEST, LAST, PREVIOUS, Checkpoint, Tensors
from bear_tui.errors import DiskFull, Failure
from bear_tui.run.control import Control
from bear_tui.run.disk_full import write_when_possible
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder

SAVE_EVERY = 300.0
"""Seconds after which a long epoch is saved midway."""

_MOST_OF_TIME = 0.01
"""The share of the time that copying tensors for saves within an epoch may take."""


@dataclass(frozen=True)
class _Request:
    """A checkpoint to write; `number` counts the requests."""

    number: int
    content: Checkpoint
    best: Checkpoint | None


class Saver:
    """Writes checkpoints one after the other; training waits only while its tensors are copied.

    Where epochs are faster than the disk, a newer checkpoint replaces one that is not written yet.
    """

    def __init__(self, folder: RunFolder, control: Control, frozen: Iterable[str] = ()) -> None:
        """`frozen` names the model's tensors that no step changes: they are copied once."""
        self._frozen = frozenset(frozen)
        self._frozen_copies: Tensors = {}
        self._folder = folder.checkpoints
        self._control = control
        self._lock = threading.Lock()
        self._next: _Request | None = None
        self._writing: _Request | None = None
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._begun = time.monotonic()
        self._took = 0.0
        self.requested = 0
        """How many checkpoints were requested."""
        self.written = 0
        """The number of the last request that is on disk."""

    @property
    def path(self) -> str:
        """The path of the last checkpoint."""
        return str(self._folder / LAST)

    @property
    def due(self) -> bool:
        """Whether it is time to save within an epoch; only rank 0 decides."""
        every = max(SAVE_EVERY, self._took / _MOST_OF_TIME)
        waited = time.monotonic() - self._begun > every
        return waited and self.written == self.requested and distributed.rank() == 0

    def begin(self, content: Checkpoint, is_best: bool = False) -> None:
        """Copy `content` as it is now, and write it once the write before is done."""
        if distributed.rank():
            return
        self.check()
        self._begun = time.monotonic()
        copied = replace(
            content,
            model={name: self._copy(name, value) for name, value in content.model.items()},
            optimizer=checkpoint.copy_of(content.optimizer),
            progress=replace(content.progress),
        )
        self._took = time.monotonic() - self._begun
        with self._lock:
            self.requested += 1
            request = _Request(self.requested, copied, copied if is_best else None)
            self._next = _newest(self._next, request)
            began = self._thread is not None or self._begin_thread()
        if not began:
            self._run()

    def _begin_thread(self) -> bool:
        """Return False where no thread can be started: then training waits for the disk."""
        thread = threading.Thread(target=self._run, name="saving")
        try:
            thread.start()
        except RuntimeError:
            return False
        self._thread = thread
        return True

    def _copy(self, name: str, value: Tensor) -> Tensor:
        if name not in self._frozen:
            copied: Tensor = checkpoint.copy_of(value)
            return copied
        if name not in self._frozen_copies:
            self._frozen_copies[name] = value.detach().to("cpu")
        return self._frozen_copies[name]

    def check(self) -> None:
        """Raise Failure if a write failed. On a full disk, wait here until there is room."""
        if self._error is not None:
            self.finish()

    def finish(self) -> None:
        """Wait until all checkpoints are on disk. Raises Failure where that fails, each time."""
        if (thread := self._thread) is not None:
            thread.join()
        if isinstance(self._error, DiskFull):
            try:
                write_when_possible(self._write_all, self._control)
                self._error = None
            except Failure as error:
                self._error = error
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._write_all()
        except BaseException as error:  # raised again in the training thread
            self._error = error
            self._thread = None

    def _write_all(self) -> None:
        while True:
            with self._lock:
                # A request whose write failed is replaced too.
                if self._next is not None:
                    self._writing, self._next = _newest(self._writing, self._next), None
                request = self._writing
                if request is None:
                    self._thread = None
                    return
            if request.best is not None:
                # The best is written first: a crash in between only leaves an older last.pt.
                checkpoint.save(self._folder / BEST, replace(request.best, optimizer=None))
                # Written: not again if the disk is full for last.pt.
                self._writing = replace(request, best=None)
            checkpoint.save(self._folder / LAST, request.content, self._folder / PREVIOUS)
            self._writing, self.written = None, request.number


def _newest(before: _Request | None, newer: _Request) -> _Request:
    """Return the newer of two unwritten requests, with the newest best checkpoint of both."""
    return newer if before is None or newer.best else replace(newer, best=before.best)


def in_order(events: Iterable[Event], saver: Saver) -> Iterator[Event]:
    """Hold events back while a checkpoint is written: CheckpointSaved comes after the write."""
    held: deque[tuple[int, Event]] = deque()

    def released() -> Iterator[Event]:
        while held and held[0][0] <= saver.written:
            yield held.popleft()[1]

    iterator = iter(events)
    while True:
        try:
            event = next(iterator)
        except StopIteration:
            break
        except Exception:  # whatever ends the training, finish the save and tell of it
            saver.finish()
            yield from released()
            raise
        held.append((saver.requested, event))
        saver.check()
        yield from released()
    saver.finish()
    yield from released()
