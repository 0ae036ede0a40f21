"""Several runs beside each other: results, settings that differ, and whether they really differ.

Runs are called A, B, C … in the order they are given.
"""

import itertools
import string
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bear_tui.errors import BadInput, Unreadable
from bear_tui.recipe import Recipe
from bear_tui.run import changes
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import dataset_file, predictions_csv, summary
from bear_tui.run.results.documents import (
    ComparedClass,
    CompareDocument,
    ComparedPair,
    ComparedRun,
    PairCounts,
    RunDocument,
)
from bear_tui.run.results.significance import LEAST_DECISIVE, holm, mcnemar
from bear_tui.run.results.tested import unreadable_in

MOST_RUNS = len(string.ascii_uppercase)
SIGNIFICANT = 0.05
"""Below this p-value two runs are said to differ."""

Answers = Mapping[str, tuple[str, str]]
"""Label and predicted class of each test photo, by the photo's SHA-256."""


@dataclass(frozen=True)
class _Run:
    letter: str
    recipe: Recipe
    document: RunDocument
    answers: Answers


def compare(folders: Sequence[RunFolder]) -> CompareDocument:
    """Return the document of `compare`.

    Raises BadInput for fewer than two runs, too many, or one named twice.
    """
    if len(folders) < 2:
        raise BadInput("compare: name two runs or more; `bear-tui runs` lists them.")
    if len(folders) > MOST_RUNS:
        raise BadInput(f"compare: at most {MOST_RUNS} runs at once, not {len(folders)}.")
    twice = [folder.run for n, folder in enumerate(folders) if folder in folders[:n]]
    if twice:
        raise BadInput(f"compare: {twice[0]} is named twice.")
    runs = [_read(*pair) for pair in zip(string.ascii_uppercase, folders, strict=False)]
    pairs = _pairs(runs)
    return {
        "runs": [_figures(run) for run in runs],
        "settings": _differing(runs),
        "classes": _classes(runs),
        "pairs": pairs,
        "notes": _notes(runs, pairs),
        "histories": {run.letter: run.document["history"] for run in runs},
    }


def answers(folder: RunFolder) -> Answers:
    """Return what the run said of each test photo.

    A photo is known by its content, so a dataset that was moved or copied still pairs; if no hash
    was recorded, by its path.
    """
    try:
        hashes = dataset_file.hashes_by_path(folder.dataset_file)
    except Unreadable:
        hashes = {}
    _, rows = predictions_csv.read(folder.predictions_file)
    return {hashes.get(row.path, row.path): (row.label, row.predicted) for row in rows}


def p_value_text(p_value: float) -> str:
    """Return `p = 0.031` or `p < 0.001`."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _read(letter: str, folder: RunFolder) -> _Run:
    return _Run(letter, folder.recipe(), summary.figures_of(folder), answers(folder))


def _figures(run: _Run) -> ComparedRun:
    document, test = run.document, run.document["test"]
    best = next((e for e in document["history"] if e["epoch"] == document["best_epoch"]), None)
    return {
        "letter": run.letter,
        "run": document["run"],
        "status": document["status"],
        "model": document["model"],
        "epochs_done": document["epochs_done"],
        "best_epoch": document["best_epoch"],
        "train_accuracy": best["train_accuracy"] if best else None,
        "validation_accuracy": best["validation_accuracy"] if best else None,
        "test_accuracy": test["accuracy"] if test else None,
        "accuracy_ci95": test["accuracy_ci95"] if test else None,
        "macro_f1": test["macro_f1"] if test else None,
        "test_photos": len(run.answers) if test else 0,
        "test_unreadable": test["unreadable"] if test else None,
        "trainable_parameters": document["trainable_parameters"],
        "total_parameters": document["total_parameters"],
        "seconds": document["seconds"],
        "dataset_fingerprint": document["dataset_fingerprint"],
    }


def _differing(runs: Sequence[_Run]) -> dict[str, list[Any]]:
    """Return the settings that are not the same in all runs, with each run's value."""
    rows = [
        {
            **asdict(run.recipe),
            "device": run.document["device"],
            "precision": run.document["precision"],
            "corrections": _counted(run.recipe.corrections),
            "changes": changes.in_short(run.document["changes"]),
        }
        for run in runs
    ]
    names = [name for name in rows[0] if name != "name"]
    columns = {name: [row[name] for row in rows] for name in names}
    return {name: values for name, values in columns.items() if any(v != values[0] for v in values)}


def _counted(corrections: Sequence[tuple[str, str]]) -> str:
    """Return `9 relabelled, 3 left out`: names of photos would fill the table."""
    out = sum(not label for _, label in corrections)
    return f"{len(corrections) - out} relabelled, {out} left out" if corrections else "none"


def _classes(runs: Sequence[_Run]) -> list[ComparedClass]:
    """Return recall and F1 of every class in each run's own test."""
    names = dict.fromkeys(name for run in runs for name in run.document["classes"])
    tables = [
        {row["class"]: row for row in test["per_class"]} if (test := run.document["test"]) else {}
        for run in runs
    ]
    return [
        {
            "class": name,
            "recall": [table[name]["recall"] if name in table else None for table in tables],
            "f1": [table[name]["f1"] if name in table else None for table in tables],
        }
        for name in names
    ]


def _pairs(runs: Sequence[_Run]) -> list[ComparedPair]:
    """Return every two runs on the test photos that both were asked about."""
    tested = [run for run in runs if run.document["test"]]
    couples = list(itertools.combinations(tested, 2))
    counts = _counts([_shared(first, second) for first, second in couples])
    return [_pair(*couple, count) for couple, count in zip(couples, counts, strict=True)]


Shared = Sequence[tuple[str, bool, bool]]
"""Of each photo in common its label, and whether the first and the second run got it right."""


def _shared(first: _Run, second: _Run) -> Shared:
    # A photo that was relabelled between the runs has no one truth to judge both by.
    return [
        (label, first.answers[photo][1] == label, second.answers[photo][1] == label)
        for photo, (label, _) in first.answers.items()
        if photo in second.answers and second.answers[photo][0] == label
    ]


def _counts(tables: Sequence[Shared]) -> list[PairCounts]:
    """Return the counts of several comparisons, with p-values corrected for how many they are.

    Without a photo in common nothing was compared: such a table does not count for the others.
    """
    counts = [_count(table) for table in tables]
    asked = [count for count in counts if count["photos"]]
    corrected = iter(holm([count["p_value"] for count in asked]))
    return [
        {**count, "p_value_holm": next(corrected) if count["photos"] else 1.0} for count in counts
    ]


def _count(rows: Shared) -> PairCounts:
    only_first = sum(first and not second for _, first, second in rows)
    only_second = sum(second and not first for _, first, second in rows)
    p_value = mcnemar(only_first, only_second)
    return {
        "photos": len(rows),
        "first_correct": sum(first for _, first, _ in rows),
        "second_correct": sum(second for _, _, second in rows),
        "only_first_correct": only_first,
        "only_second_correct": only_second,
        "p_value": p_value,
        "p_value_holm": p_value,
    }


def _pair(first: _Run, second: _Run, counts: PairCounts) -> ComparedPair:
    shared = _shared(first, second)
    names = list(dict.fromkeys((*first.document["classes"], *second.document["classes"])))
    by_class = _counts([[row for row in shared if row[0] == name] for name in names])
    return {
        "first": first.letter,
        "second": second.letter,
        **counts,
        "per_class": [
            {"class": name, **count} for name, count in zip(names, by_class, strict=True)
        ],
        "verdict": _verdict(first.letter, second.letter, counts),
    }


def _verdict(first: str, second: str, counts: PairCounts) -> str:
    """Return one sentence on whether the difference is real."""
    ahead, behind = counts["only_first_correct"], counts["only_second_correct"]
    if not counts["photos"]:
        return f"{first} and {second} were tested on no photo in common: nothing can be said."
    if ahead == behind == 0:
        return f"{first} and {second} are right and wrong on the same photos."
    if behind > ahead:
        first, second, ahead, behind = second, first, behind, ahead
    photos = f"{counts['photos']:,} photos"
    count = f"{first} alone gets {ahead} of {photos} right, {second} alone {behind}"
    if counts["p_value_holm"] < SIGNIFICANT:
        return f"{first} is better than {second}: {count} ({p_value_text(counts['p_value_holm'])})."
    if ahead + behind < LEAST_DECISIVE:
        return f"{first} or {second}: {count}: too few to tell them apart."
    return (
        f"{first} or {second}: {count}: two equally good models differ this much in "
        f"{counts['p_value_holm']:.0%} of tests, so no difference is shown."
    )


def _notes(runs: Sequence[_Run], pairs: Sequence[ComparedPair]) -> list[str]:
    """Return what keeps a reader from comparing too much."""
    notes = [
        f"{run.letter} has no test yet: it is {run.document['status']}."
        for run in runs
        if not run.document["test"]
    ]
    notes += [
        f"{run.letter}: {missing}; two runs are compared on photos that both could read."
        for run in runs
        if (missing := unreadable_in(run.document["test"]))
    ]
    classes = [set(run.document["classes"]) for run in runs if run.document["classes"]]
    if any(names != classes[0] for names in classes):
        notes.append("The classes differ, so the accuracies answer different questions.")
    elif len({run.document["dataset_fingerprint"] for run in runs}) > 1:
        notes.append("The photos or their split differ; tests count only photos in common.")
    if any(pair["p_value_holm"] < SIGNIFICANT for pair in pairs):
        notes.append("This compares trained weights: with another seed the result may differ.")
    asked = sum(pair["photos"] > 0 for pair in pairs)
    if asked > 1:
        notes.append(
            "The best of several runs by their test looks better than it is; the p-values are "
            f"corrected for {asked} comparisons."
        )
    return notes
