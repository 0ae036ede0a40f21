"""A run's figures for other programs: CSV tables and TensorBoard's event files."""

from collections.abc import Iterable
from pathlib import Path

from bear_tui import files
from bear_tui.errors import BadInput
from bear_tui.metrics import photos_in
from bear_tui.run.events import EpochCompleted, PhaseCompleted, StepCompleted, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_events
from bear_tui.run.results.summary import Document

_CLASS_COLUMNS = ("class", "support", "correct", "precision", "recall", "f1", "recall_ci95")
_TEST_COLUMNS = (
    *("photos", "unreadable", "accuracy", "accuracy_low", "accuracy_high"),
    *("macro_f1", "loss"),
)
_EPOCH_COLUMNS = (
    "epoch",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "learning_rate",
    "seconds",
)


def write_csv(shown: Document, out: Path) -> list[Path]:
    """epochs.csv and, of a tested run, test.csv, classes.csv and confusion.csv in the folder `out`.

    `shown` is the document of `show`; an undefined figure is an empty cell.
    """
    tables = {
        "epochs": [_EPOCH_COLUMNS, *([row[c] for c in _EPOCH_COLUMNS] for row in shown["history"])]
    }
    test = shown["test"]
    if test:
        header = (*_CLASS_COLUMNS[:-1], "recall_low", "recall_high")
        rows = (
            [*(one[c] for c in _CLASS_COLUMNS[:-1]), *(one["recall_ci95"] or (None, None))]
            for one in test["per_class"]
        )
        tables["classes"] = [header, *rows]
        names = shown["classes"]
        matrix = zip(names, test["confusion_matrix"], strict=True)
        tables["confusion"] = [["true", *names], *([name, *row] for name, row in matrix)]
        photos, ends = photos_in(test["confusion_matrix"]), test["accuracy_ci95"] or (None, None)
        result = (photos, test["unreadable"], test["accuracy"], *ends)
        tables["test"] = [_TEST_COLUMNS, [*result, test["macro_f1"], test["loss"]]]
    written = {out / f"{name}.csv": table for name, table in tables.items()}
    for path, table in written.items():
        files.write_csv(path, ([_literal(cell) for cell in row] for row in table))
    return list(written)


def _literal(cell: object) -> object:
    """A text that a spreadsheet shows instead of computing it: a class may be called `=1+1`.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


_FORMULA = (*"=+-@", *"\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n")
"""What begins one; also in the full width that Japanese keyboards give."""


def write_tensorboard(folder: RunFolder, out: Path) -> int:
    """The journal as TensorBoard event files in `out`; how many values were written.

    Steps count on through the epochs, so that curves of training are as fine as they were told.
    BadInput where the package is missing.
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        raise BadInput(
            "--to tensorboard: one more package is needed; `pip install tensorboard` gets it."
        ) from None
    written = 0
    writer = EventFileWriter(str(out))
    began = folder.started() or 0.0
    for tag, step, value, at in _scalars(folder):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(step=step, wall_time=began + at, summary=summary))
        written += 1
    writer.close()
    return written


def _scalars(folder: RunFolder) -> Iterable[tuple[str, int, float, float]]:
    """Tag, step, value, and seconds since the run began."""
    seconds, epoch = 0.0, 0
    train_step = 0
    before = 0
    for event in read_events(folder.journal_file):
        match event:
            case StepCompleted(phase="train"):
                train_step = before + event.step
                yield "step/train_loss", train_step, event.loss, seconds
                yield "step/train_accuracy", train_step, event.accuracy, seconds
                yield "step/learning_rate", train_step, event.learning_rate, seconds
            case PhaseCompleted():
                seconds += event.seconds
                if event.phase == "train":
                    before = train_step
                yield f"epoch/{event.phase}_loss", event.epoch, event.loss, seconds
                yield f"epoch/{event.phase}_accuracy", event.epoch, event.accuracy, seconds
            case EpochCompleted():
                epoch = event.epoch
            case TestCompleted():
                yield "test/loss", epoch, event.loss, seconds
                yield "test/accuracy", epoch, event.accuracy, seconds
                if event.unreadable >= 0:
                    yield "test/unreadable", epoch, event.unreadable, seconds
            case _:
                pass
