"""Runs that are being trained or were interrupted: what the app offers when it starts."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from bear_tui import files
from bear_tui.errors import Unreadable
from bear_tui.run.events import RunCompleted, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import last_line, read_line
from bear_tui.run.runs import all_runs


def unfinished(runs: Path) -> Iterator[tuple[RunFolder, str]]:
    """Yield each with `running` or `interrupted`, newest first. Reads only the end of journals."""
    for folder in all_runs(runs):
        if folder.being_trained():
            yield folder, "running"
        elif _was_interrupted(folder.journal_file):
            yield folder, "interrupted"


def _was_interrupted(journal: Path) -> bool:
    last = last_line(journal)
    with contextlib.suppress(Unreadable):
        event = read_line(last, journal)
        return bool(last) and not isinstance(event, RunCompleted | RunStopped | RunFailed)
    return False


def trained_here(runs: Path) -> RunFolder | None:
    """Return a run that another process trains on this machine; None if there is none.

    Reads only locks, so it is fast enough for a key press.
    """
    with contextlib.suppress(OSError), os.scandir(runs) as scan:
        for folder in (RunFolder(Path(entry.path)) for entry in scan):
            if not files.is_file(folder.recipe_file):
                continue
            if folder.being_trained() and folder.trainer().host in ("?", socket.gethostname()):
                return folder
    return None
