from pathlib import Path
from typing import Any

import pytest

from bear_tui.errors import BadInput
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import ScheduleChanged
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.compare import compare
from bear_tui.run.results.significance import mcnemar
from tests.unit.sample_runs import Prediction, predictions, sample_run

MANY = 40


def two(tmp_path: Path, first: list[Prediction], second: list[Prediction]) -> dict[str, Any]:
    runs = [sample_run(tmp_path / "a", first), sample_run(tmp_path / "b", second)]
    return {**compare(runs)["pairs"][0]}


def test_only_the_settings_that_differ_are_told(tmp_path: Path) -> None:
    told = predictions(5, 5)
    runs = [
        sample_run(tmp_path / "a", told, epochs=10, name="first"),
        sample_run(tmp_path / "b", told, epochs=20, name="second", model="vgg16-scratch"),
    ]
    settings = compare(runs)["settings"]
    assert settings["epochs"] == [10, 20]
    assert settings["model"] == ["mlp", "vgg16-scratch"]
    assert not {"seed", "data", "name", "image_size"} & set(settings)


def test_what_was_changed_while_a_run_trained_is_a_setting_that_differs(tmp_path: Path) -> None:
    told, change = predictions(5, 5), ScheduleChanged(2, 0, 0.0005, 2)
    runs = [sample_run(tmp_path / "a", told), sample_run(tmp_path / "b", told, changes=[change])]
    settings = compare(runs)["settings"]
    assert settings == {"changes": ["none", "epoch 2: lr 0.0005, 2 epochs"]}


def test_corrections_are_counted_not_listed(tmp_path: Path) -> None:
    told = predictions(5, 5)
    corrections = (("train/a.jpg", "bear"), ("train/b.jpg", "bear"), ("train/c.jpg", ""))
    runs = [
        sample_run(tmp_path / "a", told),
        sample_run(tmp_path / "b", told, corrections=corrections),
    ]
    settings = compare(runs)["settings"]
    assert settings["corrections"] == ["none", "2 relabelled, 1 left out"]


def test_runs_stand_in_the_order_asked_for_with_their_results(tmp_path: Path) -> None:
    runs = [
        sample_run(tmp_path / "z", predictions(6, 4)),
        sample_run(tmp_path / "a", predictions(9, 1)),
    ]
    first, second = compare(runs)["runs"]
    assert (first["letter"], first["run"], first["test_accuracy"]) == ("A", "z", 0.6)
    assert (second["letter"], second["run"], second["test_accuracy"]) == ("B", "a", 0.9)
    assert second["validation_accuracy"] == 0.75


def test_the_pair_counts_photos_that_only_one_gets_right(tmp_path: Path) -> None:
    # The first is right on 0 to 6, the second on 0 to 1 and 4 to 9.
    second = predictions(2, 2) + predictions(6, 0, first=4)
    pair = two(tmp_path, predictions(7, 3), second)
    assert (pair["photos"], pair["first_correct"], pair["second_correct"]) == (10, 7, 8)
    assert (pair["only_first_correct"], pair["only_second_correct"]) == (2, 3)
    assert pair["p_value"] == mcnemar(2, 3)


def test_a_clear_difference_is_called_one(tmp_path: Path) -> None:
    pair = two(tmp_path, predictions(10, 30), predictions(38, 2))
    assert pair["verdict"].startswith(
        "B is better than A: B alone gets 28 of 40 photos right, A alone 0"
    )


def test_a_difference_that_chance_makes_is_not_called_one(tmp_path: Path) -> None:
    # 5 right only by the first, 9 only by the second.
    second = predictions(15, 5) + predictions(14, 6, first=20)
    pair = two(tmp_path, predictions(20, 0) + predictions(5, 15, first=20), second)
    assert (pair["only_first_correct"], pair["only_second_correct"]) == (5, 9)
    assert "42% of tests, so no difference is shown" in pair["verdict"]


def test_few_photos_are_said_to_decide_nothing(tmp_path: Path) -> None:
    assert "too few" in two(tmp_path, predictions(10, 0), predictions(7, 3))["verdict"]


def test_equal_answers_are_called_equal(tmp_path: Path) -> None:
    assert "same photos" in two(tmp_path, predictions(7, 3), predictions(7, 3))["verdict"]


def test_each_class_is_compared_by_itself(tmp_path: Path) -> None:
    first = predictions(30, 0) + predictions(10, 20, "other")
    second = predictions(30, 0) + predictions(30, 0, "other")
    bear, other = two(tmp_path, first, second)["per_class"]
    assert (bear["photos"], bear["p_value"]) == (30, 1.0)
    assert (other["only_second_correct"], other["p_value"]) == (20, mcnemar(0, 20))
    assert other["p_value_holm"] == 2 * mcnemar(0, 20)


def test_a_class_without_a_photo_in_common_corrects_no_other(tmp_path: Path) -> None:
    first = predictions(30, 0) + predictions(5, 15, "other")
    second = predictions(10, 20) + predictions(5, 15, "other", first=100)
    bear, other = two(tmp_path, first, second)["per_class"]
    assert (other["photos"], other["p_value_holm"]) == (0, 1.0)
    assert bear["p_value_holm"] == bear["p_value"] == mcnemar(20, 0)


def test_a_pair_without_a_photo_in_common_corrects_no_other(tmp_path: Path) -> None:
    told = (predictions(30, 0), predictions(10, 20), predictions(20, 0, first=100))
    document = compare([sample_run(tmp_path / str(n), one) for n, one in enumerate(told)])
    first, *others = document["pairs"]
    assert first["p_value_holm"] == mcnemar(20, 0)
    assert [pair["p_value_holm"] for pair in others] == [1.0, 1.0]
    assert not any("comparisons" in note for note in document["notes"])


def test_a_dataset_that_was_moved_still_pairs_by_content(tmp_path: Path) -> None:
    runs = [
        sample_run(tmp_path / "a", predictions(7, 3), root="/here"),
        sample_run(tmp_path / "b", predictions(3, 7), root="/there"),
    ]
    assert compare(runs)["pairs"][0]["photos"] == 10


def test_a_photo_that_was_replaced_is_not_paired(tmp_path: Path) -> None:
    changed = {"bear0.jpg": "another picture"}
    runs = [
        sample_run(tmp_path / "a", predictions(7, 3)),
        sample_run(tmp_path / "b", predictions(3, 7), hashes=changed),
    ]
    document = compare(runs)
    assert document["pairs"][0]["photos"] == 9
    assert any("photos or their split differ" in note for note in document["notes"])


def test_a_relabelled_photo_is_left_out(tmp_path: Path) -> None:
    first = [*predictions(9, 0), ("x.jpg", "bear", "bear")]
    second = [*predictions(9, 0), ("x.jpg", "other", "other")]
    assert two(tmp_path, first, second)["photos"] == 9


def test_no_photo_in_common_says_so(tmp_path: Path) -> None:
    pair = two(tmp_path, predictions(9, 1), predictions(9, 1, first=100))
    assert "no photo in common" in pair["verdict"]


def test_several_runs_are_corrected_for_their_number(tmp_path: Path) -> None:
    runs = [sample_run(tmp_path / str(n), predictions(n, MANY - n)) for n in (20, 27, 39)]
    document = compare(runs)
    assert [(p["first"], p["second"]) for p in document["pairs"]] == [
        ("A", "B"), ("A", "C"), ("B", "C")
    ]  # fmt: skip
    closest = document["pairs"][0]
    # 7 : 0 photos are p = 0.016 alone, and the largest of the three keeps its value.
    assert closest["p_value"] == closest["p_value_holm"] == mcnemar(7, 0)
    assert document["pairs"][1]["p_value_holm"] == 3 * mcnemar(19, 0)
    assert any("3 comparisons" in note for note in document["notes"])


def test_a_run_without_a_test_stands_there_without_figures(tmp_path: Path) -> None:
    waiting = RunFolder(tmp_path / "b")
    waiting.create(default_recipe("/photos", "mlp"))
    document = compare([sample_run(tmp_path / "a", predictions(9, 1)), waiting])
    assert document["runs"][1]["test_accuracy"] is None
    assert document["pairs"] == []
    assert any("B has no test yet" in note for note in document["notes"])


@pytest.mark.parametrize("content", ["", "{", "[]", '{"root": 3, "files": 4}'])
def test_a_damaged_dataset_file_leaves_the_paths_to_pair_by(content: str, tmp_path: Path) -> None:
    runs = [sample_run(tmp_path / name, predictions(9, 1)) for name in "ab"]
    for run in runs:
        run.dataset_file.write_text(content)
    assert compare(runs)["pairs"][0]["photos"] == 10


def test_one_run_or_the_same_twice_is_refused(tmp_path: Path) -> None:
    run = sample_run(tmp_path / "a", predictions(9, 1))
    with pytest.raises(BadInput, match="two runs or more"):
        compare([run])
    with pytest.raises(BadInput, match="a is named twice"):
        compare([run, run])
