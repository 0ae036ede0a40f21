"""All runs as rows. Read in a thread: each run is a journal, and there may be hundreds."""

import string
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder, all_runs
from bear_tui.run.state import RunState
from bear_tui.run.tested import total
from bear_tui.tui.render.meter import duration
from bear_tui.tui.render.report import percent
from bear_tui.tui.render.status import marked
from bear_tui.tui.session.remote_run import RemoteRun
from bear_tui.tui.widgets.table import Column, Row

RUN_COLUMNS = (
    Column("run", right=False, limit=26),
    Column("status", right=False),
    Column("epochs"),
    Column("val"),
    Column("test"),
    Column("time"),
    Column("model", right=False, limit=20),
    Column("trained", right=False, limit=20),
    Column("started", right=False),
)
"""Those that fit no 80 columns are a key to the right; a run's name says its model anyway."""

CHANGED = "*"
"""After the epochs of a run whose rate or epochs were changed while it trained."""


@dataclass(frozen=True)
class ListedRun:
    """What the table shows of a run."""

    folder: RunFolder
    model: str
    unfreeze: str
    scheduler: str
    epochs: int
    state: RunState
    started: float | None
    changed: int
    """When its journal was written last: what is unchanged is not read again."""
    follower: RemoteRun
    """Reads on where it stopped: a long journal is read once."""
    error: str = ""
    """Why it cannot be read; then nothing else is known of it."""


def read_runs(runs: Path, known: Sequence[ListedRun] = ()) -> list[ListedRun]:
    """Every run in the folder, newest first, those that cannot be read with the reason."""
    before = {one.folder: one for one in known}
    return [_listed(folder, before.get(folder)) for folder in all_runs(runs)]


def _listed(folder: RunFolder, old: ListedRun | None) -> ListedRun:
    changed = _changed(folder)
    same = old is not None and old.changed == changed
    done = old is not None and same and old.state.ended and not old.error
    if old is not None and done and not folder.being_trained():
        return old
    # A journal that could not be read is read again from its beginning, once it is another.
    follower = old.follower if old is not None and (same or not old.error) else RemoteRun(folder)
    try:
        recipe, started = folder.recipe(), folder.started()
    except Failure as failure:
        return _unreadable(follower, changed, str(failure))
    follower.poll()
    follower.read_to_end()
    if follower.snapshot.error:
        return _unreadable(follower, changed, follower.snapshot.error)
    state = follower.snapshot.state
    return ListedRun(
        folder=folder,
        model=recipe.model,
        unfreeze=recipe.unfreeze,
        scheduler=recipe.scheduler,
        epochs=state.epochs or recipe.epochs,
        state=state,
        started=started,
        changed=changed,
        follower=follower,
    )


def _unreadable(follower: RemoteRun, changed: int, error: str) -> ListedRun:
    return ListedRun(follower.folder, "", "", "", 0, RunState(), None, changed, follower, error)


def run_rows(listed: Sequence[ListedRun], marked_runs: Sequence[RunFolder] = ()) -> list[Row]:
    """A row per run; those marked for comparing carry their letter."""
    letters = dict(zip(marked_runs, string.ascii_uppercase, strict=False))
    return [
        Row(
            key=str(run.folder.path),
            cells=(
                f"{letters[run.folder]} {run.folder.run}"
                if run.folder in letters
                else run.folder.run,
                marked("unreadable" if run.error else run.state.status),
                "–" if run.error else f"{run.state.epochs_done}/{run.epochs}{_star(run.state)}",
                percent(best_validation(run.state)),
                tested(run.state),
                "–" if run.error else duration(run.state.seconds),
                run.model,
                run.unfreeze,
                moment(run.started),
            ),
            style="bold" if run.folder in letters else "",
        )
        for run in listed
    ]


def tested(state: RunState) -> str:
    """`97.5%`; where some photos could not be read `97.5% of 70/80`."""
    if state.test is None:
        return percent(None)
    said, photos = percent(state.test.accuracy), total(state.test.confusion_matrix)
    missing = state.test.unreadable
    return f"{said} of {photos:,}/{photos + missing:,}" if missing > 0 else said


def _star(state: RunState) -> str:
    return CHANGED if state.changes else ""


def best_validation(state: RunState) -> float | None:
    """Accuracy on the validation photos of the epoch whose weights were kept."""
    rows = (row.validation_accuracy for row in state.history if row.epoch == state.best_epoch)
    return next(rows, None)


def moment(seconds: float | None) -> str:
    """`2025-03-09 14:05`, in the local time."""
    if seconds is None:
        return "–"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _changed(folder: RunFolder) -> int:
    try:
        return folder.journal_file.stat().st_mtime_ns
    except OSError:
        return 0
