"""The document of `show` as rows and sentences for the Results screen."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from bear_tui import metrics
from bear_tui.catalog import MODELS
from bear_tui.metrics import interval, percent
from bear_tui.run.results import reliability
from bear_tui.text import counted, safe
from bear_tui.tui.render.meter import duration
from bear_tui.tui.render.status import marked
from bear_tui.tui.render.table_model import AS_IT_COMES, Column, Row, Sorting

Document = Mapping[str, Any]

CLASS_COLUMNS = (
    Column("class", right=False, limit=28),
    Column("photos"),
    Column("correct"),
    Column("precision"),
    Column("recall"),
    Column("95% interval"),
    Column("F1"),
)
_SORT_KEYS = ("class", "support", "correct", "precision", "recall", "recall_ci95", "f1")
"""What each column sorts by, in the document's words."""
PAIR_COLUMNS = (
    Column("true", right=False, limit=24),
    Column("taken for", right=False, limit=24),
    Column("photos"),
)

FEW_CLASSES = 3
"""Their table and matrix leave room for the mistakes in a low terminal too."""
MATRIX_CLASSES = 20
"""With more classes, the pairs taken for each other most often say more than the matrix."""
_CLASSES_IN_SIGHT = 7
"""Of the table in a terminal of 24 lines, with its last row."""
_ROWS_SHOWN = 500
"""Pairs listed: as many as a person looks at."""


def untested(name: str, status: str, epochs_done: int) -> str:
    """Return what to say about a run without a test."""
    if status == "waiting":
        return "This run has just started.\n\n3  shows its progress"
    resumable = status in ("stopped", "failed", "interrupted")
    return (
        f"{safe(name, 60)} has no test yet: it is {safe(status)} after "
        f"{counted(epochs_done, 'epoch')}.\n\n"
        f"3  shows its progress{'; u resumes it there' if resumable else ''}"
    )


def title(document: Document, width: int) -> Content:
    """Return `run · 80 test photos, weights of epoch 5`, and how the run ended."""
    right = Content.styled(marked(str(document["status"])), "bold")
    tested = ""
    if document["test"]:
        photos = sum(row["support"] for row in document["test"]["per_class"])
        asked = photos + document["test"]["unreadable"]
        which = f"{photos:,} of {asked:,}" if asked > photos else f"{photos:,}"
        tested = f" · {which} test photos, weights of epoch {document['best_epoch']}"
    left = Content.assemble((safe(document["run"], 60), "bold"), tested)
    room = max(1, width - right.cell_length - 1)
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    return Content.assemble(left, " " * (room - left.cell_length + 1), right)


def facts(document: Document) -> str:
    """Return `vgg16 · imagenet · 224 px · 10 epochs in 0:54 on cpu fp32`."""
    parts = [
        safe(document["model"], 30),
        f"weights {safe(document['weights'], 30)}",
        f"{document['image_size']} px",
        f"{counted(document['epochs_done'], 'epoch')} in {duration(document['seconds'])}",
        f"{safe(document['device'], 20)} {safe(document['precision'], 10)}",
    ]
    return " · ".join(parts)


def class_rows(document: Document, sorting: Sorting = AS_IT_COMES) -> list[Row]:
    """Return a row per class, ordered by a column if asked, then one for all classes."""
    test = document["test"]
    numbered = list(enumerate(test["per_class"]))
    if sorting.column is not None:
        key = _SORT_KEYS[sorting.column]
        defined = [pair for pair in numbered if pair[1][key] is not None]
        unknown = [pair for pair in numbered if pair[1][key] is None]
        numbered = sorted(defined, key=lambda pair: pair[1][key], reverse=sorting.reverse)
        numbered += unknown
    rows = [
        Row(
            key=f"class {index}",
            cells=(
                row["class"],
                f"{row['support']:,}",
                f"{row['correct']:,}",
                percent(row["precision"]),
                percent(row["recall"]),
                interval(row["recall_ci95"]),
                percent(row["f1"]),
            ),
        )
        for index, row in numbered
    ]
    support = sum(row["support"] for row in test["per_class"])
    correct = sum(row["correct"] for row in test["per_class"])
    cells = (
        "all",
        f"{support:,}",
        f"{correct:,}",
        "accuracy",
        percent(test["accuracy"]),
        interval(test["accuracy_ci95"]),
        percent(test["macro_f1"]),
    )
    return [*rows, Row(key="all", cells=cells, style="bold")]


def notes(document: Document) -> list[str]:
    """Return reasons not to trust the table too far, and changes made while it trained."""
    changed = document.get("changed", ())
    return [*document["test"]["notes"], *(change["words"] for change in changed)]


def beyond(document: Document) -> str:
    """Return the accuracy of guessing, the top-k accuracy, and the calibration.

    With many classes the accuracy comes first: the last row of their table is out of sight.
    """
    test = document["test"]
    result = metrics.figures(document["classes"], test["confusion_matrix"])
    parts = [f"guessing one class {percent(result.guess)}"]
    if len(document["classes"]) > _CLASSES_IN_SIGHT:
        parts.insert(0, f"accuracy {percent(test['accuracy'])} ({interval(test['accuracy_ci95'])})")
    if top := test["top_k"]:
        parts.append(f"among the likeliest {top['k']} {percent(top['accuracy'])}")
    if calibration := test["calibration"]:
        parts.append(reliability.calibration_line(calibration))
    return " · ".join(parts)


def matrix_columns(classes: Sequence[str]) -> list[Column]:
    """Return headings: true classes down, predicted ones across."""
    return [
        Column("true ↓  says →", right=False, limit=20),
        *(Column(c, limit=12) for c in classes),
    ]


def matrix_rows(document: Document) -> list[Row]:
    """Return the counts; right answers are bold, zeros are dots."""
    rows = []
    for index, counts in enumerate(document["test"]["confusion_matrix"]):
        cells = [f"{count:,}" if count else "·" for count in counts]
        styles = ["bold" if place == index else "" for place in range(len(counts))]
        name = document["classes"][index]
        rows.append(Row(f"true {index}", (name, *cells), styles=("", *styles)))
    return rows


def matrix_whole(document: Document) -> list[Row]:
    """Return all rows, where the table shows only those that a person looks at."""
    many = len(document["classes"]) > MATRIX_CLASSES
    return pair_rows(document, None) if many else matrix_rows(document)


def matrix_table(document: Document) -> tuple[Sequence[Column], list[Row]]:
    """Return the matrix; of many classes the confused pairs, which say more."""
    if len(document["classes"]) <= MATRIX_CLASSES:
        return matrix_columns(document["classes"]), matrix_rows(document)
    return PAIR_COLUMNS, pair_rows(document)


def pair_rows(document: Document, most: int | None = _ROWS_SHOWN) -> list[Row]:
    """Return the pairs of confused classes, most frequent first."""
    classes = document["classes"]
    pairs = [
        (count, true, predicted)
        for true, counts in enumerate(document["test"]["confusion_matrix"])
        for predicted, count in enumerate(counts)
        if count and true != predicted
    ]
    pairs.sort(key=lambda pair: -pair[0])
    return [
        Row(f"pair {true} {predicted}", (classes[true], classes[predicted], f"{count:,}"))
        for count, true, predicted in pairs[:most]
    ]


def next_steps(document: Document, sample: bool) -> str:
    """Return what to try after this run; the numbers are the keys of the screens."""
    entry = MODELS.get(str(document["model"]))
    steps = []
    if sample:
        steps.append("1 your own photos")
    if entry is None or entry.weights_file is None:
        steps.append("2 a pretrained model")
    elif document["trainable_parameters"] < document["total_parameters"]:
        steps.append("2 unfreeze more layers")
    else:
        steps.append("2 another model")
    steps.append("5 other runs")
    return "next: " + " · ".join(steps)
