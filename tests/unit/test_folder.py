"""The folder of a run: made, its recipe read back, also where an earlier version wrote it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.errors import BadInput, Failure
from bear_tui.files import write_text
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.folder import RunFolder
from tests.unit.sample_runs import untrained_run

RECIPE = default_recipe("/photos/bears", "mlp")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return untrained_run(tmp_path / "runs", "bears-mlp-1")


def test_a_run_of_before_there_was_a_choice_of_framing_was_padded(folder: RunFolder) -> None:
    recipe = default_recipe("/photos", "vgg16")
    lines = to_toml(recipe).splitlines(keepends=True)
    folder.recipe_file.write_text("".join(one for one in lines if "framing" not in one))
    assert folder.recipe() == replace(recipe, framing="pad")


def test_a_run_of_before_photos_were_resized_as_the_weights_expect_does_as_it_did(
    folder: RunFolder,
) -> None:
    recipe = default_recipe("/photos", "swin_t")
    lines = to_toml(recipe).splitlines(keepends=True)
    folder.recipe_file.write_text("".join(one for one in lines if "interpolation" not in one))
    assert folder.recipe() == replace(recipe, interpolation="draft")


def test_a_new_folder_holds_the_recipe_and_a_place_for_checkpoints(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "not" / "yet" / "bears-mlp-1")
    assert not folder.path.exists()
    folder.create(RECIPE)
    assert folder.run == "bears-mlp-1"
    assert folder.recipe() == RECIPE
    assert sorted(path.name for path in folder.path.iterdir()) == ["checkpoints", "recipe.toml"]


def test_a_run_is_never_made_over_another(folder: RunFolder) -> None:
    with pytest.raises(Failure, match=str(folder.path)):
        folder.create(replace(RECIPE, epochs=99))
    assert folder.recipe() == RECIPE


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(Failure, match=r"a file stands where a folder is needed"):
        RunFolder(tmp_path / "runs" / "bears-mlp-1").create(RECIPE)


def test_a_damaged_recipe_is_a_sentence_that_names_it(folder: RunFolder) -> None:
    write_text(folder.recipe_file, to_toml(RECIPE)[:-5] + "[[")
    with pytest.raises(BadInput, match=re.escape(str(folder.recipe_file))):
        folder.recipe()
