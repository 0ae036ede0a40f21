"""Runs that are going on, or broke off: what the app offers when it starts."""

from collections.abc import Iterator
from pathlib import Path

from bear_tui.run.events import RunCompleted, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder, all_runs
from bear_tui.run.journal import last_line, read_line


def unfinished(runs: Path) -> Iterator[tuple[RunFolder, str]]:
    """Each with `running` or `interrupted`, newest first. Reads no journal but its end."""
    for folder in all_runs(runs):
        if folder.being_trained():
            yield folder, "running"
        elif _broke_off(folder.journal_file):
            yield folder, "interrupted"


def _broke_off(journal: Path) -> bool:
    last = last_line(journal)
    return bool(last) and not isinstance(
        read_line(last, journal), RunCompleted | RunStopped | RunFailed
    )
