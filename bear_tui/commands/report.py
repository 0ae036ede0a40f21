"""`report`: a run's results for people without bear-tui and for other programs."""

import argparse

from bear_tui import paths
from bear_tui.api import reports
from bear_tui.commands.output import print_line
from bear_tui.run.runs import find_run


def report(arguments: argparse.Namespace) -> int:
    """Write a run as one HTML page, as CSV tables or as TensorBoard event files."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    out = paths.absolute(arguments.out)
    written = reports.write(folder, arguments.to, out)
    print_line(f"{out}: {written}.")
    return 0
