"""What a run came to: the documents of `show` and results.json, and the review people read."""

import json
import math
from collections.abc import Sequence

from bear_tui import files
from bear_tui.errors import Unreadable
from bear_tui.metrics import Matrix, figures
from bear_tui.run import changes
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import dataset_file, predictions_csv, tested
from bear_tui.run.results.documents import (
    EpochDocument,
    PredictionDocument,
    ReviewedRun,
    RunDocument,
    ShowDocument,
    TestDocument,
)
from bear_tui.run.results.reliability import review_test
from bear_tui.run.results.tested import Tested
from bear_tui.run.state import EpochRow, RunState


def show(folder: RunFolder) -> ShowDocument:
    """Return the document of `show`, of a run in any state. Raises Failure if unreadable."""
    state = folder.state()
    document, test = _figures(folder, state)
    review = _review(folder, state, document, test)
    return {**document, "notes": review["notes"]}


def figures_of(folder: RunFolder) -> RunDocument:
    """Return the same without the notes, which take reading the results of other runs."""
    return _figures(folder, folder.state())[0]


def review(folder: RunFolder) -> ReviewedRun:
    """Return what the app, the report and `show` on a terminal say of a run."""
    state = folder.state()
    return _review(folder, state, *_figures(folder, state))


def review_on(folder: RunFolder, test: TestDocument, photos: Tested) -> ReviewedRun:
    """Return the same with another test of the run's best weights."""
    state = folder.state()
    document: RunDocument = {**_figures(folder, state)[0], "test": test}
    return _review(folder, state, document, photos)


def write(folder: RunFolder) -> None:
    """Write results.json."""
    files.write_text(folder.results_file, json.dumps(show(folder), indent=1) + "\n")


def test_document(
    classes: Sequence[str],
    matrix: Matrix,
    loss: float,
    rows: Sequence[PredictionDocument],
    unreadable: int,
) -> TestDocument:
    """Return the `test` part of `show` from the rows of predictions.csv."""
    result = figures(classes, matrix)
    return {
        "loss": loss if math.isfinite(loss) else None,
        "accuracy": result.accuracy,
        "accuracy_ci95": result.accuracy_interval,
        "macro_f1": result.macro_f1,
        "per_class": [
            {
                "class": row.name,
                "support": row.support,
                "correct": row.correct,
                "precision": row.precision,
                "recall": row.recall,
                "f1": row.f1,
                "recall_ci95": row.recall_interval,
            }
            for row in result.per_class
        ],
        "confusion_matrix": [list(row) for row in matrix],
        "mistakes": predictions_csv.mistakes(rows),
        "unreadable": unreadable,
    }


test_document.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def _figures(folder: RunFolder, state: RunState) -> tuple[RunDocument, Tested | None]:
    recipe = folder.recipe()
    test: TestDocument | None = None
    own = tested.of_run(folder, state) if state.test else None
    if state.test is not None and own is not None:
        matrix, rows = state.test.confusion_matrix, list(map(predictions_csv.document, own.rows))
        test = test_document(state.classes, matrix, state.test.loss, rows, own.unreadable)
    document: RunDocument = {
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
        "history": [_epoch(row) for row in state.history if row.validation_accuracy is not None],
        "test": test,
        "changes": changes.documents(state.changes),
    }
    return document, own


def _review(
    folder: RunFolder, state: RunState, document: RunDocument, photos: Tested | None
) -> ReviewedRun:
    test = None
    if document["test"] is not None and photos is not None:
        test = review_test(folder, state, document, document["test"], photos)
    places = changes.places(state.changes, state.train_steps)
    sentences = zip(places, changes.lines(state.changes), strict=True)
    return {
        **document,
        "test": test,
        "notes": test["notes"] if test is not None else [],
        "changed": [{"at": at, "words": words} for at, words in sentences],
    }


def _epoch(row: EpochRow) -> EpochDocument:
    return {
        "epoch": row.epoch,
        "train_loss": _finite(row.train_loss),
        "train_accuracy": _finite(row.train_accuracy),
        "validation_loss": _finite(row.validation_loss),
        "validation_accuracy": _finite(row.validation_accuracy),
        "learning_rate": _finite(row.learning_rate),
        "seconds": round(row.seconds, 3),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _fingerprint(folder: RunFolder) -> str | None:
    try:
        dataset = dataset_file.read(folder.dataset_file)
    except Unreadable:
        return None
    return dataset.fingerprint if dataset is not None else None
