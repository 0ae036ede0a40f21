"""The folder of one run: its files, its state, and which process trains it."""

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bear_tui import files
from bear_tui.errors import BadInput, Failure, Unreadable
from bear_tui.recipe import Recipe
from bear_tui.recipe_file import from_toml, to_toml
from bear_tui.run import lock
from bear_tui.run.control import HANDED_OVER, PAUSED
from bear_tui.run.events import RunStopped
from bear_tui.run.journal import last_line, read_line, read_state
from bear_tui.run.lock import TrainerProcess
from bear_tui.run.state import RunState


@dataclass(frozen=True)
class RunFolder:
    """`<runs>/<id>/`, on disk from `create` on."""

    path: Path

    @property
    def run(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def recipe_file(self) -> Path:
        """All that is needed to run it again."""
        return self.path / "recipe.toml"

    @property
    def dataset_file(self) -> Path:
        """Each photo with label, split and sha256; the fingerprint of the dataset."""
        return self.path / "dataset.json"

    @property
    def journal_file(self) -> Path:
        """The events, one a line."""
        return self.path / "events.jsonl"

    @property
    def control_file(self) -> Path:
        """Requests to the trainer, one a line."""
        return self.path / "control.jsonl"

    @property
    def checkpoints(self) -> Path:
        """last.pt, the one before it, and best.pt."""
        return self.path / "checkpoints"

    @property
    def results_file(self) -> Path:
        """What `show --json` prints."""
        return self.path / "results.json"

    @property
    def predictions_file(self) -> Path:
        """A row per test photo."""
        return self.path / "predictions.csv"

    @property
    def validation_file(self) -> Path:
        """A row per validation photo, from the same weights as the test's."""
        return self.path / "validation.csv"

    @property
    def lookalikes_file(self) -> Path:
        """Test photos with the training or validation photo that shows the same."""
        return self.path / "lookalikes.csv"

    @property
    def corrections_file(self) -> Path:
        """What a person decided about photos after seeing this run's predictions."""
        return self.path / "corrections.json"

    @property
    def log_file(self) -> Path:
        """All that the trainer printed."""
        return self.path / "log.txt"

    @property
    def lock_file(self) -> Path:
        """Held by the one trainer; says which process that is, since when, and why it waits."""
        return self.path / "lock"

    def on_disk(self) -> bool:
        """Return whether there is a run, even a damaged one or one without permission to read."""
        try:
            self.recipe_file.lstat()
        except PermissionError:
            return True
        except (OSError, ValueError):  # ValueError: no valid file name
            return False
        return True

    def create(self, recipe: Recipe) -> None:
        """Make the folder and write the recipe. Raises Failure."""
        try:
            self.checkpoints.mkdir(parents=True)
            files.write_text(self.recipe_file, to_toml(recipe))
        except PermissionError as error:
            raise BadInput(f"{files.explain(error, self.path)} {CHOOSE_RUNS}") from None
        except OSError as error:
            raise files.explain(error, self.path) from None

    def recipe(self) -> Recipe:
        """Return the recipe that the run was started with. Raises BadInput if it is unreadable."""
        content = files.content(self.recipe_file)
        if content is None:
            raise Unreadable(f"{self.recipe_file}: no such file; it is what makes a folder a run.")
        # Defaults of versions that did not write these fields.
        older = {"framing": "pad", "interpolation": "draft"}
        text = content.decode("utf-8", "surrogateescape")
        return from_toml(text, str(self.recipe_file), older)

    def state(self) -> RunState:
        """Return the state of the run; `interrupted` if its trainer is gone. Raises Unreadable."""
        return self.seen(read_state(self.journal_file), self.being_trained())

    def seen(self, state: RunState, trained: bool) -> RunState:
        """Return the journal's `state` with what only the folder tells: paused or interrupted."""
        if trained and (state.status, state.message) == ("stopped", HANDED_OVER):
            return replace(state, status="running", message="")  # by the process that took it over
        if state.status not in ("waiting", "running"):
            return state
        if not trained:
            return replace(state, status="interrupted")
        waiting = self.trainer().waiting
        if not waiting:
            return state
        return replace(state, status="paused", message="" if waiting == PAUSED else waiting)

    def started(self) -> float | None:
        """Return when the run began, in seconds since 1970. Raises Unreadable."""
        return lock.read(self.lock_file).started

    def trainer(self) -> TrainerProcess:
        """Return the process that trains this run or was the last to, as the lock says."""
        try:
            return lock.read(self.lock_file)
        except Unreadable:
            return TrainerProcess()

    def being_trained(self) -> bool:
        """Return whether a living process trains this run."""
        try:
            held = lock.is_held(self.lock_file)
        except OSError:
            return False
        return held or self._has_live_trainer(locks=held is not None)

    def _has_live_trainer(self, locks: bool) -> bool:
        """Return whether a trainer is alive whose lock cannot be seen from here.

        A disk may have no `locks`, or machines may share the disk but not its locks.
        """
        owner = self.trainer()
        if locks and owner.host == socket.gethostname():
            return False
        try:
            return owner.is_alive(self.lock_file.lstat().st_mtime, time.time())
        except OSError:
            return False

    def handed_over(self) -> bool:
        """Return whether its trainer ended so that another process resumes it at once."""
        try:
            last = read_line(last_line(self.journal_file), self.journal_file)
        except Unreadable:
            return False
        return last == RunStopped(HANDED_OVER)

    def taken(self) -> Failure:
        """Return the error for a second trainer."""
        return Failure(f"{self.path}: {self.trainer()} trains this run already; `watch` shows it.")

    @contextmanager
    def lock(self, now: float) -> Iterator[Callable[[str], None]]:
        """Be the only trainer of this run. Raises Failure, with the name of a trainer there is.

        Yields a function that tells viewers why the trainer waits; "": it works.
        """
        try:
            handle = files.open_to_write(self.lock_file, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise files.explain(error, self.lock_file) from None
        with os.fdopen(handle, "r+b", buffering=0) as file:
            try:
                locks = lock.take(handle)
            except BlockingIOError:
                raise self.taken() from None
            except OSError as error:
                raise files.explain(error, self.lock_file) from None
            if self._has_live_trainer(locks):
                raise self.taken()
            if not locks:
                files.weaker(
                    self.path,
                    "its file system has no locks: a second training of this run may not be "
                    "noticed in time; do not start one",
                )

            def tell(waiting: str, ended: bool = False) -> None:
                owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": now}
                document = {**owner, "waiting": waiting[:_WAITING_LIMIT], "ended": ended}
                text = json.dumps(document).encode()
                # Always the same length, in one write: readers never see a part of it, and it fits
                # on a full disk.
                with contextlib.suppress(OSError):
                    os.pwrite(handle, text.ljust(_LOCK_LENGTH) + b"\n", 0)

            file.truncate(_LOCK_LENGTH + 1)
            tell("")
            try:
                with lock.heartbeat(handle):
                    yield tell
            finally:
                tell("", ended=True)


_WAITING_LIMIT, _LOCK_LENGTH = 300, 4000
"""In characters and in bytes; a character may take twelve bytes in JSON."""


CHOOSE_RUNS = "`--runs DIR` or BEAR_TUI_RUNS names another folder of runs."
"""What to do if runs cannot be written or read."""
