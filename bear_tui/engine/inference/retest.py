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
    answers = predictor.ask(photos)
    if not answers.photos:
        raise Failure("none of the photos can be read; `bear-tui check` says why.")
    predicted = answers.predicted.tolist()
    rows = [
        Prediction(str(photo.path), photo.label, predictor.classes[best], row[best], tuple(row))
        for photo, best, row in zip(
            answers.photos, predicted, answers.probabilities.tolist(), strict=True
        )
    ]
    unreadable = len(photos) - len(answers.photos)
    documents = [predictions_csv.document(row) for row in rows]
    matrix, loss = answers.confusion_matrix(), answers.loss()
    test = summary.test_document(predictor.classes, matrix, loss, documents, unreadable)
    hashes, pairs, own, gone = seen_before(folder, photos)
    tested = Tested(
        predictor.classes, rows, unreadable, hashes, pairs, own, gone=gone, recorded=False
    )
    return summary.review_on(folder, test, tested), test
