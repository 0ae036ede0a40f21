"""A run's answers about its validation photos, and a run with corrected labels."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.engine.inference.predict import photos_to_test
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import predictions_csv


def train(recipe: Recipe, folder: Path) -> RunFolder:
    run = RunFolder(folder)
    for _ in fit(recipe, run, Control()):
        pass
    return run


def test_the_best_weights_answer_the_validation_photos_too(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    run = train(recipe_for(), tmp_path / "run")
    files = json.loads(run.dataset_file.read_text())["files"]
    expected = {one["path"] for one in files if one["split"] == "validation"}
    classes, rows = predictions_csv.read(run.validation_file)
    root = Path(run.recipe().data)
    assert classes == ("green", "red")
    assert {Path(one.path).relative_to(root).as_posix() for one in rows} == expected
    history, best = run.state().history, run.state().best_epoch
    accuracy = next(row.validation_accuracy for row in history if row.epoch == best)
    assert sum(one.right for one in rows) / len(rows) == pytest.approx(accuracy)


def test_a_run_trains_and_tests_on_labels_as_they_were_corrected(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    corrections = (("train/red/000.png", "green"), ("test/red/000.png", ""))
    recipe = replace(recipe_for(), corrections=corrections)
    run = train(recipe, tmp_path / "run")
    told = {one["path"]: one["label"] for one in json.loads(run.dataset_file.read_text())["files"]}
    assert told["train/red/000.png"] == "green"
    assert "test/red/000.png" not in told
    assert run.recipe() == recipe
    assert len(predictions_csv.read(run.predictions_file)[1]) == 11
    assert len(photos_to_test(run, None, ("green", "red"))) == 11


def test_a_correction_of_a_photo_that_is_gone_starts_no_run(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    recipe = replace(recipe_for(), corrections=(("train/red/gone.png", "green"),))
    with pytest.raises(BadInput, match="no photo train/red/gone"):
        train(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()
