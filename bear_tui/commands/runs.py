"""`runs` and `show`: what was trained, and what it came to."""

import argparse
import time

from bear_tui import paths
from bear_tui.commands.output import print_json, print_line, print_table
from bear_tui.metrics import Figures, figures, unreadable_photos
from bear_tui.run.folder import find_run
from bear_tui.run.results import reliability, summary
from bear_tui.run.results.lookalikes import Pair
from bear_tui.text import safe

_RIGHT = frozenset(
    {"photos", "correct", "precision", "recall", "95% interval", "F1", "epochs", "test", "time"}
    | {"epoch", "train loss", "train", "val loss", "val", "rate"}
)
_PAIRS = 3
"""So many are printed; the file has all."""


def runs(arguments: argparse.Namespace) -> int:
    """List all runs, newest first."""
    folder = arguments.runs or paths.runs_folder()
    found = summary.listing(folder)
    if arguments.json:
        print_json(found)
        return 0
    if not found:
        print_line(f"No runs in {folder} yet. `bear-tui train --sample` makes the first one.")
        return 0
    rows = [_row(one) for one in found]
    print_table(["run", "status", "model", "epochs", "test", "time", "started"], rows, _RIGHT)
    if any("changed" in one for one in found):
        print_line("* learning rate or epochs were changed on the way: `bear-tui show RUN`.")
    for one in found:
        if "error" in one:
            print_line(f"! {one['run']} cannot be read: {one['error']}")
        if missing := one.get("test_unreadable"):
            print_line(f"! {one['run']}: {unreadable_photos(missing, one['test_photos'])}.")
    return 0


def _row(one: summary.Document) -> list[str]:
    if "error" in one:
        return [one["run"], one["status"], *["–"] * 5]
    return [
        one["run"],
        one["status"],
        one["model"],
        f"{one['epochs_done']}/{one['epochs']}{'*' if 'changed' in one else ''}",
        _tested(one),
        f"{one['seconds']:.0f} s",
        _moment(one["started"]),
    ]


def show(arguments: argparse.Namespace) -> int:
    """Print a run's recipe, curves and test table."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    if arguments.json:
        print_json(summary.summary(folder))
        return 0
    document = summary.judged(folder)
    state, recipe = folder.state(), folder.recipe()
    print_line(
        f"{document['run']}: {document['status']}{': ' + state.message if state.message else ''}"
    )
    print_line(
        f"{recipe.model} at {recipe.image_size} px, weights {recipe.weights}, unfrozen "
        f"{recipe.unfreeze}, {recipe.optimizer} at {recipe.learning_rate:g} ({recipe.scheduler}), "
        f"augmentation {recipe.augment}, batch {recipe.batch_size}, seed {recipe.seed}"
    )
    for one in document["changed"]:
        print_line(one["words"])
    print_line(f"data {recipe.data}; on {document['device']} ({document['precision']})")
    if recipe.corrections:
        print_line(f"{len(recipe.corrections)} labels corrected by hand: see {folder.recipe_file}")
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
    print_line()
    columns = ["epoch", "train loss", "train", "val loss", "val", "rate", "time", ""]
    print_table(columns, rows, _RIGHT)
    if document["test"]:
        print_line()
        print_test(document)
    return 0


def print_test(document: summary.Document, own: bool = True) -> None:
    """The per-class table with its totals row, the notes, the matrix, the mistakes.

    `own`: the run's own test, whose files lie in its folder.
    """
    test = document["test"]
    rows = [
        [
            one["class"],
            str(one["support"]),
            str(one["correct"]),
            percent(one["precision"]),
            percent(one["recall"]),
            interval(one["recall_ci95"]),
            percent(one["f1"]),
        ]
        for one in test["per_class"]
    ]
    total = sum(one["support"] for one in test["per_class"])
    correct = sum(one["correct"] for one in test["per_class"])
    accuracy, whole = percent(test["accuracy"]), interval(test["accuracy_ci95"])
    rows.append(["all", str(total), str(correct), "", accuracy, whole, percent(test["macro_f1"])])
    columns = ["class", "photos", "correct", "precision", "recall", "95% interval", "F1"]
    print_table(columns, rows, _RIGHT)
    result = figures(document["classes"], test["confusion_matrix"])
    for line in beyond(result, test):
        print_line(line)
    for note in document["notes"]:
        print_line(f"! {note}")
    for line in _lookalikes(test["lookalikes"], own):
        print_line(line)
    print_line()
    print_line("confusion (rows: true, columns: predicted)")
    matrix = [
        [name, *map(str, row)]
        for name, row in zip(document["classes"], test["confusion_matrix"], strict=True)
    ]
    print_table(["", *document["classes"]], matrix, frozenset(document["classes"]))
    if test["mistakes"]:
        print_line()
        print_line("mistakes, surest first")
        mistakes = [
            [one["path"], one["label"], one["predicted"], percent(one["probability"])]
            for one in test["mistakes"][:20]
        ]
        print_table(["photo", "label", "predicted", "sure"], mistakes, frozenset({"sure"}))
        if len(test["mistakes"]) > 20:
            where = " in predictions.csv" if own else "; --json lists all"
            print_line(f"and {len(test['mistakes']) - 20} more{where}")


def _lookalikes(pairs: list[Pair], own: bool) -> list[str]:
    """A few test photos that the training has seen, and where."""
    lines = [
        f"  {safe(one.test)} {'is a copy of' if one.same_bytes else 'is nearly'} {safe(one.other)}"
        for one in pairs[:_PAIRS]
    ]
    if len(pairs) > _PAIRS:
        where = " in lookalikes.csv" if own else ""
        lines.append(f"  and {len(pairs) - _PAIRS} more{where}")
    return lines


def beyond(result: Figures, test: summary.Document) -> list[str]:
    """What a guess would reach, the likeliest few, and whether it is as sure as it is right."""
    lines = [f"always guessing the largest class: {percent(result.guess)}"]
    if top := test.get("top_k"):
        lines.append(f"among the {top['k']} likeliest: {percent(top['accuracy'])}")
    if found := test.get("calibration"):
        lines.append(reliability.calibration_line(found))
    return lines


def _figure(value: float | None, form: str) -> str:
    """A number, or a dash where it is undefined: a loss may have been none."""
    return "–" if value is None else format(value, form)


def percent(share: float | None) -> str:
    """`97.5%`, or a dash where a figure is undefined."""
    return "–" if share is None else f"{share:.1%}"


def interval(ends: tuple[float, float] | list[float] | None) -> str:
    """`87.1 – 99.6%`."""
    return "–" if ends is None else f"{ends[0] * 100:.1f} – {ends[1] * 100:.1f}%"


def _tested(one: summary.Document) -> str:
    """`97.5%`, and of how many photos where some could not be read."""
    said = percent(one["test_accuracy"])
    return f"{said} of {one['test_photos']:,}" if "test_unreadable" in one else said


def _moment(seconds: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else "–"
