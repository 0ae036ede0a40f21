"""Checkpoints written by a thread, while the training that they save goes on."""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from torch import Tensor

from bear_tui.engine import checkpoint, ranks
from bear_tui.engine.checkpoint import BEST, LAST, PREVIOUS, Checkpoint, Tensors
from bear_tui.errors import DiskFull, Failure
from bear_tui.run.control import Control
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.run.room import write_when_possible

SAVE_EVERY = 300.0
"""Seconds after which a long epoch is saved midway."""

_MOST_OF_TIME = 0.01
"""The share of the time that copying for saves midway may take."""


class Saver:
    """Writes one checkpoint at a time. The training waits only while its tensors are copied."""

    def __init__(self, folder: RunFolder, control: Control, steady: Iterable[str] = ()) -> None:
        """`steady` names the model's tensors that no step changes: they are copied once."""
        self._steady = frozenset(steady)
        self._copied: Tensors = {}
        self._folder = folder.checkpoints
        self._control = control
        self._content: Checkpoint | None = None
        self._is_best = False
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._begun = time.monotonic()
        self._took = 0.0

    @property
    def path(self) -> str:
        """Where the last checkpoint lies."""
        return str(self._folder / LAST)

    @property
    def busy(self) -> bool:
        """Whether one is being written."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def due(self) -> bool:
        """Whether it is time to save in the middle of an epoch.

        Never where several processes train together: they add up their sums at its end.
        """
        every = max(SAVE_EVERY, self._took / _MOST_OF_TIME)
        waited = time.monotonic() - self._begun > every
        return waited and self._thread is None and ranks.size() == 1

    def begin(self, content: Checkpoint, is_best: bool = False) -> None:
        """Write a copy of `content`, as it is now; waits first for the one before."""
        if ranks.rank():
            return
        self.finish()
        self._begun = time.monotonic()
        self._content = replace(
            content,
            model={name: self._copy(name, value) for name, value in content.model.items()},
            optimizer=checkpoint.copy_of(content.optimizer),
            progress=replace(content.progress),
        )
        self._is_best = is_best
        self._took = time.monotonic() - self._begun
        self._thread = threading.Thread(target=self._run, name="saving")
        self._thread.start()

    def _copy(self, name: str, value: Tensor) -> Tensor:
        if name not in self._steady:
            copied: Tensor = checkpoint.copy_of(value)
            return copied
        if name not in self._copied:
            self._copied[name] = value.detach().to("cpu")
        return self._copied[name]

    def settle(self) -> None:
        """Between steps: what a finished write has to say. On a full disk, wait here."""
        if self._thread is not None and not self._thread.is_alive():
            self.finish()

    def finish(self) -> None:
        """Wait until all is on disk. Raises Failure where that cannot be, each time."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            if isinstance(self._error, DiskFull):
                try:
                    write_when_possible(self._write, self._control)
                    self._error = None
                except Failure as error:
                    self._error = error
        if self._error is not None:
            raise self._error
        self._content = None

    def _run(self) -> None:
        try:
            self._write()
        except BaseException as error:  # raised again where the training waits
            self._error = error

    def _write(self) -> None:
        assert self._content is not None
        if self._is_best:
            # The best is written first: a crash in between leaves a last.pt that is older only.
            checkpoint.save(self._folder / BEST, replace(self._content, optimizer=None))
            self._is_best = False  # not again where the disk is full for the other
        checkpoint.save(self._folder / LAST, self._content, self._folder / PREVIOUS)


def in_order(events: Iterable[Event], saver: Saver) -> Iterator[Event]:
    """Hold events back while a checkpoint is written, so that CheckpointSaved is true when told."""
    held: list[Event] = []
    iterator = iter(events)
    while True:
        try:
            event = next(iterator)
        except StopIteration:
            break
        except Exception:  # whatever ends the training, what is being saved is saved and told
            saver.finish()
            yield from held
            raise
        held.append(event)
        if not saver.busy:
            saver.settle()
            yield from held
            held.clear()
    saver.finish()
    yield from held
