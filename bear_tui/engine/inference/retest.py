"""A run's best weights tested again, on its own test photos or on others."""

from pathlib import Path

from bear_tui.engine.inference.overlap import seen_before
from bear_tui.engine.inference.predict import open_predictor, photos_to_test
from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import predictions_csv, summary
from bear_tui.run.results.documents import ReviewedRun, TestDocument
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.run.results.tested import Tested


def retest(folder: RunFolder, data: Path | None) -> tuple[ReviewedRun, TestDocument]:
    """Return the run with the new test as people read it, and the test as `--json` has it.

    `data` is a folder of other photos. Raises Failure where none can be read.
    """
    predictor = open_predictor(folder)
    photos = photos_to_test(folder, data, predictor.classes)
    predictions = predictor.predict(photos)
    if not predictions.photos:
        raise Failure("none of the photos can be read; `bear-tui check` says why.")
    predicted = predictions.predicted.tolist()
    rows = [
        Prediction(str(photo.path), photo.label, predictor.classes[best], row[best], tuple(row))
        for photo, best, row in zip(
            predictions.photos, predicted, predictions.probabilities.tolist(), strict=True
        )
    ]
    unreadable = len(photos) - len(predictions.photos)
    documents = [predictions_csv.document(row) for row in rows]
    matrix, loss = predictions.confusion_matrix(), predictions.loss()
    test = summary.test_document(predictor.classes, matrix, loss, documents, unreadable)
    overlap = seen_before(folder, photos)
    tested = Tested(
        predictor.classes,
        rows,
        unreadable,
        overlap.hashes,
        overlap.pairs,
        overlap.own,
        gone=overlap.gone,
        recorded=False,
    )
    return summary.review_on(folder, test, tested), test
