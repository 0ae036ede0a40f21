"""`bear-tui`: the app."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui import files, paths
from bear_tui.errors import BadInput

if TYPE_CHECKING:
    import argparse


def open_app(arguments: "argparse.Namespace") -> int:
    """Open the app as the command line asks."""
    return start(arguments.open_data, arguments.open_sample, arguments.open_run, arguments.runs)


def start(
    folder: str | None = None,
    sample: bool = False,
    run_name: str | None = None,
    runs: Path | None = None,
) -> int:
    """Open the app, on a dataset, the sample photos or a run if asked."""
    # Nothing made before the first frame becomes garbage, and collecting takes a fifth of the time.
    # The app enables it again when torch is loaded.
    gc.disable()
    runs = runs or paths.runs_folder()
    run = None
    if run_name:
        from bear_tui.run.runs import find_run

        run = find_run(run_name, runs)
    data = paths.absolute(folder) if folder else None
    if data is not None and not files.is_folder(data):
        raise BadInput(f"--data {data}: no such folder; check the path.")
    served = "TEXTUAL_DRIVER" in os.environ  # set by `bear-tui serve`: the browser is the terminal
    if not served and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput("the app needs a terminal; `bear-tui train --help` works without one.")
    if not served and os.environ.get("TERM") in (None, "", "dumb"):
        raise BadInput(
            "this terminal cannot show the app (TERM is dumb or not set); try "
            "`TERM=xterm-256color bear-tui`, or `bear-tui train --help`, which works without."
        )
    from bear_tui import limits
    from bear_tui.tui.app import run_app

    limits.require(torch=True)

    return run_app(data=data, sample=sample, run=run, runs=runs)
