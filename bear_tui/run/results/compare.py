"""Several runs beside each other: results, the settings that differ, and what a difference means.

Runs are called A, B, C … in the order they are given.
"""

import itertools
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bear_tui.errors import BadInput, Unreadable
from bear_tui.recipe import Recipe
from bear_tui.run import changes
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import summary
from bear_tui.run.results.significance import LEAST_DECISIVE, holm, mcnemar
from bear_tui.run.results.summary import Document
from bear_tui.run.results.tested import unread_in

MOST_RUNS = len(string.ascii_uppercase)
DECIDED = 0.05
"""Below this p-value a difference is called one."""

Answers = Mapping[str, tuple[str, str]]
"""Label and predicted class of each test photo, by the photo's SHA-256."""


@dataclass(frozen=True)
class _Run:
    letter: str
    recipe: Recipe
    shown: Document
    answers: Answers

    @property
    def classes(self) -> list[str]:
        found: list[str] = self.shown["classes"]
        return found


def compare(folders: Sequence[RunFolder]) -> Document:
    """The document of `compare`. Raises BadInput for fewer than two runs, or one named twice."""
    if len(folders) < 2:
        raise BadInput("compare: name two runs or more; `bear-tui runs` lists them.")
    if len(folders) > MOST_RUNS:
        raise BadInput(f"compare: at most {MOST_RUNS} runs at once, not {len(folders)}.")
    twice = [folder.run for n, folder in enumerate(folders) if folder in folders[:n]]
    if twice:
        raise BadInput(f"compare: {twice[0]} is named twice.")
    runs = [_read(*pair) for pair in zip(string.ascii_uppercase, folders, strict=False)]
    pairs = list(_pairs(runs))
    return {
        "runs": [_figures(run) for run in runs],
        "settings": _differing(runs),
        "classes": _classes(runs),
        "pairs": pairs,
        "notes": _notes(runs, pairs),
        "histories": {run.letter: run.shown["history"] for run in runs},
    }


def answers(folder: RunFolder) -> Answers:
    """What the run said of each test photo.

    A photo is known by its content, so a dataset that was moved or copied still pairs; where no
    hash was kept, by its path.
    """
    try:
        hashes = summary.photo_hashes(folder)
    except Unreadable:
        hashes = {}
    found: dict[str, tuple[str, str]] = {}
    for row in summary.read_predictions(folder.predictions_file):
        path = str(row["path"])
        found[hashes.get(path, path)] = (row["label"], row["predicted"])
    return found


def chance(p_value: float) -> str:
    """`p = 0.031`, `p < 0.001`."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _read(letter: str, folder: RunFolder) -> _Run:
    return _Run(letter, folder.recipe(), summary.figures_of(folder), answers(folder))


def _figures(run: _Run) -> Document:
    shown, test = run.shown, run.shown["test"] or {}
    kept = [row for row in shown["history"] if row["epoch"] == shown["best_epoch"]]
    return {
        "letter": run.letter,
        "run": shown["run"],
        "status": shown["status"],
        "model": shown["model"],
        "epochs_done": shown["epochs_done"],
        "best_epoch": shown["best_epoch"],
        "train_accuracy": kept[0]["train_accuracy"] if kept else None,
        "validation_accuracy": kept[0]["validation_accuracy"] if kept else None,
        "test_accuracy": test.get("accuracy"),
        "accuracy_ci95": test.get("accuracy_ci95"),
        "macro_f1": test.get("macro_f1"),
        "test_photos": len(run.answers) if test else 0,
        "test_unreadable": test.get("unreadable"),
        "trainable_parameters": shown["trainable_parameters"],
        "total_parameters": shown["total_parameters"],
        "seconds": shown["seconds"],
        "dataset_fingerprint": shown["dataset_fingerprint"],
    }


def _differing(runs: Sequence[_Run]) -> dict[str, list[Any]]:
    """The settings that are not the same in all runs, with each run's value."""
    rows = [
        {
            **asdict(run.recipe),
            **{key: run.shown[key] for key in ("device", "precision")},
            "corrections": _counted(run.recipe.corrections),
            "changes": changes.in_short(run.shown["changes"]),
        }
        for run in runs
    ]
    names = [name for name in rows[0] if name != "name"]
    columns = {name: [row[name] for row in rows] for name in names}
    return {name: values for name, values in columns.items() if any(v != values[0] for v in values)}


def _counted(corrections: Sequence[tuple[str, str]]) -> str:
    """`9 relabelled, 3 left out`: names of photos would fill the table."""
    out = sum(not label for _, label in corrections)
    return f"{len(corrections) - out} relabelled, {out} left out" if corrections else "none"


def _classes(runs: Sequence[_Run]) -> list[Document]:
    """Recall and F1 of every class in every run's own test; None where the run has none."""
    names = list(dict.fromkeys(name for run in runs for name in run.classes))
    tables = [
        {one["class"]: one for one in (run.shown["test"] or {"per_class": []})["per_class"]}
        for run in runs
    ]
    return [
        {
            "class": name,
            "recall": [table.get(name, {}).get("recall") for table in tables],
            "f1": [table.get(name, {}).get("f1") for table in tables],
        }
        for name in names
    ]


def _pairs(runs: Sequence[_Run]) -> Iterator[Document]:
    """Every two runs on the test photos that both were asked about."""
    tested = [run for run in runs if run.shown["test"]]
    found = [_pair(first, second) for first, second in itertools.combinations(tested, 2)]
    _correct(found)
    for pair in found:
        pair["verdict"] = _verdict(pair)
        yield pair


def _correct(rows: Sequence[Document]) -> None:
    """Add `p_value_holm` to each row, corrected for the questions that were asked.

    Without a photo in common nothing was asked: such a row counts for no other.
    """
    asked = [row for row in rows if row["photos"]]
    for row in rows:
        row["p_value_holm"] = 1.0
    for row, p_value in zip(asked, holm([row["p_value"] for row in asked]), strict=True):
        row["p_value_holm"] = p_value


def _pair(first: _Run, second: _Run) -> Document:
    # A photo that was relabelled between the runs has no one truth to judge both by.
    shared = [
        (label, first.answers[photo][1] == label, second.answers[photo][1] == label)
        for photo, (label, _) in first.answers.items()
        if photo in second.answers and second.answers[photo][0] == label
    ]
    per_class = [
        {"class": name, **_counts([row for row in shared if row[0] == name])}
        for name in dict.fromkeys((*first.classes, *second.classes))
    ]
    _correct(per_class)
    letters = {"first": first.letter, "second": second.letter}
    return {**letters, **_counts(shared), "per_class": per_class}


def _counts(rows: Sequence[tuple[str, bool, bool]]) -> Document:
    only_first = sum(first and not second for _, first, second in rows)
    only_second = sum(second and not first for _, first, second in rows)
    return {
        "photos": len(rows),
        "first_correct": sum(first for _, first, _ in rows),
        "second_correct": sum(second for _, _, second in rows),
        "only_first_correct": only_first,
        "only_second_correct": only_second,
        "p_value": mcnemar(only_first, only_second),
    }


def _verdict(pair: Document) -> str:
    """One sentence on whether the difference means anything."""
    first, second = pair["first"], pair["second"]
    ahead, behind = pair["only_first_correct"], pair["only_second_correct"]
    if not pair["photos"]:
        return f"{first} and {second} were tested on no photo in common: nothing can be said."
    if ahead == behind == 0:
        return f"{first} and {second} are right and wrong on the same photos."
    if behind > ahead:
        first, second, ahead, behind = second, first, behind, ahead
    count = f"{ahead} of {pair['photos']:,} photos only {first} gets right, {behind} only {second}"
    if pair["p_value_holm"] < DECIDED:
        return f"{first} is better than {second}: {count} ({chance(pair['p_value_holm'])})."
    if ahead + behind < LEAST_DECISIVE:
        return f"{first} or {second}: {count}: too few to tell them apart."
    return (
        f"{first} or {second}: {count}: equally good models differ so much in "
        f"{pair['p_value_holm']:.0%} of tests; no difference is shown."
    )


def _notes(runs: Sequence[_Run], pairs: Sequence[Document]) -> list[str]:
    """What keeps a reader from comparing too much."""
    found = [
        f"{run.letter} has no test yet: it is {run.shown['status']}."
        for run in runs
        if not run.shown["test"]
    ]
    found += [
        f"{run.letter}: {missing}; two runs are compared on photos both read."
        for run in runs
        if (missing := unread_in(run.shown))
    ]
    if any(set(run.classes) != set(runs[0].classes) for run in runs if run.classes):
        found.append("The classes differ: accuracies of different questions stand side by side.")
    elif len({run.shown["dataset_fingerprint"] for run in runs}) > 1:
        found.append("The photos or their split differ; tests count only photos in common.")
    if any(pair["p_value_holm"] < DECIDED for pair in pairs):
        found.append("Each test is about these weights: another seed may come out otherwise.")
    asked = sum(pair["photos"] > 0 for pair in pairs)
    if asked > 1:
        found.append(
            "The best of several by the test photos looks better than it is; whether two differ "
            f"is corrected for {asked} comparisons."
        )
    return found
