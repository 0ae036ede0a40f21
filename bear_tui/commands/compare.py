"""`compare`: several runs beside each other."""

import argparse
from collections.abc import Sequence

from bear_tui import paths
from bear_tui.commands.output import print_json, print_line, print_table
from bear_tui.metrics import interval, percent
from bear_tui.recipe import OPTIONS
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.compare import SIGNIFICANT, compare, p_value_text
from bear_tui.run.results.documents import (
    CompareDocument,
    ComparedPair,
    ComparedPairClass,
)
from bear_tui.run.results.ladder_lesson import lesson
from bear_tui.run.runs import find_run
from bear_tui.text import safe

_RIGHT = frozenset({"test", "95% interval", "F1", "val", "train", "epochs", "photos", "time"})
_PAIRS_SHOWN = 6
"""As many as four runs have; of more runs, only the pairs with the best one are printed."""


def compare_runs(arguments: argparse.Namespace) -> int:
    """Print results, the settings that differ, and whether the differences are significant."""
    runs = arguments.runs or paths.runs_folder()
    print_comparison([find_run(name, runs) for name in arguments.names], arguments.json)
    return 0


def print_comparison(folders: Sequence[RunFolder], json: bool) -> None:
    """Print the comparison and, if the runs are the rungs of a ladder, what they teach."""
    document = compare(folders)
    sentences = lesson(folders, document)
    if json:
        print_json({**document, "lesson": sentences})
        return
    _print(document)
    for sentence in sentences:
        print_line()
        print_line(sentence)


def _print(document: CompareDocument) -> None:
    letters = [run["letter"] for run in document["runs"]]
    rows = [
        [
            run["letter"],
            run["run"],
            f"{run['test_photos']:,}",
            percent(run["test_accuracy"]),
            interval(run["accuracy_ci95"]),
            percent(run["macro_f1"]),
            percent(run["validation_accuracy"]),
            percent(run["train_accuracy"]),
            str(run["epochs_done"]),
            f"{run['seconds']:.0f} s",
        ]
        for run in document["runs"]
    ]
    columns = ["", "run", "photos", "test", "95% interval", "F1", "val", "train", "epochs", "time"]
    print_table(columns, rows, _RIGHT)
    print_line()
    if document["settings"]:
        settings = [
            [OPTIONS.get(name, name).removeprefix("--"), *map(str, values)]
            for name, values in document["settings"].items()
        ]
        print_table(["differs", *letters], settings, frozenset())
    else:
        print_line("The settings are the same.")
    print_line()
    recalls = [[row["class"], *map(percent, row["recall"])] for row in document["classes"]]
    print_table(["recall", *letters], recalls, frozenset(letters))
    print_line()
    for pair in _printed_pairs(document):
        print_line(pair["verdict"])
        for row in pair["per_class"]:
            if row["p_value_holm"] < SIGNIFICANT:
                print_line(f"  {_class_sentence(pair, row)}")
    for note in document["notes"]:
        print_line(f"! {note}")


def _printed_pairs(document: CompareDocument) -> list[ComparedPair]:
    pairs = document["pairs"]
    if len(pairs) <= _PAIRS_SHOWN:
        return pairs
    best = max(document["runs"], key=lambda run: run["test_accuracy"] or 0.0)["letter"]
    return [pair for pair in pairs if best in (pair["first"], pair["second"])]


def _class_sentence(pair: ComparedPair, row: ComparedPairClass) -> str:
    return (
        f"of {row['photos']:,} {safe(row['class'], 40)} {pair['first']} gets "
        f"{row['first_correct']:,} right, {pair['second']} {row['second_correct']:,} "
        f"({p_value_text(row['p_value_holm'])})."
    )
