"""All runs of a folder, for the table of Runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs
from bear_tui.run.state import RunState
from bear_tui.tui.session.remote_run import RemoteRun


@dataclass(frozen=True)
class ListedRun:
    """One run of screen 5: what its row shows, and what its keys need to know."""

    folder: RunFolder
    model: str
    unfreeze: str
    scheduler: str
    epochs: int
    state: RunState
    started: float | None
    changed: int
    """When its journal was last written: an unchanged run is not read again."""
    follower: RemoteRun
    """Reads only what is new: a long journal is read once."""
    error: str = ""
    """Why the run cannot be read; then the other fields are empty."""


def read_runs(runs: Path, known: Sequence[ListedRun] = ()) -> list[ListedRun]:
    """Return every run in a folder, newest first; one that cannot be read has the reason.

    Call in a thread: there may be hundreds of journals.
    """
    before = {run.folder: run for run in known}
    return [_listed(folder, before.get(folder)) for folder in all_runs(runs)]


def _listed(folder: RunFolder, old: ListedRun | None) -> ListedRun:
    changed = _changed(folder)
    same = old is not None and old.changed == changed
    done = old is not None and same and old.state.ended and not old.error
    if old is not None and done and not folder.being_trained():
        return old
    # A journal that could not be read is read again from its beginning once it has changed.
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


def _changed(folder: RunFolder) -> int:
    try:
        return folder.journal_file.stat().st_mtime_ns
    except OSError:
        return 0
