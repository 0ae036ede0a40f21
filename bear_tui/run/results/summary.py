"""What a run came to: the documents that `show`, `runs` and results.json hold."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bear_tui import files
from bear_tui.errors import Failure, Unreadable
from bear_tui.metrics import Matrix, figures, photos_in
from bear_tui.run import changes
from bear_tui.run.folder import RunFolder, all_runs
from bear_tui.run.results import dataset_file, predictions_csv, reliability, tested
from bear_tui.run.results.tested import Tested
from bear_tui.run.state import EpochRow, RunState

Document = dict[str, Any]


def summary(folder: RunFolder) -> Document:
    """The document of `show`, of a run in any state. Undefined figures are None."""
    state = folder.state()
    document, test = _figures(folder, state)
    return document | {"notes": _extras(folder, state, document, test)["notes"]}


def figures_of(folder: RunFolder) -> Document:
    """The same without its notes, for which other runs' results are read."""
    return _figures(folder, folder.state())[0]


def _figures(folder: RunFolder, state: RunState) -> tuple[Document, Tested | None]:
    recipe = folder.recipe()
    test: Document | None = None
    own = tested.of_run(folder, state) if state.test else None
    if state.test is not None and own is not None:
        matrix, rows = state.test.confusion_matrix, list(map(predictions_csv.document, own.rows))
        test = test_document(state.classes, matrix, state.test.loss, rows, own.unreadable)
    document = {
        "run": folder.run,
        "status": state.status,
        "model": recipe.model,
        "weights": recipe.weights,
        "classes": list(state.classes),
        "image_size": recipe.image_size,
        "device": state.device,
        "precision": state.precision,
        "epochs_done": state.epochs_done,
        "best_epoch": state.best_epoch,
        "trainable_parameters": state.trainable_parameters,
        "total_parameters": state.total_parameters,
        "seconds": round(state.seconds, 3),
        "dataset_fingerprint": _fingerprint(folder),
        "history": [_row(row) for row in state.history if row.validation_accuracy is not None],
        "test": test,
        "changes": changes.documents(state.changes),
    }
    return document, own


def judged(folder: RunFolder) -> Document:
    """`summary` for a person to read: in its `test` part also top-k, calibration and honest notes,
    which the contract of `show --json` has no room for, and mistakes with chances.

    `changed` tells of each change its place in epochs and what it was."""
    state = folder.state()
    return _judged(folder, state, *_figures(folder, state))


def judged_on(folder: RunFolder, test: Document, photos: Tested) -> Document:
    """The same for another test of the run's best weights: `test` is its document."""
    state = folder.state()
    document = _figures(folder, state)[0] | {"test": test}
    return _judged(folder, state, document, photos)


def _judged(
    folder: RunFolder, state: RunState, document: Document, photos: Tested | None
) -> Document:
    extras = _extras(folder, state, document, photos)
    test = document["test"] and document["test"] | extras
    places = changes.places(state.changes, state.train_steps)
    told = zip(places, changes.lines(state.changes), strict=True)
    changed = [{"at": at, "words": words} for at, words in told]
    return document | {"test": test, "notes": extras["notes"], "changed": changed}


def _extras(
    folder: RunFolder, state: RunState, document: Document, test: Tested | None
) -> Document:
    if test is None:
        return {"notes": []}
    result = figures(document["classes"], document["test"]["confusion_matrix"])
    return reliability.extras(folder, state, result, document["dataset_fingerprint"], test)


def test_document(
    classes: Sequence[str],
    matrix: Matrix,
    loss: float,
    rows: Sequence[Document],
    unreadable: int,
) -> Document:
    """The `test` part of `show`; `rows` are those of predictions.csv, and all figures are about
    them."""
    found = figures(classes, matrix)
    return {
        "loss": loss if math.isfinite(loss) else None,
        "accuracy": found.accuracy,
        "accuracy_ci95": found.accuracy_interval,
        "macro_f1": found.macro_f1,
        "per_class": [
            {
                "class": one.name,
                "support": one.support,
                "correct": one.correct,
                "precision": one.precision,
                "recall": one.recall,
                "f1": one.f1,
                "recall_ci95": one.recall_interval,
            }
            for one in found.per_class
        ],
        "confusion_matrix": [list(row) for row in matrix],
        "mistakes": predictions_csv.mistakes(rows),
        "unreadable": unreadable,
    }


test_document.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def read_predictions(path: Path) -> list[Document]:
    """Path, label, predicted class and its probability of each row of predictions.csv."""
    return [predictions_csv.document(one) for one in predictions_csv.read(path)[1]]


def read_probabilities(path: Path) -> dict[str, list[float]]:
    """The probabilities of all classes, in class order, by the photo's path."""
    return {one.path: list(one.probabilities) for one in predictions_csv.read(path)[1]}


def photo_hashes(folder: RunFolder) -> dict[str, str]:
    """The SHA-256 of each photo of the dataset when the run was trained, by path."""
    found = dataset_file.read(folder.dataset_file)
    if found is None:
        return {}
    return {str(found.root / one["path"]): one["sha256"] for one in found.files}


def write(folder: RunFolder) -> None:
    """Write results.json, which others may read."""
    files.write_text(folder.results_file, json.dumps(summary(folder), indent=1) + "\n")


def listing(runs: Path) -> list[Document]:
    """The document of `runs`, newest first. Raises Failure where the folder cannot be listed.

    A run that cannot be read is `unreadable`, with the reason as its `error`.
    """
    return [_listed(folder) for folder in all_runs(runs)]


def _listed(folder: RunFolder) -> Document:
    try:
        recipe, state, started = folder.recipe(), folder.state(), folder.started()
    except Failure as failure:
        row = dict.fromkeys(_COLUMNS)
        return {**row, "run": folder.run, "status": "unreadable", "error": str(failure)}
    values = (
        folder.run,
        state.status,
        recipe.model,
        state.epochs_done,
        state.epochs or recipe.epochs,
        state.test.accuracy if state.test else None,
        started,
        round(state.seconds, 3),
        str(folder.path),
    )
    changed = {"changed": True} if state.changes else {}
    return {**dict(zip(_COLUMNS, values, strict=True)), **_unread(state), **changed}


_COLUMNS = (
    *("run", "status", "model", "epochs_done", "epochs", "test_accuracy", "started", "seconds"),
    "path",
)


def _unread(state: RunState) -> Document:
    """Of a test in which some photos could not be read, how many could and how many not."""
    if state.test is None or state.test.unreadable <= 0:
        return {}
    photos = photos_in(state.test.confusion_matrix)
    return {"test_photos": photos, "test_unreadable": state.test.unreadable}


def _row(row: EpochRow) -> Document:
    document = asdict(row)
    del document["train_seconds"], document["validation_seconds"]
    document["seconds"] = round(row.seconds, 3)
    return {name: None if value != value else value for name, value in document.items()}


def _fingerprint(folder: RunFolder) -> str | None:
    try:
        found = dataset_file.read(folder.dataset_file)
    except Unreadable:
        return None
    return found.fingerprint if found is not None else None
