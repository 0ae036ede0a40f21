"""Checkpoints written by a thread, while the training that they save goes on."""

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
"""The share of the time that copying for saves midway may take."""


@dataclass(frozen=True)
class _Asked:
    """What is to be on disk; `number` counts how often that was asked for."""

    number: int
    content: Checkpoint
    best: Checkpoint | None


class Saver:
    """Writes checkpoints one after the other. The training waits only while its tensors are copied.

    Where epochs are faster than the disk, one that still waits gives way to the next: what is
    written is always the newest.
    """

    def __init__(self, folder: RunFolder, control: Control, steady: Iterable[str] = ()) -> None:
        """`steady` names the model's tensors that no step changes: they are copied once."""
        self._steady = frozenset(steady)
        self._copied: Tensors = {}
        self._folder = folder.checkpoints
        self._control = control
        self._lock = threading.Lock()
        self._next: _Asked | None = None
        self._writing: _Asked | None = None
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._begun = time.monotonic()
        self._took = 0.0
        self.asked = 0
        """How many checkpoints were asked for."""
        self.written = 0
        """Up to which of them all is on disk."""

    @property
    def path(self) -> str:
        """Where the last checkpoint lies."""
        return str(self._folder / LAST)

    @property
    def due(self) -> bool:
        """Whether it is time to save in the middle of an epoch; the first process says so."""
        every = max(SAVE_EVERY, self._took / _MOST_OF_TIME)
        waited = time.monotonic() - self._begun > every
        return waited and self.written == self.asked and distributed.rank() == 0

    def begin(self, content: Checkpoint, is_best: bool = False) -> None:
        """Write a copy of `content`, as it is now, as soon as the write before is done."""
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
            self.asked += 1
            asked = _Asked(self.asked, copied, copied if is_best else None)
            self._next = _newest(self._next, asked)
            began = self._thread is not None or self._begin_thread()
        if not began:
            self._run()

    def _begin_thread(self) -> bool:
        """Return False where no thread can be started: then the training waits for the disk."""
        thread = threading.Thread(target=self._run, name="saving")
        try:
            thread.start()
        except RuntimeError:
            return False
        self._thread = thread
        return True

    def _copy(self, name: str, value: Tensor) -> Tensor:
        if name not in self._steady:
            copied: Tensor = checkpoint.copy_of(value)
            return copied
        if name not in self._copied:
            self._copied[name] = value.detach().to("cpu")
        return self._copied[name]

    def check(self) -> None:
        """Raise Failure if a write failed. On a full disk, wait here until there is room."""
        if self._error is not None:
            self.finish()

    def finish(self) -> None:
        """Wait until all is on disk. Raises Failure where that cannot be, each time."""
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
        except BaseException as error:  # raised again where the training waits
            self._error = error
            self._thread = None

    def _write_all(self) -> None:
        while True:
            with self._lock:
                # What could not be written before gives way too.
                if self._next is not None:
                    self._writing, self._next = _newest(self._writing, self._next), None
                asked = self._writing
                if asked is None:
                    self._thread = None
                    return
            if asked.best is not None:
                # The best is written first: a crash in between leaves a last.pt that is older only.
                checkpoint.save(self._folder / BEST, replace(asked.best, optimizer=None))
                # Not again where the disk is full for the other.
                self._writing = replace(asked, best=None)
            checkpoint.save(self._folder / LAST, asked.content, self._folder / PREVIOUS)
            self._writing, self.written = None, asked.number


def _newest(before: _Asked | None, asked: _Asked) -> _Asked:
    """What is to be written when neither is on disk: of the best ones the last one, too."""
    return asked if before is None or asked.best else replace(asked, best=before.best)


def in_order(events: Iterable[Event], saver: Saver) -> Iterator[Event]:
    """Hold events back while a checkpoint is written, so that CheckpointSaved is true when told."""
    held: deque[tuple[int, Event]] = deque()

    def told() -> Iterator[Event]:
        while held and held[0][0] <= saver.written:
            yield held.popleft()[1]

    iterator = iter(events)
    while True:
        try:
            event = next(iterator)
        except StopIteration:
            break
        except Exception:  # whatever ends the training, what is being saved is saved and told
            saver.finish()
            yield from told()
            raise
        held.append((saver.asked, event))
        saver.check()
        yield from told()
    saver.finish()
    yield from told()
