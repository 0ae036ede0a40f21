"""`runs` and `show`: what was trained, and what it came to."""

import argparse
import time

from bear_tui import paths
from bear_tui.commands.output import print_json, print_line, print_table
from bear_tui.metrics import Figures, figures, interval, percent, unreadable_photos
from bear_tui.run.results import summary
from bear_tui.run.results.documents import ReviewedRun, ReviewedTest, RunRowDocument
from bear_tui.run.results.listing import listing
from bear_tui.run.results.lookalikes import Pair
from bear_tui.run.results.reliability import calibration_line
from bear_tui.run.runs import find_run
from bear_tui.text import safe

_RIGHT = frozenset(
    {"photos", "correct", "precision", "recall", "95% interval", "F1", "epochs", "test", "time"}
    | {"epoch", "train loss", "train", "val loss", "val", "rate"}
)
_PAIRS = 3
"""Look-alikes that are printed; the file has all."""
_MISTAKES = 20


def runs(arguments: argparse.Namespace) -> int:
    """List all runs, newest first."""
    folder = arguments.runs or paths.runs_folder()
    rows = listing(folder)
    if arguments.json:
        print_json(rows)
        return 0
    if not rows:
        print_line(f"No runs in {folder} yet. `bear-tui train --sample` makes the first one.")
        return 0
    columns = ["run", "status", "model", "epochs", "test", "time", "started"]
    print_table(columns, [_cells(row) for row in rows], _RIGHT)
    if any("changed" in row for row in rows):
        print_line("* learning rate or epochs were changed on the way: `bear-tui show RUN`.")
    for row in rows:
        if "error" in row:
            print_line(f"! {row['run']} cannot be read: {row['error']}")
        if missing := row.get("test_unreadable"):
            print_line(f"! {row['run']}: {unreadable_photos(missing, row['test_photos'])}.")
    return 0


def _cells(row: RunRowDocument) -> list[str]:
    if "error" in row:
        return [row["run"], row["status"], *["–"] * 5]
    return [
        row["run"],
        row["status"],
        str(row["model"]),
        f"{row['epochs_done']}/{row['epochs']}{'*' if 'changed' in row else ''}",
        _accuracy(row),
        f"{row['seconds']:.0f} s",
        _moment(row["started"]),
    ]


def _accuracy(row: RunRowDocument) -> str:
    """Return `97.5%`, and of how many photos if some could not be read."""
    accuracy = percent(row["test_accuracy"])
    return f"{accuracy} of {row['test_photos']:,}" if "test_unreadable" in row else accuracy


def _moment(seconds: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else "–"


def show(arguments: argparse.Namespace) -> int:
    """Print a run's recipe, curves and test table."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    if arguments.json:
        print_json(summary.show(folder))
        return 0
    document = summary.review(folder)
    state, recipe = folder.state(), folder.recipe()
    print_line(
        f"{document['run']}: {document['status']}{': ' + state.message if state.message else ''}"
    )
    print_line(
        f"{recipe.model} at {recipe.image_size} px, weights {recipe.weights}, unfrozen "
        f"{recipe.unfreeze}, {recipe.optimizer} at {recipe.learning_rate:g} ({recipe.scheduler}), "
        f"augmentation {recipe.augment}, batch {recipe.batch_size}, seed {recipe.seed}"
    )
    for change in document["changed"]:
        print_line(change["words"])
    print_line(f"data {recipe.data}; on {document['device']} ({document['precision']})")
    if recipe.corrections:
        print_line(f"{len(recipe.corrections)} labels corrected by hand: see {folder.recipe_file}")
    print_line()
    _print_epochs(document)
    if document["test"]:
        print_line()
        print_test(document["classes"], document["test"])
    return 0


def _print_epochs(document: ReviewedRun) -> None:
    rows = [
        [
            str(row["epoch"]),
            _figure(row["train_loss"], ".4f"),
            percent(row["train_accuracy"]),
            _figure(row["validation_loss"], ".4f"),
            percent(row["validation_accuracy"]),
            _figure(row["learning_rate"], ".2g"),
            f"{row['seconds']:.1f} s",
            "best" if row["epoch"] == document["best_epoch"] else "",
        ]
        for row in document["history"]
    ]
    columns = ["epoch", "train loss", "train", "val loss", "val", "rate", "time", ""]
    print_table(columns, rows, _RIGHT)


def print_test(classes: list[str], test: ReviewedTest, own: bool = True) -> None:
    """Print a test: the figures of each class and of all, notes, confusion matrix, mistakes.

    `own`: it is the run's own test, whose files lie in its folder.
    """
    _print_classes(test)
    for line in _further_figures(figures(classes, test["confusion_matrix"]), test):
        print_line(line)
    for note in test["notes"]:
        print_line(f"! {note}")
    for line in _lookalikes(test["lookalikes"], own):
        print_line(line)
    print_line()
    print_line("confusion (rows: true, columns: predicted)")
    matrix = [
        [name, *map(str, row)] for name, row in zip(classes, test["confusion_matrix"], strict=True)
    ]
    print_table(["", *classes], matrix, frozenset(classes))
    _print_mistakes(test, own)


def _print_classes(test: ReviewedTest) -> None:
    rows = [
        [
            row["class"],
            str(row["support"]),
            str(row["correct"]),
            percent(row["precision"]),
            percent(row["recall"]),
            interval(row["recall_ci95"]),
            percent(row["f1"]),
        ]
        for row in test["per_class"]
    ]
    total = sum(row["support"] for row in test["per_class"])
    correct = sum(row["correct"] for row in test["per_class"])
    accuracy, ends = percent(test["accuracy"]), interval(test["accuracy_ci95"])
    rows.append(["all", str(total), str(correct), "", accuracy, ends, percent(test["macro_f1"])])
    columns = ["class", "photos", "correct", "precision", "recall", "95% interval", "F1"]
    print_table(columns, rows, _RIGHT)


def _further_figures(result: Figures, test: ReviewedTest) -> list[str]:
    """Return what guessing would reach, top-k accuracy and calibration."""
    lines = [f"always guessing the largest class: {percent(result.guess)}"]
    if top := test["top_k"]:
        lines.append(f"top-{top['k']} accuracy: {percent(top['accuracy'])}")
    if calibration := test["calibration"]:
        lines.append(calibration_line(calibration))
    return lines


def _lookalikes(pairs: list[Pair], own: bool) -> list[str]:
    """Return some test photos that show the same as a training or validation photo."""
    lines = [
        f"  {safe(pair.test)} {'is a copy of' if pair.same_bytes else 'is nearly'} "
        f"{safe(pair.other)}"
        for pair in pairs[:_PAIRS]
    ]
    if len(pairs) > _PAIRS:
        where = " in lookalikes.csv" if own else ""
        lines.append(f"  and {len(pairs) - _PAIRS} more{where}")
    return lines


def _print_mistakes(test: ReviewedTest, own: bool) -> None:
    mistakes = test["mistakes"]
    if not mistakes:
        return
    print_line()
    print_line("mistakes, surest first")
    rows = [
        [row["path"], row["label"], row["predicted"], percent(row["probability"])]
        for row in mistakes[:_MISTAKES]
    ]
    print_table(["photo", "label", "predicted", "confidence"], rows, frozenset({"confidence"}))
    if len(mistakes) > _MISTAKES:
        where = " in predictions.csv" if own else "; --json lists all"
        print_line(f"and {len(mistakes) - _MISTAKES} more{where}")


def _figure(value: float | None, form: str) -> str:
    """Return the number, or a dash if it is undefined: a loss may have been NaN."""
    return "–" if value is None else format(value, form)
