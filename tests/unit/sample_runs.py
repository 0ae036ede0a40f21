"""Finished runs written by hand, with the answers that a test wants."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bear_tui.files import write_text
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import RunCompleted, RunStarted, ScheduleChanged, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from tests.unit.scripted import epochs

CLASSES = ("bear", "other")

Answer = tuple[str, str, str]
"""Photo, label, predicted."""


def answered(right: int, wrong: int, label: str = "bear", first: int = 0) -> list[Answer]:
    """Photos of one class, the first `right` of them told right."""
    other = next(name for name in CLASSES if name != label)
    return [
        (f"{label}{number}.jpg", label, label if number - first < right else other)
        for number in range(first, first + right + wrong)
    ]


def sample_run(
    path: Path,
    told: Sequence[Answer],
    root: str = "/photos",
    hashes: Mapping[str, str] | None = None,
    classes: Sequence[str] = CLASSES,
    changes: Sequence[ScheduleChanged] = (),
    **settings: object,
) -> RunFolder:
    """A run that was trained for two epochs, the second with `changes`, and gave these answers in
    its test."""
    folder = RunFolder(path)
    recipe = default_recipe(root, str(settings.pop("model", "mlp")))
    folder.create(replace(recipe, **settings))  # type: ignore[arg-type]
    matrix = [[0] * len(classes) for _ in classes]
    for _, label, predicted in told:
        matrix[classes.index(label)][classes.index(predicted)] += 1
    right = sum(matrix[n][n] for n in range(len(classes)))
    test = TestCompleted(
        0.3, right / len(told), tuple(tuple(row) for row in matrix), "predictions.csv"
    )
    journal = Journal(folder.journal_file)
    started = RunStarted(folder.run, "cpu", "fp32", tuple(classes), 2, 1, 5_000, 10_000)
    for event in (started, *epochs(1, 1), *changes, *epochs(2, 2), test, RunCompleted()):
        journal.append(event)
    journal.close()
    write_answers(folder, told, root, classes)
    files = [
        {"path": name, "label": label, "split": "test", "sha256": (hashes or {}).get(name, name)}
        for name, label, _ in told
    ]
    fingerprint = str(hash(json.dumps(files)))
    document = {"root": root, "fingerprint": fingerprint, "files": files}
    write_text(folder.dataset_file, json.dumps(document))
    return folder


def write_answers(
    folder: RunFolder, told: Sequence[Answer], root: str, classes: Sequence[str]
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["path", "label", "predicted", *classes])
    for name, label, predicted in told:
        shares = [0.9 if one == predicted else 0.1 / (len(classes) - 1) for one in classes]
        writer.writerow([f"{root}/{name}", label, predicted, *shares])
    write_text(folder.predictions_file, text.getvalue())
