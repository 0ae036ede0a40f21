"""The rows that `bear-tui runs` prints, as JSON too. The Runs screen has its own, with more."""

from pathlib import Path

from bear_tui.errors import Failure
from bear_tui.metrics import photos_in
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.documents import RunRowDocument
from bear_tui.run.runs import all_runs


def listing(runs: Path) -> list[RunRowDocument]:
    """Return the rows. Raises Failure if the folder cannot be listed.

    A run that cannot be read has the status `unreadable`, and the reason as its `error`.
    """
    return [_row(folder) for folder in all_runs(runs)]


def _row(folder: RunFolder) -> RunRowDocument:
    try:
        recipe, state, started = folder.recipe(), folder.state(), folder.started()
    except Failure as failure:
        return _unreadable(folder, str(failure))
    row: RunRowDocument = {
        "run": folder.run,
        "status": state.status,
        "model": recipe.model,
        "epochs_done": state.epochs_done,
        "epochs": state.epochs or recipe.epochs,
        "test_accuracy": state.test.accuracy if state.test else None,
        "started": started,
        "seconds": round(state.seconds, 3),
        "path": str(folder.path),
    }
    if state.test is not None and state.test.unreadable > 0:
        row["test_photos"] = photos_in(state.test.confusion_matrix)
        row["test_unreadable"] = state.test.unreadable
    if state.changes:
        row["changed"] = True
    return row


def _unreadable(folder: RunFolder, error: str) -> RunRowDocument:
    return {
        "run": folder.run,
        "status": "unreadable",
        "model": None,
        "epochs_done": None,
        "epochs": None,
        "test_accuracy": None,
        "started": None,
        "seconds": None,
        "path": None,
        "error": error,
    }
