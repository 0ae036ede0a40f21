"""A training in a process of its own, which outlives the app and its terminal."""

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder


def start_background(folder: "RunFolder") -> subprocess.Popen[bytes]:
    """Go on with a run that is saved, then with what waits: a new session, no terminal, output
    to log.txt.

    Raises OSError where no process can be started or the log cannot be opened.
    """
    command = [sys.executable, "-m", "bear_tui", "resume", str(folder.path), "--then-queue"]
    with folder.log_file.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def farewell(folder: "RunFolder", process: int) -> str:
    """What a person needs who leaves a training behind."""
    run = folder.run
    return (
        f"{run} goes on in the background (process {process}). `bear-tui watch {run}` shows it, "
        f"`bear-tui stop {run}` stops and saves it."
    )
