"""How far a test can be trusted: calibration, top-k accuracy, look-alikes, and notes."""

from collections.abc import Sequence

from bear_tui import metrics
from bear_tui.run.events import EarlyTestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import predictions_csv, temperature_scaling
from bear_tui.run.results.documents import (
    Calibration,
    ReviewedTest,
    RunDocument,
    TestDocument,
    TopK,
)
from bear_tui.run.results.notes import notes_on_test
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.run.results.temperature_scaling import Temperature
from bear_tui.run.results.tested import Tested
from bear_tui.run.state import RunState

TOP_K = 5
_MANY_CLASSES = 10
"""With more classes than this, top-k accuracy is worth a line."""


def review_test(
    folder: RunFolder,
    state: RunState,
    document: RunDocument,
    test: TestDocument,
    tested: Tested,
) -> ReviewedTest:
    """Return `test` with calibrated mistakes, top-k accuracy, calibration and notes.

    `document` is that of the run, `tested` what is known of the photos.
    """
    temperature = temperature_scaling.of_state(folder, state)
    calibrated = temperature_scaling.rows_at(temperature, tested.rows)
    figures = metrics.figures(document["classes"], test["confusion_matrix"])
    fingerprint = document["dataset_fingerprint"]
    return {
        **test,
        "mistakes": predictions_csv.mistakes(map(predictions_csv.document, calibrated)),
        "top_k": _top_k(tested.classes, tested.rows),
        "calibration": _calibration(tested.classes, tested.rows, temperature),
        "lookalikes": [pair for pair in tested.pairs if pair.of == "test"],
        "notes": notes_on_test(folder, state, figures, calibrated, tested, fingerprint),
    }


def early_line(test: EarlyTestCompleted) -> str:
    """Return `38 of 40 right, 95.0% (83.5 – 98.6%), weights of epoch 3`, and how many test photos
    could not be read."""
    right = round(test.accuracy * test.photos)
    low, high = metrics.wilson_interval(right, test.photos) or (0.0, 1.0)
    missing = metrics.unreadable_photos(test.unreadable, test.photos)
    return (
        f"{right:,} of {test.photos:,} right, {test.accuracy:.1%} "
        f"({low * 100:.1f} – {high:.1%}), weights of epoch {test.epoch}"
        f"{f'; {missing}' if missing else ''}"
    )


def calibration_line(calibration: Calibration) -> str:
    """Return `calibration error 3.0%, 8.0% before; percentages at temperature 2.10`."""
    before = calibration["expected_calibration_error"]
    after = calibration["expected_calibration_error_at_temperature"]
    words = calibration["words"]
    if after is None:
        return f"calibration error {before:.1%}; {words}"
    return f"calibration error {after:.1%}, {before:.1%} before; {words}"


def _top_k(classes: Sequence[str], rows: Sequence[Prediction]) -> TopK | None:
    if len(classes) <= _MANY_CLASSES or not rows:
        return None
    index = {name: number for number, name in enumerate(classes)}
    known = [row for row in rows if row.label in index]
    labels = [index[row.label] for row in known]
    accuracy = metrics.top_k_accuracy([row.probabilities for row in known], labels, TOP_K)
    return {"k": TOP_K, "accuracy": accuracy}


def _calibration(
    classes: Sequence[str], rows: Sequence[Prediction], temperature: Temperature
) -> Calibration | None:
    """Return the calibration error on the test photos, uncalibrated and at the temperature."""
    if not rows:
        return None
    # numpy takes 0.1 s to import: only a run with predictions pays for it.
    from bear_tui import calibration

    probabilities, labels = temperature_scaling.arrays(classes, rows)
    if not len(labels):
        return None
    after = None
    if temperature.value is not None:
        calibrated = calibration.at_temperature(probabilities, temperature.value)
        after = calibration.expected_calibration_error(calibrated, labels)
    before = calibration.expected_calibration_error(probabilities, labels)
    assert before is not None  # there are photos
    return {
        "expected_calibration_error": before,
        "temperature": temperature.value,
        "expected_calibration_error_at_temperature": after,
        "words": temperature.words,
    }
