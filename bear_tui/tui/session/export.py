"""A run as a file: which kinds there are, what they are called, and writing one."""

from pathlib import Path

from bear_tui import files
from bear_tui.errors import BadInput
from bear_tui.formats import ModelFormat, ReportFormat
from bear_tui.run.folder import RunFolder
from bear_tui.run.report import csv_tables, tensorboard
from bear_tui.run.report.html_page import page
from bear_tui.run.results import summary
from bear_tui.tui.session import engine

KINDS: dict[ReportFormat | ModelFormat, str] = {
    "html": "One web page with curves, tables and mistakes",
    "csv": "CSV tables of epochs, classes and the matrix",
    "tensorboard": "TensorBoard event files",
    "pt2": "The model for PyTorch (torch.export)",
    "onnx": "The model for ONNX",
    "safetensors": "The bare weights (safetensors)",
}


def target(folder: RunFolder, kind: str, where: Path) -> Path:
    """Where it is written: a name that is not taken yet."""
    ending = f"-{kind}" if kind in ("csv", "tensorboard") else f".{kind}"
    numbers = ("", *(f"-{number}" for number in range(1, 1000)))
    paths = (where / f"{folder.run}{number}{ending}" for number in numbers)
    return next(path for path in paths if not files.exists(path))


def write(folder: RunFolder, kind: str, out: Path) -> str:
    """Write it, and say how that went. May take a minute, so in a thread. Raises Failure."""
    try:
        if kind == "html":
            from bear_tui.data.photos.thumbnail import data_uri

            files.write_text(out, page(summary.review(folder), folder.recipe(), data_uri))
        elif kind == "csv":
            out.mkdir()
            csv_tables.write_csv(summary.show(folder), out)
        elif kind == "tensorboard":
            tensorboard.write_tensorboard(folder, out)
        elif kind in KINDS:
            return f"{out}: {engine.export(folder, kind, out)}"
        else:
            raise BadInput(f"{kind}: there is no such kind of file.")
    except OSError as error:
        raise files.explain(error, out) from None
    return f"{out} is written."
