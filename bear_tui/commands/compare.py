"""`compare`: several runs beside each other."""

import argparse
from collections.abc import Sequence

from bear_tui import paths
from bear_tui.commands.output import print_json, print_line, print_table
from bear_tui.commands.runs import interval, percent
from bear_tui.recipe import OPTIONS
from bear_tui.run.folder import RunFolder, find_run
from bear_tui.run.results.compare import DECIDED, chance, compare
from bear_tui.run.results.ladder_lesson import lesson
from bear_tui.run.results.summary import Document
from bear_tui.text import safe

_RIGHT = frozenset({"test", "95% interval", "F1", "val", "train", "epochs", "photos", "time"})
_PAIRS_SHOWN = 6
"""All pairs of four runs; of more, those with the best one."""


def compare_runs(arguments: argparse.Namespace) -> int:
    """Results beside only the settings that differ, and what the difference means."""
    runs = arguments.runs or paths.runs_folder()
    tell([find_run(name, runs) for name in arguments.names], arguments.json)
    return 0


def tell(folders: Sequence[RunFolder], json: bool) -> None:
    """Print the comparison, and what the runs teach where they are the rungs of a ladder."""
    document = compare(folders)
    told = lesson(folders, document)
    if json:
        print_json({**document, "lesson": told})
        return
    _print(document)
    for sentence in told:
        print_line()
        print_line(sentence)


def _print(document: Document) -> None:
    letters = [one["letter"] for one in document["runs"]]
    rows = [
        [
            one["letter"],
            one["run"],
            f"{one['test_photos']:,}",
            percent(one["test_accuracy"]),
            interval(one["accuracy_ci95"]),
            percent(one["macro_f1"]),
            percent(one["validation_accuracy"]),
            percent(one["train_accuracy"]),
            str(one["epochs_done"]),
            f"{one['seconds']:.0f} s",
        ]
        for one in document["runs"]
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
    recalls = [[one["class"], *map(percent, one["recall"])] for one in document["classes"]]
    print_table(["recall", *letters], recalls, frozenset(letters))
    print_line()
    for pair in _worth_saying(document):
        print_line(pair["verdict"])
        for one in pair["per_class"]:
            if one["p_value_holm"] < DECIDED:
                print_line(f"  {_class_sentence(pair, one)}")
    for note in document["notes"]:
        print_line(f"! {note}")


def _worth_saying(document: Document) -> list[Document]:
    pairs: list[Document] = document["pairs"]
    if len(pairs) <= _PAIRS_SHOWN:
        return pairs
    tested = [one for one in document["runs"] if one["test_accuracy"] is not None]
    best = max(tested, key=lambda one: float(one["test_accuracy"]))["letter"]
    return [pair for pair in pairs if best in (pair["first"], pair["second"])]


def _class_sentence(pair: Document, one: Document) -> str:
    return (
        f"of {one['photos']:,} {safe(one['class'], 40)} {pair['first']} gets "
        f"{one['first_correct']:,} right, {pair['second']} {one['second_correct']:,} "
        f"({chance(one['p_value_holm'])})."
    )
