"""The folder of a run: where each thing lies, who trains it, finding runs by name."""

import contextlib
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
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

    def exists(self) -> bool:
        """Whether there is a run, one that may not be looked into and a damaged one included."""
        try:
            self.recipe_file.lstat()
        except PermissionError:
            return True
        except (OSError, ValueError):  # ValueError: no name of a file
            return False
        return True

    def create(self, recipe: Recipe) -> None:
        """Make the folder with its recipe."""
        try:
            self.checkpoints.mkdir(parents=True)
            files.write_text(self.recipe_file, to_toml(recipe))
        except PermissionError as error:
            raise BadInput(f"{files.explain(error, self.path)} {_CHOOSE}") from None
        except OSError as error:
            raise files.explain(error, self.path) from None

    def recipe(self) -> Recipe:
        """The recipe the run was started with. Raises BadInput where it cannot be read."""
        content = files.content(self.recipe_file)
        if content is None:
            raise Unreadable(f"{self.recipe_file}: no such file; it is what makes a folder a run.")
        # Runs of before padded their photos, and decoded them so.
        older = {"framing": "pad", "interpolation": "draft"}
        text = content.decode("utf-8", "surrogateescape")
        return from_toml(text, str(self.recipe_file), older)

    def state(self) -> RunState:
        """What the journal tells; a run whose trainer is gone is interrupted. Raises Unreadable."""
        return self.seen(read_state(self.journal_file), self.being_trained())

    def seen(self, state: RunState, trained: bool) -> RunState:
        """`state` of the journal with what only the folder tells: paused and interrupted."""
        if trained and (state.status, state.message) == ("stopped", HANDED_OVER):
            return replace(state, status="running", message="")  # by who took it over
        if state.status not in ("waiting", "running"):
            return state
        if not trained:
            return replace(state, status="interrupted")
        waiting = self.trainer().waiting
        if not waiting:
            return state
        return replace(state, status="paused", message="" if waiting == PAUSED else waiting)

    def started(self) -> float | None:
        """When it began, in seconds since 1970. Raises Unreadable where the lock is none."""
        return lock.read(self.lock_file).started

    def trainer(self) -> TrainerProcess:
        """What the lock says of the process that trains this run, or was the last to."""
        try:
            return lock.read(self.lock_file)
        except Unreadable:
            return TrainerProcess()

    def being_trained(self) -> bool:
        """Whether a living process trains this run."""
        try:
            held = lock.is_held(self.lock_file)
        except OSError:
            return False
        return held or self._alive_elsewhere(locks=held is not None)

    def _alive_elsewhere(self, locks: bool) -> bool:
        """Whether a trainer whose lock is not seen here lives: not every disk has `locks`, and not
        every disk that machines share shares them too."""
        owner = self.trainer()
        if locks and owner.host == socket.gethostname():
            return False
        try:
            return owner.lives(self.lock_file.lstat().st_mtime, time.time())
        except OSError:
            return False

    def handed_over(self) -> bool:
        """Whether its trainer ended for another one to go on at once."""
        try:
            last = read_line(last_line(self.journal_file), self.journal_file)
        except Unreadable:
            return False
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
            if self._alive_elsewhere(locks):
                raise self.taken()
            if not locks:
                files.weaker(
                    self.path,
                    "its file system has no locks: a second training of the same run may be "
                    "noticed too late; start none",
                )

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
                with lock.signs_of_life(handle):
                    yield tell
            finally:
                tell("", ended=True)


_WAITING_LIMIT, _LOCK_LENGTH = 300, 4000
"""Characters and bytes; a character may take twelve bytes in JSON."""


_CHOOSE = "`--runs DIR` or BEAR_TUI_RUNS names another folder of runs."


def require_room_for_runs(runs: Path) -> None:
    """Raise BadInput where no run can be made in `runs`, which need not be there yet."""
    folder = next((one for one in (runs, *runs.parents) if files.exists(one)), runs)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadInput(f"{runs}: no run may be written there. {_CHOOSE}")


def new_run(runs: Path, recipe: Recipe, token: str) -> RunFolder:
    """A folder not yet made, called after dataset and model; `token` tells runs apart."""
    name = recipe.name or f"{Path(recipe.data).name}-{recipe.model}"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "run"
    return RunFolder(runs / f"{plain}-{token}")


def all_runs(runs: Path) -> list[RunFolder]:
    """Every run in `runs`, newest first; last, those that do not tell when they began.

    Raises BadInput where the folder may not be read.
    """
    return _newest_first(_runs_called(runs, ""))


def _runs_called(runs: Path, beginning: str) -> list[RunFolder]:
    """The runs whose ids begin so. Of others nothing is looked at."""
    try:
        with os.scandir(runs) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(beginning)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise BadInput(f"{files.explain(error, runs)} {_CHOOSE}") from None
    return [folder for name in names if (folder := RunFolder(runs / name)).exists()]


def _newest_first(folders: Iterable[RunFolder]) -> list[RunFolder]:
    return sorted(folders, key=lambda folder: (-(folder.trainer().started or 0.0), folder.run))


def find_run(name: str, runs: Path) -> RunFolder:
    """The run called `name`: an id, a unique beginning of one, a path, or `last`.

    Raises BadInput. The files of a run that is not meant are not read.
    """
    if name == "last":
        known = all_runs(runs)
        if not known:
            raise BadInput(f"last: no run in {runs} yet; `bear-tui train` makes one.")
        return known[0]
    by_id = RunFolder(runs / name)
    if by_id.run == name != ".." and by_id.exists():
        return by_id
    if files.is_file(Path(name) / "recipe.toml"):
        return RunFolder(Path(os.path.realpath(name)))
    beginning = _newest_first(_runs_called(runs, name)) if name else []
    if len(beginning) == 1:
        return beginning[0]
    if beginning:
        names = ", ".join(folder.run for folder in beginning[:5])
        raise BadInput(f"{name}: {len(beginning)} runs begin so: {names}; write more of the name.")
    raise BadInput(f"{name}: no such run in {runs}; `bear-tui runs` lists them.")
