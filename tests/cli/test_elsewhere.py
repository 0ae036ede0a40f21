"""A run that is asked on a machine without its GPU, and a recipe that is read from anywhere."""

import argparse
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.commands.train import recipe_of
from bear_tui.engine.fit import fit
from bear_tui.files import write_text
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.conftest import draw_photos

pytestmark = pytest.mark.slow  # together more than half a minute


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("elsewhere") / "photos"
    for split, count in (("train", 16), ("test", 4)):
        draw_photos(root / split / "red", count, (190, 70, 70), 1)
        draw_photos(root / split / "green", count, (70, 190, 70), 2)
    return root


def recipe_for(data: str) -> Recipe:
    basis = default_recipe(data, "mlp", image_size=8)
    return replace(basis, epochs=1, batch_size=8, device="cpu")


def bear_tui(*arguments: object, at: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bear_tui", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=at)


def test_a_run_of_a_gpu_that_is_not_here_is_asked_and_gone_on_with_and_told_so(
    photos: Path, tmp_path: Path
) -> None:
    run = RunFolder(tmp_path / "run")
    list(fit(recipe_for(str(photos)), run, Control()))
    there = replace(run.recipe(), device="cuda:77")
    write_text(run.recipe_file, to_toml(there))
    said = "the run was trained with --device cuda:77, which is not here; computing on "
    for command in (
        ("predict", run.path, photos / "test"),
        ("test", run.path),
        ("resume", run.path, "--epochs", 2),
    ):
        answer = bear_tui(*command)
        assert answer.returncode == 0, answer.stderr
        assert answer.stderr.count(said) == 1, answer.stderr
    assert run.state().epochs_done == 2
    assert said in run.log_file.read_text()
    assert run.recipe() == there, "back on the other machine its GPU is used"


def test_a_recipe_with_paths_of_its_folder_trains_and_goes_on_from_anywhere(
    photos: Path, tmp_path: Path
) -> None:
    file = photos.parent / "recipe.toml"
    write_text(file, to_toml(recipe_for("photos")))
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
    first = bear_tui("train", "--recipe", file, "--runs", "runs", at=tmp_path / "here")
    assert first.returncode == 0, first.stderr
    (run,) = (tmp_path / "here" / "runs").iterdir()
    assert RunFolder(run).recipe().data == str(photos)
    further = bear_tui("resume", run, "--epochs", 2, at=tmp_path / "there")
    assert further.returncode == 0, further.stderr


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("net.pth", "{folder}/net.pth"),
        ("../net.pth", "{above}/net.pth"),
        ("/net.pth", "/net.pth"),
        ("~/net.pth", "/home/ada/net.pth"),
        ("imagenet", "imagenet"),
        ("none", "none"),
    ],
)
def test_weights_in_a_recipe_are_seen_from_its_folder(
    written: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    folder = tmp_path / "mine"
    folder.mkdir()
    write_text(folder / "recipe.toml", f'model = "resnet18"\nweights = "{written}"\n')
    arguments = argparse.Namespace(recipe=f"{folder}/recipe.toml", sample=False, preset="default")
    recipe = recipe_of(arguments)
    assert recipe.weights == meant.format(folder=folder, above=tmp_path)
    assert recipe.data == ""


def test_what_is_only_where_the_command_is_typed_is_taken_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes, here = tmp_path / "recipes", tmp_path / "here"
    for folder in (recipes, here / "photos", here / "both", recipes / "both"):
        folder.mkdir(parents=True)
    monkeypatch.chdir(here)
    for data, meant in (("photos", here / "photos"), ("both", recipes / "both")):
        write_text(recipes / "recipe.toml", f'model = "resnet18"\ndata = "{data}"\n')
        given = argparse.Namespace(recipe="../recipes/recipe.toml", sample=False, preset="default")
        assert recipe_of(given).data == str(meant)
