"""A run's temperature: when there is one, and what a threshold is worth with it."""

from pathlib import Path

import numpy as np
import pytest

from bear_tui import metrics
from bear_tui.calibration import at_temperature
from bear_tui.run.events import Event, RunCompleted, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.results import predictions_csv, summary, temperature_scaling
from bear_tui.run.results.prediction import Answer
from bear_tui.run.results.temperature_scaling import Temperature
from tests.unit.documents import review_document, show_document
from tests.unit.scripted import epochs, run_started
from tests.unit.test_summary import make, predictions

CLASSES = ["bear", "other"]
TEST = TestCompleted(0.3, 0.85, ((425, 75), (75, 425)), "predictions.csv")


def drawn(count: int, too_sure: float, seed: int) -> list[list[str]]:
    """Answers that are right as often as they would be at temperature `too_sure`."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (count, 2))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (random.random(count) > true[:, 0]).astype(int)
    said = at_temperature(true, 1 / too_sure)
    return [
        [f"/p/{n}.jpg", CLASSES[labels[n]], CLASSES[row.argmax()], *(f"{v:.6f}" for v in row)]
        for n, row in enumerate(said)
    ]


def a_run(path: Path, validation: list[list[str]] | None, tested: list[list[str]]) -> RunFolder:
    events: list[Event] = [run_started(2), *epochs(1, 2), TEST, RunCompleted()]
    folder = make(path, events, 100.0)
    predictions(folder.predictions_file, CLASSES, tested)
    if validation is not None:
        predictions(folder.validation_file, CLASSES, validation)
    return folder


def kept(rows: list[predictions_csv.Prediction], threshold: float) -> metrics.Kept:
    return metrics.above([(one.probability, one.right) for one in rows], threshold)


@pytest.mark.parametrize("threshold", [0.7, 0.8, 0.9])
def test_above_a_threshold_a_too_sure_run_is_right_about_as_often_as_the_threshold_says(
    threshold: float, tmp_path: Path
) -> None:
    folder = a_run(tmp_path / "run", drawn(400, 3.0, 1), drawn(1000, 3.0, 2))
    raw = predictions_csv.read(folder.predictions_file)[1]
    before = kept(raw, threshold)
    after = kept(temperature_scaling.rows_at(temperature_scaling.of_run(folder), raw), threshold)
    assert 0 < after.kept < before.kept
    assert before.correct / before.kept < after.correct / after.kept
    assert after.correct / after.kept > threshold - 0.02
    low, high = 0.0, 1.0
    for one in temperature_scaling.rows_at(temperature_scaling.of_run(folder), raw):
        if threshold <= one.probability < threshold + 0.1:
            low, high = low + one.right, high + 1
    assert low / high == pytest.approx(threshold + 0.05, abs=0.1), "each is right that often"


def test_the_likeliest_class_stays_the_likeliest(tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", drawn(400, 3.0, 1), drawn(1000, 3.0, 2))
    raw = predictions_csv.read(folder.predictions_file)[1]
    believed = temperature_scaling.rows_at(temperature_scaling.of_run(folder), raw)
    assert [one.predicted for one in believed] == [one.predicted for one in raw]
    for one in believed:
        best = max(range(2), key=one.probabilities.__getitem__)
        assert CLASSES[best] == one.predicted
        assert one.probability == one.probabilities[best]
        assert sum(one.probabilities) == pytest.approx(1)


def with_mistakes(count: int) -> list[list[str]]:
    return [
        [f"/p/{n}.jpg", "bear" if n >= count else "other", "bear", "0.9", "0.1"] for n in range(80)
    ]


@pytest.mark.parametrize(
    ("validation", "why"),
    [
        (None, "there are no predictions of validation photos"),
        (with_mistakes(0), "every validation photo is predicted right"),
        (with_mistakes(1), "too few mistakes on validation photos to fit a temperature: 1"),
        (with_mistakes(4), "too few mistakes on validation photos to fit a temperature: 4"),
    ],
)
def test_where_validation_tells_too_little_percentages_stay_as_they_come(
    validation: list[list[str]] | None, why: str, tmp_path: Path
) -> None:
    folder = a_run(tmp_path / "run", validation, drawn(100, 3.0, 2))
    summary.write(folder)
    found = temperature_scaling.of_run(folder)
    assert found == Temperature(None, why)
    assert found.words == f"percentages are uncalibrated: {why}"
    raw = predictions_csv.read(folder.predictions_file)[1]
    assert temperature_scaling.rows_at(found, raw) == raw
    judged = review_document(folder)["test"]
    assert judged["calibration"]["words"] == found.words
    assert judged["mistakes"] == show_document(folder)["test"]["mistakes"]


def test_five_mistakes_are_enough(tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", with_mistakes(5), drawn(100, 3.0, 2))
    found = temperature_scaling.of_run(folder)
    assert found.value == pytest.approx(np.log(9) / np.log(15), abs=0.01)
    assert found.words == f"percentages at temperature {found.value:.2f}"


def test_a_run_that_is_trained_on_after_its_test_has_no_temperature(tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", with_mistakes(10), drawn(100, 3.0, 2))
    summary.write(folder)
    journal = Journal(folder.journal_file)
    journal.append(run_started(4, 3))
    journal.close()
    assert temperature_scaling.of_run(folder) == Temperature(
        None, "not tested since it was trained"
    )


def test_the_results_that_a_person_reads_are_chances_those_for_programs_are_not(
    tmp_path: Path,
) -> None:
    folder = a_run(tmp_path / "run", drawn(400, 3.0, 1), drawn(1000, 3.0, 2))
    raw, read = show_document(folder)["test"], review_document(folder)["test"]
    assert {one["path"] for one in raw["mistakes"]} == {one["path"] for one in read["mistakes"]}
    known = {one.path: one for one in predictions_csv.read(folder.predictions_file)[1]}
    for one in raw["mistakes"]:
        assert one["probability"] == known[one["path"]].probability
    for one in read["mistakes"]:
        assert one["probability"] < known[one["path"]].probability
    assert not [note for note in read["notes"] if "overconfident" in note], (
        "they are as sure as right"
    )


def test_photos_that_cannot_be_read_stay_among_the_answers() -> None:
    found = [Answer(Path("a"), (0.9, 0.1)), Answer(Path("b"), error="broken")]
    cooled = temperature_scaling.answers_at(Temperature(2.0), [*found, found[0]])
    assert [one.error for one in cooled] == ["", "broken", ""]
    assert [one.probability for one in cooled] == [pytest.approx(0.75), 0, pytest.approx(0.75)]
    assert temperature_scaling.answers_at(Temperature(None), found) == found
