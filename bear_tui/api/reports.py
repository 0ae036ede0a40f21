"""A run's report as files: one web page, CSV tables, or TensorBoard's event files."""

from collections.abc import Callable
from pathlib import Path

from bear_tui import files
from bear_tui.errors import BadInput
from bear_tui.formats import ReportFormat
from bear_tui.run.folder import RunFolder


def write(folder: RunFolder, kind: ReportFormat, out: Path) -> str:
    """Write the report to `out`, which must not exist; return in words what was written."""
    if kind not in _WRITERS:
        raise BadInput(f"--to {kind}: choose {', '.join(_WRITERS)}.")
    if files.exists(out):
        raise BadInput(f"--out {out}: there already; remove it or choose another name.")
    try:
        return _WRITERS[kind](folder, out)
    except OSError as error:
        raise files.explain(error, out) from None


def _html(folder: RunFolder, out: Path) -> str:
    from bear_tui.data.photos.thumbnail import data_uri
    from bear_tui.run.report.html_page import page
    from bear_tui.run.results import summary

    files.write_text(out, page(summary.review(folder), folder.recipe(), data_uri))
    return f"one page, {out.stat().st_size / 1e6:.1f} MB; open it in a browser"


def _csv(folder: RunFolder, out: Path) -> str:
    from bear_tui.run.report.csv_tables import write_csv
    from bear_tui.run.results import summary

    out.mkdir()
    written = write_csv(summary.figures_of(folder), out)
    return ", ".join(path.name for path in written)


def _tensorboard(folder: RunFolder, out: Path) -> str:
    from bear_tui.run.report.tensorboard import write_tensorboard

    count = write_tensorboard(folder, out)
    return f"{count:,} values; `tensorboard --logdir` on it shows them"


_WRITERS: dict[ReportFormat, Callable[[RunFolder, Path], str]] = {
    "html": _html,
    "csv": _csv,
    "tensorboard": _tensorboard,
}
