import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bear_tui.files import write_text
from bear_tui.metrics import wilson_interval
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import (
    EpochStarted,
    Event,
    RunCompleted,
    RunFailed,
    ScheduleChanged,
    TestCompleted,
)
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.results import predictions_csv, summary
from bear_tui.run.results.listing import listing
from tests.unit.documents import review_document, show_document
from tests.unit.scripted import epochs, phase, run_started, the_test

# The command line's contract, to the letter and in its order.
SHOW = [
    "run", "status", "model", "weights", "classes", "image_size", "device", "precision",
    "epochs_done", "best_epoch", "trainable_parameters", "total_parameters", "seconds",
    "dataset_fingerprint", "history", "test", "changes", "notes",
]  # fmt: skip
EPOCH = [
    "epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
    "learning_rate", "seconds",
]  # fmt: skip
TEST = [
    "loss", "accuracy", "accuracy_ci95", "macro_f1", "per_class", "confusion_matrix", "mistakes",
    "unreadable",
]  # fmt: skip
CLASS = ["class", "support", "correct", "precision", "recall", "f1", "recall_ci95"]
MISTAKE = ["path", "label", "predicted", "probability"]
RUNS = [
    "run", "status", "model", "epochs_done", "epochs", "test_accuracy", "started", "seconds",
    "path",
]  # fmt: skip

MATRIX = ((4, 1), (1, 4))  # as scripted.the_test has it
PREDICTIONS = [
    ["/p/1.jpg", "bear", "bear", "0.9", "0.1"],
    ["/p/2.jpg", "bear", "other", "0.4", "0.6"],
    ["/p/3.jpg", "other", "bear", "0.97", "0.03"],
    ["/p/4.jpg", "other", "other", "0.2", "0.8"],
]


def predictions(path: Path, classes: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["path", "label", "predicted", *classes], *rows])
    write_text(path, text.getvalue())


def make(path: Path, events: list[Event], started: float | None = None) -> RunFolder:
    """A run's folder as a trainer leaves it."""
    folder = RunFolder(path)
    folder.create(default_recipe("/photos/bears", "mlp"))
    journal = Journal(folder.journal_file)
    for event in events:
        journal.append(event)
    journal.close()
    write_text(folder.dataset_file, json.dumps({"fingerprint": "f00d", "photos": []}))
    predictions(folder.predictions_file, ["bear", "other"], PREDICTIONS)
    if started is not None:
        with folder.lock(started):
            pass
    return folder


def finished(path: Path, test: TestCompleted | None = None) -> RunFolder:
    return make(path, [run_started(2), *epochs(1, 2), test or the_test(), RunCompleted()], 100.0)


def test_the_summary_of_a_finished_run_is_the_contract(tmp_path: Path) -> None:
    document = show_document(finished(tmp_path / "bears-mlp-1"))
    assert list(document) == SHOW
    assert all(list(row) == EPOCH for row in document["history"])
    assert list(document["test"]) == TEST
    assert all(list(one) == CLASS for one in document["test"]["per_class"])
    assert all(list(one) == MISTAKE for one in document["test"]["mistakes"])


def test_a_judged_run_is_the_summary_with_more_of_its_test(tmp_path: Path) -> None:
    folder = finished(tmp_path / "bears-mlp-1")
    judged, plain = review_document(folder), show_document(folder)
    more = {key: judged["test"].pop(key) for key in ("top_k", "calibration", "lookalikes", "notes")}
    assert judged.pop("changed") == []
    assert judged == plain
    assert more["notes"] == plain["notes"]
    assert more["notes"][-1].startswith("10 test photos")
    untested = make(tmp_path / "untested", [run_started(5), *epochs(1, 2)])
    assert review_document(untested) == {**show_document(untested), "changed": []}


def test_what_was_changed_is_told_beside_the_recipe_as_started(tmp_path: Path) -> None:
    change = ScheduleChanged(2, 5, 0.0005, 3)
    events = [run_started(2), *epochs(1, 1), change, *epochs(2, 3), the_test(), RunCompleted()]
    folder = make(tmp_path / "run", events)
    document = review_document(folder)
    assert document["changes"] == [{"epoch": 2, "step": 5, "learning_rate": 0.0005, "epochs": 3}]
    assert document["changed"][0]["at"] == 1.5
    assert "learning rate 0.0005, 3 epochs in all" in document["changed"][0]["words"]
    summary.write(folder)
    assert strict_json(folder.results_file)["changes"] == document["changes"]


def test_the_summary_of_a_finished_run_tells_what_happened(tmp_path: Path) -> None:
    document = show_document(finished(tmp_path / "bears-mlp-1"))
    history, test, notes = (document.pop(key) for key in ("history", "test", "notes"))
    assert notes[-1].startswith("10 test photos")
    assert document == {
        "run": "bears-mlp-1",
        "status": "completed",
        "model": "mlp",
        "weights": "none",
        "classes": ["bear", "other"],
        "image_size": 32,
        "device": "cpu",
        "precision": "fp32",
        "epochs_done": 2,
        "best_epoch": 2,
        "trainable_parameters": 395_266,
        "total_parameters": 395_266,
        "seconds": 24.0,
        "dataset_fingerprint": "f00d",
        "changes": [],
    }
    assert history[1] == dict(zip(EPOCH, [2, 0.5, 0.75, 1.0, 0.75, 0.05, 12.0], strict=True))
    assert (test["loss"], test["accuracy"], test["macro_f1"]) == (0.3, 0.8, pytest.approx(0.8))
    assert test["accuracy_ci95"] == wilson_interval(8, 10)
    assert test["confusion_matrix"] == [[4, 1], [1, 4]]
    bear = test["per_class"][0]
    assert [bear[key] for key in CLASS[:3]] == ["bear", 5, 4]
    assert (bear["precision"], bear["recall"]) == (0.8, 0.8)
    assert bear["recall_ci95"] == wilson_interval(4, 5)


def test_mistakes_are_sorted_surest_first(tmp_path: Path) -> None:
    mistakes = show_document(finished(tmp_path / "run"))["test"]["mistakes"]
    assert [list(one.values()) for one in mistakes] == [
        ["/p/3.jpg", "other", "bear", 0.97],
        ["/p/2.jpg", "bear", "other", 0.6],
    ]


def test_a_running_run_is_told_up_to_its_last_finished_epoch(tmp_path: Path) -> None:
    events: list[Event] = [run_started(5), *epochs(1, 2), EpochStarted(3), *phase(3, "train")]
    folder = make(tmp_path / "run", events)
    with folder.lock(100.0):
        document = show_document(folder)
    assert list(document) == SHOW
    assert (document["status"], document["epochs_done"], document["test"]) == ("running", 2, None)
    assert [row["epoch"] for row in document["history"]] == [1, 2]
    assert document["seconds"] == 34.0


def test_a_failed_run_is_told_as_far_as_it_got(tmp_path: Path) -> None:
    folder = make(tmp_path / "run", [run_started(5), RunFailed("the disk is full.")])
    document = show_document(folder)
    assert list(document) == SHOW
    assert (document["status"], document["history"], document["test"]) == ("failed", [], None)
    assert (document["epochs_done"], document["best_epoch"], document["seconds"]) == (0, None, 0)


def test_a_run_that_never_began_has_a_summary_too(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(default_recipe("/photos/bears", "mlp"))
    document = show_document(folder)
    assert list(document) == SHOW
    assert (document["status"], document["dataset_fingerprint"]) == ("interrupted", None)


def test_undefined_figures_are_null(tmp_path: Path) -> None:
    test = TestCompleted(float("nan"), 1.0, ((5, 0), (0, 0)), "predictions.csv")
    folder = finished(tmp_path / "run", test)
    summary.write(folder)
    document = strict_json(folder.results_file)["test"]
    assert document["loss"] is None
    other = document["per_class"][1]
    assert other["support"] == 0
    assert [other[key] for key in ("precision", "recall", "f1", "recall_ci95")] == [None] * 4
    assert document["macro_f1"] == 1.0


def strict_json(path: Path) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text("ascii"), parse_constant=refuse)


def test_results_json_holds_the_summary(tmp_path: Path) -> None:
    folder = finished(tmp_path / os.fsdecode(b"caf\xe9"))
    summary.write(folder)
    document = show_document(folder)
    assert strict_json(folder.results_file) == json.loads(json.dumps(document))
    assert document["run"] == "caf\udce9"


@pytest.mark.parametrize(
    "photo", ['/p/a,"b".jpg', "/p/two\nlines.jpg", os.fsdecode(b"/p/caf\xe9.jpg"), "/p/ =1+1.jpg"]
)
def test_a_photo_of_any_name_is_read_back(photo: str, tmp_path: Path) -> None:
    predictions(tmp_path / "p.csv", ["a", "b"], [[photo, "a", "b", "0.25", "0.75"]])
    assert list(map(predictions_csv.document, predictions_csv.read(tmp_path / "p.csv")[1])) == [
        {"path": photo, "label": "a", "predicted": "b", "probability": 0.75}
    ]


def test_classes_may_be_called_like_the_other_columns(tmp_path: Path) -> None:
    row = ["x.jpg", "label", "path", "0.7", "0.2", "0.1"]
    predictions(tmp_path / "p.csv", ["path", "label", "predicted"], [row])
    (read,) = list(map(predictions_csv.document, predictions_csv.read(tmp_path / "p.csv")[1]))
    assert (read["predicted"], read["probability"]) == ("path", 0.7)


@pytest.mark.parametrize("content", [None, "", "path,label,predicted,a\n"])
def test_without_predictions_there_are_no_mistakes(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "p.csv").write_text(content)
    assert list(map(predictions_csv.document, predictions_csv.read(tmp_path / "p.csv")[1])) == []


@pytest.mark.parametrize("content", ["", "{", "{}"])
def test_a_damaged_dataset_file_has_no_fingerprint(content: str, tmp_path: Path) -> None:
    folder = finished(tmp_path / "run")
    folder.dataset_file.write_text(content)
    assert show_document(folder)["dataset_fingerprint"] is None


def test_the_listing_is_the_contract(tmp_path: Path) -> None:
    finished(tmp_path / "old")
    make(tmp_path / "new", [run_started(7), *epochs(1, 3)], 200.0)
    new, old = listing(tmp_path)
    assert list(new) == list(old) == RUNS
    path = str(tmp_path / "old")
    expected = ["old", "completed", "mlp", 2, 2, 0.8, 100.0, 24.0, path]
    assert old == dict(zip(RUNS, expected, strict=True))
    assert (new["status"], new["epochs_done"], new["epochs"]) == ("interrupted", 3, 7)
    assert new["test_accuracy"] is None


@pytest.mark.parametrize("recipe", ["", "model = ", 'model = "gone"', "\x00", 'model = 3\n[["'])
def test_a_damaged_run_is_listed_as_such_beside_the_others(recipe: str, tmp_path: Path) -> None:
    finished(tmp_path / "good")
    damaged = finished(tmp_path / "damaged")
    damaged.recipe_file.write_text(recipe)
    rows = {one["run"]: one for one in listing(tmp_path)}
    assert rows["good"]["status"] == "completed"
    bad = rows["damaged"]
    assert list(bad) == [*RUNS, "error"]
    assert str(bad["error"]).startswith(f"{damaged.recipe_file}: ")
    assert (bad["status"], {dict(bad)[name] for name in RUNS[2:]}) == ("unreadable", {None})


def test_a_run_with_a_damaged_journal_is_told_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    folder = finished(tmp_path / "run")
    folder.journal_file.write_bytes(b"\xff\xfe\n" + folder.journal_file.read_bytes()[:-10])
    (one,) = listing(tmp_path)
    assert (one["status"], one["epochs_done"]) == ("interrupted", 2)


def test_no_runs_folder_is_no_runs(tmp_path: Path) -> None:
    assert listing(tmp_path / "missing") == []
