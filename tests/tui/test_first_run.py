"""The first start: what this is, a trained model in two keys, and never again."""

from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui import paths
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe, with_enough_steps
from bear_tui.run.folder import RunFolder
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.model import FIRST_MODEL, ModelScreen
from bear_tui.tui.session import engine, settings
from bear_tui.tui.widgets.welcome import is_first_run, welcome
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders, settle

WELCOME = "class by class how"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def test_two_keys_lead_to_a_trained_sample_model(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path / "runs", fit=scripted.fit_of(scripted.completed(), pause=0.5))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: WELCOME in shown(app) and "trains a first model" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.training.local_run is not None, 60)
        await until(pilot, lambda: app.current_mode == "results")


async def test_the_sample_is_trained_for_as_long_as_fits_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(recipe: Recipe, classes: int, train: int, validation: int) -> Recipe:
        assert (classes, recipe.data) == (2, str(paths.sample_folder()))
        assert train > validation > 0
        return replace(recipe, epochs=9)

    monkeypatch.setattr(engine, "fit_sample", slow)
    fit = scripted.fit_of(scripted.completed(), pause=0.5)
    app = BearApp(runs=tmp_path / "runs", sample=True, fit=fit)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.training.local_run is not None, 60)
        assert app.training.local_run is not None
        assert app.training.local_run.recipe.epochs == 9
        await until(pilot, lambda: app.current_mode == "results")


async def test_the_samples_recipe_is_not_kept_for_other_photos(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path / "runs", fit=scripted.fit_of(scripted.completed()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "trains a first model" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.current_mode == "results", 60)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        assert isinstance(app.screen, ModelScreen)
        data = str(paths.sample_folder())
        assert app.photos.dataset.value is not None
        usual = with_enough_steps(
            default_recipe(data, FIRST_MODEL), len(app.photos.dataset.value.train)
        )
        assert app.screen.draft.read()[0] == usual


async def test_photos_that_are_open_leave_no_room_for_it(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "photos")
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(folder)
        await settle(pilot)
        await pilot.press("o")
        assert "start from" in shown(app)
        assert WELCOME not in shown(app)


async def test_who_was_here_before_does_not_see_it(tmp_path: Path) -> None:
    settings.save(settings.Settings(datasets=("/photos",)), paths.settings_file())
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "start from" in shown(app))
        assert WELCOME not in shown(app)


def test_a_run_is_enough_to_be_known(tmp_path: Path) -> None:
    fresh = settings.Settings()
    assert is_first_run(fresh, tmp_path)
    assert not is_first_run(replace(fresh, datasets=("/photos",)), tmp_path)
    folder = RunFolder(tmp_path / "one-1f2e")
    folder.create(default_recipe("/photos", "mlp"))
    assert not is_first_run(fresh, tmp_path)


@pytest.mark.parametrize(("width", "lines"), [(74, 3), (114, 7), (194, 7)])
def test_it_takes_few_lines(width: int, lines: int) -> None:
    text = welcome(width).plain.split("\n")
    assert len(text) == lines
    assert max(map(len, text[1:])) <= width
