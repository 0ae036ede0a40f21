"""A run's figures as CSV tables, for spreadsheets and other programs."""

from collections.abc import Sequence
from pathlib import Path

from bear_tui import files
from bear_tui.metrics import photos_in
from bear_tui.run.results.documents import EpochDocument, RunDocument, TestDocument

Table = Sequence[Sequence[object]]

_FORMULA = (*"=+-@", *"\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n")
"""What a formula begins with, also in the full width that Japanese keyboards give."""


def write_csv(document: RunDocument, out: Path) -> list[Path]:
    """Write epochs.csv and, of a tested run, test.csv, classes.csv and confusion.csv into `out`.

    Returns their paths. An undefined figure is an empty cell.
    """
    tables = {"epochs": _epochs(document["history"])}
    if test := document["test"]:
        tables["classes"] = _classes(test)
        tables["confusion"] = _confusion(document["classes"], test)
        tables["test"] = _test(test)
    written = {out / f"{name}.csv": table for name, table in tables.items()}
    for path, table in written.items():
        files.write_csv(path, ([_literal(cell) for cell in row] for row in table))
    return list(written)


def _epochs(history: Sequence[EpochDocument]) -> Table:
    return [list(EpochDocument.__annotations__), *(list(epoch.values()) for epoch in history)]


def _classes(test: TestDocument) -> Table:
    rows = [
        [
            row["class"],
            row["support"],
            row["correct"],
            row["precision"],
            row["recall"],
            row["f1"],
            *(row["recall_ci95"] or (None, None)),
        ]
        for row in test["per_class"]
    ]
    columns = ["class", "support", "correct", "precision", "recall", "f1"]
    return [[*columns, "recall_low", "recall_high"], *rows]


def _confusion(classes: Sequence[str], test: TestDocument) -> Table:
    rows = zip(classes, test["confusion_matrix"], strict=True)
    return [["true", *classes], *([name, *counts] for name, counts in rows)]


def _test(test: TestDocument) -> Table:
    low, high = test["accuracy_ci95"] or (None, None)
    row = {
        "photos": photos_in(test["confusion_matrix"]),
        "unreadable": test["unreadable"],
        "accuracy": test["accuracy"],
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1": test["macro_f1"],
        "loss": test["loss"],
    }
    return [list(row), list(row.values())]


def _literal(cell: object) -> object:
    """Return the cell so that a spreadsheet does not compute it: a class may be called `=1+1`.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
