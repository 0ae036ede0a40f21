"""The document of `compare` as text for the screen."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from bear_tui.metrics import interval, percent
from bear_tui.recipe import OPTIONS
from bear_tui.text import safe
from bear_tui.tui.render.chart import Points
from bear_tui.tui.render.meter import duration
from bear_tui.tui.render.overlay import overlay, style_of
from bear_tui.tui.toolkit.copyable import Cells

Document = Mapping[str, Any]

_CHART_HEIGHT = 10
_RESULTS = ("", "run", "test", "95% interval", "val", "epochs", "time")
_SIDE_BY_SIDE = 100
"""Columns from which the two charts stand beside each other."""


def comparison(document: Document, lesson: Sequence[str], width: int) -> Content:
    """Return all of it: results, whether they differ, why they may, and the curves."""
    parts = [
        results(document),
        verdicts(document, width),
        settings(document, width),
        curves(document, width),
        classes(document),
        Content("\n").join(_wrapped(sentence, width) for sentence in lesson),
    ]
    return Content("\n\n").join(part for part in parts if part.plain)


def copied(document: Document) -> Cells:
    """Return the tables, one below the other."""
    runs = [(run["letter"], run["run"]) for run in document["runs"]]
    letters = [letter for letter, _ in runs]
    figures = zip(runs, _figures(document), strict=True)
    differing = [
        (OPTIONS.get(name, name).removeprefix("--"), *values)
        for name, values in document["settings"].items()
    ]
    recalls = [
        (row["class"], *(percent(value) for value in row["recall"])) for row in document["classes"]
    ]
    return Cells(
        [
            *((*run, *found) for run, found in figures),
            (),
            *([("differs", *letters), *differing, ()] if differing else []),
            ("recall", *letters),
            *recalls,
        ],
        _RESULTS,
    )


def results(document: Document) -> Content:
    """Return a row per run."""
    rows = [
        (one["letter"], safe(one["run"], 26), *figures)
        for one, figures in zip(document["runs"], _figures(document), strict=True)
    ]
    return table(_RESULTS, rows, left=2)


def _figures(document: Document) -> list[tuple[str, ...]]:
    return [
        (
            percent(run["test_accuracy"]),
            interval(run["accuracy_ci95"]),
            percent(run["validation_accuracy"]),
            str(run["epochs_done"]),
            duration(run["seconds"]),
        )
        for run in document["runs"]
    ]


def verdicts(document: Document, width: int) -> Content:
    """Return a sentence per pair on whether its difference is significant, and the caveats."""
    sentences = [pair["verdict"] for pair in document["pairs"]]
    return Content("\n").join(
        [
            *(_wrapped(sentence, width) for sentence in sentences),
            *(_wrapped(f"! {note}", width).stylize("$text-warning") for note in document["notes"]),
        ]
    )


def settings(document: Document, width: int) -> Content:
    """Return only the settings that differ; long values are cut so that all runs fit."""
    differing = document["settings"]
    if not differing:
        return Content("The settings are the same.")
    letters = [run["letter"] for run in document["runs"]]
    most = max(8, (width - 14) // len(letters) - 2)
    rows = [
        (OPTIONS.get(name, name).removeprefix("--"), *(_cut(value, most) for value in values))
        for name, values in differing.items()
    ]
    return table(("differs", *letters), rows, left=len(letters) + 1)


def classes(document: Document) -> Content:
    """Return the recall of every class in every run."""
    letters = [run["letter"] for run in document["runs"]]
    rows = [
        (safe(row["class"], 24), *(percent(value) for value in row["recall"]))
        for row in document["classes"]
    ]
    return table(("recall", *letters), rows, left=1)


def curves(document: Document, width: int) -> Content:
    """Return validation loss and accuracy of all runs, overlaid."""
    histories = {letter: rows for letter, rows in document["histories"].items() if rows}
    if not histories:
        return Content("")

    def points(key: str) -> dict[str, Points]:
        return {
            letter: [(row["epoch"], row[key]) for row in rows if row[key] is not None]
            for letter, rows in histories.items()
        }

    beside = width >= _SIDE_BY_SIDE
    each = (width - 4) // 2 if beside else width
    loss, accuracy = (
        overlay(f"validation {name}", points(f"validation_{name}"), each, _CHART_HEIGHT, shares)
        for name, shares in (("loss", False), ("accuracy", True))
    )
    if not beside:
        return Content("\n\n").join([loss, accuracy])
    pairs = zip(loss.split("\n"), accuracy.split("\n"), strict=False)
    lines = [
        Content.assemble(left, " " * (each + 4 - left.cell_length), right) for left, right in pairs
    ]
    return Content("\n").join(lines)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> Content:
    """Return aligned columns: text in the first `left`, numbers in the others. Letters are
    coloured.
    """
    texts = [Content(cell) for row in (head, *rows) for cell in row]
    lengths = [text.cell_length for text in texts]
    widths = [max(lengths[column :: len(head)]) for column in range(len(head))]
    lines = []
    for number in range(len(rows) + 1):
        cells = []
        for column, width in enumerate(widths):
            cell = texts[number * len(head) + column]
            gap = " " * (width - cell.cell_length)
            if len(cell.plain) == 1 and cell.plain.isalpha() and cell.plain.isupper():
                cell = cell.stylize(f"bold {style_of(cell.plain)}")
            elif number == 0:
                cell = cell.stylize("$muted")
            cells.append(Content.assemble(cell, gap) if column < left else Content(gap) + cell)
        lines.append(Content("  ").join(cells))
    return Content("\n").join(lines)


def _wrapped(sentence: str, width: int) -> Content:
    return Content("\n").join(Content(safe(sentence)).wrap(max(20, width)))


def _cut(value: object, most: int) -> str:
    """Cut the beginning of a long path or list of layers: its end says more."""
    text = safe(value, 300)
    return text if len(text) <= most else f"…{text[1 - most :]}"
