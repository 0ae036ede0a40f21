"""Notes on a test say what makes it look better than the model is, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bear_tui.files import write_text
from bear_tui.recipe_file import to_toml
from bear_tui.run.events import Event, RunCompleted, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import lookalikes, summary
from tests.unit.documents import review_document
from tests.unit.scripted import epochs, run_started
from tests.unit.test_summary import finished, make, predictions

FINE = TestCompleted(0.3, 0.96, ((480, 20), (20, 480)), "predictions.csv")


def a_run(path: Path, photos: list[tuple[str, str]], test: TestCompleted = FINE) -> RunFolder:
    """A finished run on photos of (split, sha256); its validation accuracy is 75%."""
    events: list[Event] = [run_started(2), *epochs(1, 2), test, RunCompleted()]
    folder = make(path, events, 100.0)
    entries = [
        {"path": f"{n}.jpg", "label": "bear", "split": split, "sha256": digest}
        for n, (split, digest) in enumerate(photos)
    ]
    write_text(folder.dataset_file, json.dumps({"fingerprint": "f00d", "files": entries}))
    folder.predictions_file.unlink()
    return folder


def notes(folder: RunFolder) -> list[str]:
    found: list[str] = review_document(folder)["test"]["notes"]
    return found


def rows(count: int, right: int, sure: float) -> list[list[str]]:
    """Answers `sure` of the class bear, of which the first `right` are bears."""
    return [
        [f"/p/{n}.jpg", "bear" if n < right else "other", "bear", str(sure), str(1 - sure)]
        for n in range(count)
    ]


def test_a_clean_result_has_no_notes(tmp_path: Path) -> None:
    photos = [("train", "a"), ("validation", "b"), ("test", "c")]
    assert notes(a_run(tmp_path / "run", photos)) == []


def test_test_photos_that_trained_or_chose_the_weights_are_counted(tmp_path: Path) -> None:
    photos = [("train", "a"), ("train", "a"), ("validation", "b"), ("validation", "c")]
    found = notes(a_run(tmp_path / "run", [*photos, *(("test", d) for d in "aabcd")]))
    assert found[0].startswith("2 of 5 test photos also trained the model")
    assert found[1].startswith("2 of 5 test photos also chose the weights")


def test_validation_far_above_the_test_is_told_where_it_is_more_than_chance(
    tmp_path: Path,
) -> None:
    worse = TestCompleted(0.9, 0.65, ((650, 350), (350, 650)), "predictions.csv")
    many = [("validation", str(n)) for n in range(400)]
    (note,) = notes(a_run(tmp_path / "many", many, worse))
    assert note.startswith("Validation 75.0%, test 65.0%: more than chance.")
    assert notes(a_run(tmp_path / "few", many[:20], worse)) == []


def answers(path: Path, bears: tuple[int, int], others: tuple[int, int]) -> None:
    """Answers to photos of two classes: how many of each, and how many of them are right."""
    found = []
    for label, wrong, (count, right) in (("bear", "other", bears), ("other", "bear", others)):
        for n in range(count):
            says = label if n < right else wrong
            sure = ["0.7", "0.3"] if says == "bear" else ["0.3", "0.7"]
            found.append([f"/p/{label}{n}.jpg", label, says, *sure])
    predictions(path, ["bear", "other"], found)


def test_a_class_that_is_rarer_in_validation_does_not_part_it_from_the_test(tmp_path: Path) -> None:
    half = TestCompleted(0.9, 0.5, ((200, 0), (200, 0)), "predictions.csv")
    photos = [("validation", str(n)) for n in range(400)]
    folder = a_run(tmp_path / "run", photos, half)
    answers(folder.predictions_file, (200, 200), (200, 0))
    # Whoever says bear to everything is right on 95% here, and on half of the test.
    answers(folder.validation_file, (380, 380), (20, 0))
    assert not any("more than chance" in note for note in notes(folder))
    answers(folder.validation_file, (380, 380), (20, 16))
    (note,) = (note for note in notes(folder) if "more than chance" in note)
    assert note.startswith("Validation 90.0% with the classes as in the test, test 50.0%:")


def test_many_runs_tested_on_the_same_photos_are_counted(tmp_path: Path) -> None:
    folders = [a_run(tmp_path / str(n), [("test", "a")]) for n in range(5)]
    for folder in folders[:4]:
        assert notes(folder) == []
        summary.write(folder)
    assert notes(folders[4])[0].startswith("5 runs were tested on these same photos")
    assert notes(folders[0]) == [], "one of the five has not written its results"


def test_test_photos_corrected_by_hand_are_told(tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", [("test", "a")])
    predictions(folder.predictions_file, ["bear", "other"], rows(1000, 960, 0.96))
    corrections = (("test/x.jpg", ""), ("0.jpg", "bear"), ("train/y.jpg", "bear"))
    recipe = replace(folder.recipe(), data="/p", corrections=corrections)
    write_text(folder.recipe_file, to_toml(recipe))
    assert notes(folder)[0].startswith("2 of the test photos were relabelled or left out by hand")


@pytest.mark.parametrize(
    ("sure", "word"), [(0.99, "overconfident"), (0.8, "underconfident"), (0.955, "")]
)
def test_more_or_less_certainty_than_the_answers_deserve_is_told(
    tmp_path: Path, sure: float, word: str
) -> None:
    folder = a_run(tmp_path / "run", [])
    predictions(folder.predictions_file, ["bear", "other"], rows(1000, 960, sure))
    assert [note.split(":")[0] for note in notes(folder)] == (
        [f"The model is {word}"] if word else []
    )


def test_the_temperature_of_the_validation_photos_is_tried_on_the_test_photos(
    tmp_path: Path,
) -> None:
    folder = a_run(tmp_path / "run", [])
    predictions(folder.predictions_file, ["bear", "other"], rows(100, 80, 0.95))
    predictions(folder.validation_file, ["bear", "other"], rows(100, 80, 0.95))
    found: dict[str, Any] = review_document(folder)["test"]["calibration"]
    assert found["expected_calibration_error"] == pytest.approx(0.15)
    assert found["temperature"] == pytest.approx(2.124, abs=0.01)  # ln 19 / ln 4
    assert found["expected_calibration_error_at_temperature"] == pytest.approx(0, abs=1e-3)


def test_without_validation_answers_there_is_no_temperature(tmp_path: Path) -> None:
    found = review_document(finished(tmp_path / "run"))["test"]["calibration"]
    assert found["temperature"] is None
    assert found["expected_calibration_error_at_temperature"] is None
    assert review_document(a_run(tmp_path / "bare", []))["test"]["calibration"] is None


def test_of_many_classes_the_likeliest_five_are_told(tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", [])
    classes = [f"class {n}" for n in range(12)]
    shares = [str((12 - n) / 78) for n in range(12)]
    table = [[f"/p/{n}.jpg", classes[n], classes[0], *shares] for n in range(12)]
    predictions(folder.predictions_file, classes, table)
    assert review_document(folder)["test"]["top_k"] == {"k": 5, "accuracy": 5 / 12}


@pytest.mark.parametrize("content", ["", "{", '{"files": [1]}', '{"files": [{"split": 3}]}'])
def test_a_damaged_dataset_file_hides_no_result(content: str, tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", [])
    folder.dataset_file.write_text(content)
    (note,) = notes(folder)
    told = f"It is not known whether test photos also trained the model: {folder.dataset_file}: "
    assert note.startswith(told)


def test_test_photos_that_are_nearly_the_same_as_others_are_counted_but_not_exact_copies(
    tmp_path: Path,
) -> None:
    folder = a_run(tmp_path / "run", [("train", "a"), ("test", "a"), ("test", "b")])
    pairs = [
        lookalikes.Pair("/p/1.jpg", "/p/0.jpg", "train", True),
        lookalikes.Pair("/p/2.jpg", "/p/0.jpg", "train", False),
        lookalikes.Pair("/p/3.jpg", '/p/a "b",\r.jpg', "validation", False),
        lookalikes.Pair("/p/4.jpg", "/p/0.jpg", "validation", False),
    ]
    lookalikes.write(folder.lookalikes_file, pairs)
    found = review_document(folder)["test"]
    assert found["lookalikes"] == pairs
    assert found["notes"][0].startswith("1 of 2 test photos also trained the model")
    assert found["notes"][1:3] == [
        "1 of 1000 test photos is nearly the same as a training photo: the result is optimistic. "
        "lookalikes.csv in the run's folder lists them.",
        "2 of 1000 test photos are nearly the same as a validation photo, which chose the weights: "
        "the result is optimistic. lookalikes.csv in the run's folder lists them.",
    ]


def test_a_damaged_row_among_lookalikes_is_left_out(tmp_path: Path) -> None:
    folder = a_run(tmp_path / "run", [])
    assert review_document(folder)["test"]["lookalikes"] == [], "a run of before has no such file"
    folder.lookalikes_file.write_text("test,other,split,bytes\r\n/a,/b\r\n/a,/b,train,same\r\n")
    assert lookalikes.read(folder.lookalikes_file) == [lookalikes.Pair("/a", "/b", "train", True)]
