"""Runs as the rows of the table on the Runs screen."""

import string
import time
from collections.abc import Sequence
from pathlib import Path

from textual.content import Content

from bear_tui import paths
from bear_tui.metrics import percent, photos_in
from bear_tui.run.folder import RunFolder
from bear_tui.run.state import RunState
from bear_tui.text import counted, first_few, safe
from bear_tui.tui.render.meter import duration
from bear_tui.tui.render.status import marked
from bear_tui.tui.render.table_model import Column, Row
from bear_tui.tui.session.run_list import ListedRun

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
"""The most telling first: 80 characters hold some of them, the right arrow shows the rest."""

CHANGED = "*"
"""After the epochs of a run whose rate or epochs were changed while it trained."""


def run_rows(listed: Sequence[ListedRun], marked_runs: Sequence[RunFolder] = ()) -> list[Row]:
    """Return a row per run; those marked for comparing carry their letter."""
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
    """Return `97.5%`; if some photos could not be read, `97.5% of 70/80`."""
    if state.test is None:
        return percent(None)
    accuracy, photos = percent(state.test.accuracy), photos_in(state.test.confusion_matrix)
    missing = state.test.unreadable
    return f"{accuracy} of {photos:,}/{photos + missing:,}" if missing > 0 else accuracy


def _star(state: RunState) -> str:
    return CHANGED if state.changes else ""


def best_validation(state: RunState) -> float | None:
    """Return the validation accuracy of the epoch whose weights were kept."""
    rows = (row.validation_accuracy for row in state.history if row.epoch == state.best_epoch)
    return next(rows, None)


def moment(seconds: float | None) -> str:
    """Return `2025-03-09 14:05`, in local time."""
    if seconds is None:
        return "–"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def where_line(listed: Sequence[ListedRun], runs: Path, current: ListedRun | None) -> Content:
    """Return where the runs lie, or why the run under the cursor cannot be read."""
    count = counted(len(listed), "run")
    where = f"{count} in {safe(paths.short(runs), 200)}"
    if any(run.state.changes for run in listed):
        where += f" · {CHANGED} rate or epochs changed on the way"
    unreadable = [run for run in listed if run.error]
    if current is not None and current.error:
        path = current.folder.path
        why = current.error.replace(str(path), paths.short(path))
        where, broken = "", f"! cannot be read: {safe(why)}"
    elif unreadable:
        names = first_few([safe(run.folder.run, 40) for run in unreadable], 2)
        broken = f" · ! cannot be read: {names}"
    else:
        broken = ""
    return Content.assemble(where, (broken, "$text-warning"))
