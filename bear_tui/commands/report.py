"""`report`: a run's results for people without bear-tui and for other programs."""

import argparse
from pathlib import Path

from bear_tui import files, paths
from bear_tui.commands.output import print_line
from bear_tui.errors import BadInput
from bear_tui.run.folder import RunFolder, find_run
from bear_tui.run.report.csv_tables import write_csv
from bear_tui.run.report.tensorboard import write_tensorboard
from bear_tui.run.results import summary


def report(arguments: argparse.Namespace) -> int:
    """Write a run as one HTML page, as CSV tables or as TensorBoard event files."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    out = paths.absolute(arguments.out)
    if files.exists(out):
        raise BadInput(f"--out {out}: there already; remove it or choose another name.")
    try:
        written = _WRITERS[arguments.to](folder, out)
    except OSError as error:
        raise files.explain(error, out) from None
    print_line(f"{out}: {written}.")
    return 0


def _html(folder: RunFolder, out: Path) -> str:
    from bear_tui.data.photos.thumbnail import data_uri
    from bear_tui.run.report.html_page import page

    files.write_text(out, page(summary.review(folder), folder.recipe(), data_uri))
    return f"one page, {out.stat().st_size / 1e6:.1f} MB; open it in a browser"


def _csv(folder: RunFolder, out: Path) -> str:
    out.mkdir()
    written = write_csv(summary.figures_of(folder), out)
    return ", ".join(path.name for path in written)


def _tensorboard(folder: RunFolder, out: Path) -> str:
    count = write_tensorboard(folder, out)
    return f"{count:,} values; `tensorboard --logdir` on it shows them"


_WRITERS = {"html": _html, "csv": _csv, "tensorboard": _tensorboard}
