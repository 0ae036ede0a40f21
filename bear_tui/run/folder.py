"""The folder of a run: where each thing lies, who trains it, finding runs by name."""

import contextlib
import fcntl
import json
import math
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from bear_tui import files
from bear_tui.errors import BadInput, Failure
from bear_tui.recipe import Recipe
from bear_tui.recipe_file import from_toml, to_toml
from bear_tui.run.control import HANDED_OVER, PAUSED
from bear_tui.run.events import RunStopped
from bear_tui.run.journal import last_line, read_line, read_state
from bear_tui.run.state import RunState


@dataclass(frozen=True)
class RunFolder:
    """`<runs>/<id>/`. Nothing is on disk until `create`."""

    path: Path

    @property
    def run(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def recipe_file(self) -> Path:
        """Enough to run it again."""
        return self.path / "recipe.toml"

    @property
    def dataset_file(self) -> Path:
        """Each photo with label, split and sha256; the fingerprint of them all."""
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
        """What `show` prints."""
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
        """Test photos beside the training or validation photo that shows the same."""
        return self.path / "lookalikes.csv"

    @property
    def corrections_file(self) -> Path:
        """What a person decided about photos when looking at this run's answers."""
        return self.path / "corrections.json"

    @property
    def log_file(self) -> Path:
        """All that the trainer printed."""
        return self.path / "log.txt"

    @property
    def lock_file(self) -> Path:
        """Held by the one trainer; says who that is, when it began, and why it waits."""
        return self.path / "lock"

    def create(self, recipe: Recipe) -> None:
        """Make the folder with its recipe."""
        try:
            self.checkpoints.mkdir(parents=True)
            files.write_text(self.recipe_file, to_toml(recipe))
        except OSError as error:
            raise files.explain(error, self.path) from None

    def recipe(self) -> Recipe:
        """The recipe the run was started with."""
        # Runs of before padded their photos.
        older = {"framing": "pad"}
        return from_toml(files.read_text(self.recipe_file), str(self.recipe_file), older)

    def state(self) -> RunState:
        """What the journal tells; a run whose trainer is gone is interrupted."""
        return self.seen(read_state(self.journal_file), self.being_trained())

    def seen(self, state: RunState, trained: bool) -> RunState:
        """`state` of the journal with what only the folder tells: paused and interrupted."""
        if state.status not in ("waiting", "running"):
            return state
        if not trained:
            return replace(state, status="interrupted")
        waiting = self.trainer().waiting
        if not waiting:
            return state
        return replace(state, status="paused", message="" if waiting == PAUSED else waiting)

    def started(self) -> float | None:
        """When it began, in seconds since 1970."""
        return self.trainer().started

    def trainer(self) -> "TrainerProcess":
        """What the lock says of the process that trains this run, or was the last to."""
        try:
            told = json.loads(self.lock_file.read_text("utf-8"))
            started = float(told["started"])
        except (OSError, ValueError, KeyError, TypeError):
            return TrainerProcess()
        return TrainerProcess(
            process=str(told.get("pid", "?")),
            host=str(told.get("host", "?")),
            started=started if math.isfinite(started) else None,
            waiting=str(told.get("waiting", "")),
            ended=told.get("ended") is True,
        )

    def being_trained(self) -> bool:
        """Whether a living process trains this run."""
        try:
            with self.lock_file.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return self._alive_elsewhere()

    def _alive_elsewhere(self) -> bool:
        """Whether a trainer on another machine has shown a sign of life: not every disk that
        machines share also shares its locks."""
        owner = self.trainer()
        if owner.ended or owner.host in ("?", socket.gethostname()):
            return False
        try:
            return time.time() - self.lock_file.stat().st_mtime < LIFE
        except OSError:
            return False

    def handed_over(self) -> bool:
        """Whether its trainer ended for another one to go on at once."""
        last = read_line(last_line(self.journal_file), self.journal_file)
        return last == RunStopped(HANDED_OVER)

    def taken(self) -> Failure:
        """The refusal of a second trainer."""
        return Failure(f"{self.path}: {self.trainer()} trains this run already; `watch` shows it.")

    @contextmanager
    def lock(self, now: float) -> Iterator[Callable[[str], None]]:
        """Be the one trainer of this run, or fail with the name of who is.

        Gives a function that tells viewers why the trainer waits; empty: it works.
        """
        try:
            handle = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise files.explain(error, self.lock_file) from None
        with os.fdopen(handle, "r+b", buffering=0) as file:
            try:
                _take(file)
            except BlockingIOError:
                raise self.taken() from None
            if self._alive_elsewhere():
                raise self.taken()

            def tell(waiting: str, ended: bool = False) -> None:
                owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": now}
                told = {**owner, "waiting": waiting[:_WAITING_LIMIT], "ended": ended}
                text = json.dumps(told).encode()
                # One write of one length: readers see no half, and a full disk has room for it.
                with contextlib.suppress(OSError):
                    os.pwrite(handle, text.ljust(_LOCK_LENGTH) + b"\n", 0)

            file.truncate(_LOCK_LENGTH + 1)
            tell("")
            try:
                with _signs_of_life(handle):
                    yield tell
            finally:
                tell("", ended=True)


@dataclass(frozen=True)
class TrainerProcess:
    """The process that trains a run. As a text: `process 4711 on gpu3`."""

    process: str = "?"
    host: str = "?"
    started: float | None = None
    waiting: str = ""
    ended: bool = False
    """It has let go of the run; one that was killed could not say so."""

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"


_WAITING_LIMIT, _LOCK_LENGTH = 500, 4000
"""Characters and bytes; a character may take six bytes in JSON."""


LIFE = 120.0
"""Seconds without a sign of life after which a trainer on another machine counts as gone."""


@contextmanager
def _signs_of_life(handle: int) -> Iterator[None]:
    """Touch the lock now and then, whatever the trainer does, for viewers on other machines."""
    over = threading.Event()

    def live() -> None:
        while not over.wait(LIFE / 6):
            with contextlib.suppress(OSError):
                os.utime(handle)

    thread = threading.Thread(target=live, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _take(file: IO[bytes]) -> None:
    """Lock `file`; a viewer that looks whether it is locked holds it for an instant."""
    for _ in range(20):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.01)
    return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def new_run(runs: Path, recipe: Recipe, token: str) -> RunFolder:
    """A folder not yet made, called after dataset and model; `token` tells runs apart."""
    name = recipe.name or f"{Path(recipe.data).name}-{recipe.model}"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "run"
    return RunFolder(runs / f"{plain}-{token}")


def all_runs(runs: Path) -> list[RunFolder]:
    """Every run in `runs`, newest first."""
    if not runs.is_dir():
        return []
    found = [RunFolder(path) for path in runs.iterdir() if (path / "recipe.toml").is_file()]
    return sorted(found, key=lambda folder: (-(folder.started() or 0.0), folder.run))


def find_run(name: str, runs: Path) -> RunFolder:
    """The run called `name`: an id, a unique beginning of one, a path, or `last`."""
    known = all_runs(runs)
    if name == "last":
        if not known:
            raise BadInput(f"last: no run in {runs} yet; `bear-tui train` makes one.")
        return known[0]
    by_id = [folder for folder in known if folder.run == name]
    if by_id:
        return by_id[0]
    if os.path.isfile(Path(name) / "recipe.toml"):  # no exception for any name  # noqa: PTH113
        return RunFolder(Path(name).resolve())
    beginning = [folder for folder in known if name and folder.run.startswith(name)]
    if len(beginning) == 1:
        return beginning[0]
    if beginning:
        names = ", ".join(folder.run for folder in beginning[:5])
        raise BadInput(f"{name}: {len(beginning)} runs begin so: {names}; write more of the name.")
    raise BadInput(f"{name}: no such run in {runs}; `bear-tui runs` lists them.")
