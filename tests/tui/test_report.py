"""The document of `show` as rows and sentences."""

from typing import Any

import pytest

from bear_tui.metrics import figures, notes, percent
from bear_tui.run.results.documents import PredictionDocument
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.run.results.summary import test_document as figures_of
from bear_tui.tui.render import report
from bear_tui.tui.render.table_model import Sorting


def document(
    matrix: list[list[int]], classes: list[str] | None = None, **changes: Any
) -> dict[str, Any]:
    """What `show` tells of a run with this confusion matrix; every wrong answer is a mistake."""
    names = classes or ["bear", "not_bear", "teddy"][: len(matrix)]
    rows: list[PredictionDocument] = [
        {
            "path": f"/photos/{names[true]}/{true}{predicted}{n}.jpg",
            "label": names[true],
            "predicted": names[predicted],
            "probability": 0.5 + n / 100 + predicted / 10,
        }
        for true, counts in enumerate(matrix)
        for predicted, count in enumerate(counts)
        for n in range(count if true != predicted else 0)
    ]
    return {
        "run": "bears-vgg16-3f2a",
        "status": "completed",
        "model": "vgg16",
        "weights": "imagenet",
        "classes": names,
        "image_size": 224,
        "device": "cpu",
        "precision": "fp32",
        "epochs_done": 10,
        "best_epoch": 5,
        "trainable_parameters": 8_194,
        "total_parameters": 134_268_738,
        "seconds": 54.2,
        "history": [],
        "test": {
            **figures_of(names, matrix, 0.1, rows, 0),
            "notes": notes(figures(names, matrix)),
            "top_k": None,
            "calibration": None,
        },
        **changes,
    }


def predictions_of(told: dict[str, Any]) -> list[Prediction]:
    """A row per photo of the document's matrix, the mistakes as it has them."""
    names = told["classes"]
    rows = [
        Prediction(f"/photos/{name}/{n}.jpg", name, name, 0.9, sure(names, name, 0.9))
        for index, name in enumerate(names)
        for n in range(told["test"]["confusion_matrix"][index][index])
    ]
    for one in told["test"]["mistakes"]:
        said = sure(names, one["predicted"], one["probability"])
        rows.append(Prediction(**one, probabilities=said))
    return rows


def sure(names: list[str], name: str, probability: float) -> tuple[float, ...]:
    """So much for one class, the rest for the others alike."""
    rest = (1 - probability) / max(1, len(names) - 1)
    return tuple(probability if one == name else rest for one in names)


TWO = [[39, 1], [1, 39]]


def test_the_table_has_a_row_per_class_and_all() -> None:
    rows = report.class_rows(document(TWO))
    assert rows[0].cells == ("bear", "40", "39", "97.5%", "97.5%", "87.1 – 99.6%", "97.5%")
    assert rows[-1].cells == ("all", "80", "78", "accuracy", "97.5%", "91.3 – 99.3%", "97.5%")


def test_undefined_figures_are_dashes() -> None:
    rows = report.class_rows(document([[4, 0], [0, 0]]))
    assert rows[1].cells == ("not_bear", "0", "0", "–", "–", "–", "–")


def test_few_photos_are_told_of() -> None:
    assert any("may lie anywhere from 91% to 99%" in note for note in report.notes(document(TWO)))


def test_the_matrix_has_true_classes_down_and_dots_for_nothing() -> None:
    found = document([[39, 1], [0, 40]])
    assert [column.heading for column in report.matrix_columns(found["classes"])][1:] == [
        "bear",
        "not_bear",
    ]
    assert [row.cells for row in report.matrix_rows(found)] == [
        ("bear", "39", "1"),
        ("not_bear", "·", "40"),
    ]


def test_pairs_most_often_taken_for_one_another_come_first() -> None:
    rows = report.pair_rows(document([[30, 2, 0], [7, 30, 1], [0, 0, 40]]))
    assert [row.cells for row in rows] == [
        ("not_bear", "bear", "7"),
        ("bear", "not_bear", "2"),
        ("not_bear", "teddy", "1"),
    ]


def test_classes_are_sorted_by_any_column_and_undefined_ones_come_last() -> None:
    found = document([[39, 1, 0], [4, 36, 0], [0, 0, 0]])
    by_recall = Sorting(4)
    names = [row.cells[0] for row in report.class_rows(found, by_recall)]
    assert names == ["not_bear", "bear", "teddy", "all"]
    names = [row.cells[0] for row in report.class_rows(found, by_recall.turned())]
    assert names == ["bear", "not_bear", "teddy", "all"]
    for column in range(len(report.CLASS_COLUMNS)):
        assert len(report.class_rows(found, Sorting(column))) == 4


def test_the_keys_of_rows_stay_with_their_classes_when_sorted() -> None:
    rows = report.class_rows(document([[39, 1], [4, 36]]), Sorting(4))
    assert [(row.key, row.cells[0]) for row in rows[:2]] == [
        ("class 1", "not_bear"),
        ("class 0", "bear"),
    ]


def test_a_guess_and_the_calibration_stand_below() -> None:
    found = document([[30, 10], [0, 60]])
    assert report.beyond(found) == "guessing one class 60.0%"
    found["test"]["top_k"] = {"k": 5, "accuracy": 0.99}
    found["test"]["calibration"] = {
        "expected_calibration_error": 0.08,
        "temperature": 2.1,
        "expected_calibration_error_at_temperature": 0.03,
        "words": "percentages at temperature 2.10",
    }
    assert report.beyond(found).endswith(
        " · among the likeliest 5 99.0%"
        " · calibration error 3.0%, 8.0% before; percentages at temperature 2.10"
    )


def test_of_many_classes_the_accuracy_stands_below_too() -> None:
    for count, told in ((7, False), (8, True)):
        matrix = [[9 if say == true else 0 for say in range(count)] for true in range(count)]
        matrix[0][1] = 3
        found = document(matrix, [f"class {n}" for n in range(count)])
        one = f"accuracy {percent(found['test']['accuracy'])} ("
        assert report.beyond(found).startswith(one) == told


@pytest.mark.parametrize(
    ("changes", "sample", "step"),
    [
        ({}, False, "2 unfreeze more layers"),
        ({"model": "vgg16-scratch"}, True, "1 your own photos · 2 a pretrained model"),
        ({"trainable_parameters": 134_268_738}, False, "2 another model"),
        ({"model": "gone"}, False, "2 a pretrained model"),
    ],
)
def test_the_next_step_follows_from_the_run(
    changes: dict[str, Any], sample: bool, step: str
) -> None:
    assert step in report.next_steps(document(TWO, **changes), sample)


def test_the_title_fits_its_line() -> None:
    for width in (40, 78, 158):
        assert report.title(document(TWO), width).cell_length == width


@pytest.mark.parametrize(("status", "told"), [("stopped", True), ("running", False)])
def test_a_run_without_a_test_names_the_key_that_goes_on_with_it(status: str, told: bool) -> None:
    text = report.untested("bears-1a2b", status, 3)
    assert f"it is {status} after 3 epochs" in text
    assert ("u resumes it there" in text) is told
    assert "bear-tui resume" not in text
