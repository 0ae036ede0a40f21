"""Finished runs that are written without training, with the predictions that a test needs."""

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

Prediction = tuple[str, str, str]
"""Photo, label, predicted class."""


def predictions(right: int, wrong: int, label: str = "bear", first: int = 0) -> list[Prediction]:
    """Return predictions for photos of one class: `right` correct ones, then `wrong` ones.

    Photos are numbered from `first`.
    """
    other = next(name for name in CLASSES if name != label)
    return [
        (f"{label}{number}.jpg", label, label if number - first < right else other)
        for number in range(first, first + right + wrong)
    ]


def sample_run(
    path: Path,
    rows: Sequence[Prediction],
    root: str = "/photos",
    hashes: Mapping[str, str] | None = None,
    classes: Sequence[str] = CLASSES,
    changes: Sequence[ScheduleChanged] = (),
    **settings: object,
) -> RunFolder:
    """Write a run of two epochs, the second with `changes`, whose test gave these predictions."""
    folder = RunFolder(path)
    recipe = default_recipe(root, str(settings.pop("model", "mlp")))
    folder.create(replace(recipe, **settings))  # type: ignore[arg-type]
    matrix = [[0] * len(classes) for _ in classes]
    for _, label, predicted in rows:
        matrix[classes.index(label)][classes.index(predicted)] += 1
    right = sum(matrix[n][n] for n in range(len(classes)))
    test = TestCompleted(
        0.3, right / len(rows), tuple(tuple(row) for row in matrix), "predictions.csv"
    )
    journal = Journal(folder.journal_file)
    started = RunStarted(folder.run, "cpu", "fp32", tuple(classes), 2, 1, 5_000, 10_000)
    for event in (started, *epochs(1, 1), *changes, *epochs(2, 2), test, RunCompleted()):
        journal.append(event)
    journal.close()
    write_predictions(folder, rows, root, classes)
    files = [
        {"path": name, "label": label, "split": "test", "sha256": (hashes or {}).get(name, name)}
        for name, label, _ in rows
    ]
    fingerprint = str(hash(json.dumps(files)))
    document = {"root": root, "fingerprint": fingerprint, "files": files}
    write_text(folder.dataset_file, json.dumps(document))
    return folder


def write_predictions(
    folder: RunFolder, rows: Sequence[Prediction], root: str, classes: Sequence[str]
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["path", "label", "predicted", *classes])
    for name, label, predicted in rows:
        rest = 0.1 / (len(classes) - 1)
        probabilities = [0.9 if name == predicted else rest for name in classes]
        writer.writerow([f"{root}/{name}", label, predicted, *probabilities])
    write_text(folder.predictions_file, text.getvalue())


def untrained_run(runs: Path, name: str, started: float | None = None) -> RunFolder:
    """Make the folder of a run that has no events; a trainer held its lock since `started`."""
    folder = RunFolder(runs / name)
    folder.create(default_recipe("/photos/bears", "mlp"))
    if started is not None:
        with folder.lock(started):
            pass
    return folder
