"""Decisions about a folder without a manifest: never lost, followed in training, taken back."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from bear_tui import paths
from bear_tui.data.decisions import OUT
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.session import engine
from bear_tui.tui.session.decisions import open_decided
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.layer_lists import vgg
from tests.tui.photo_folders import class_folders, settle
from tests.tui.test_suspects_screen import three_suspects


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "layers", lambda _model, size, classes, _spec: vgg(classes, size))
    monkeypatch.setattr(engine, "suspects", three_suspects)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file among the bears is no photo."""
    root = class_folders(tmp_path / "photos")
    (root / "bear" / "wrong.jpg").write_text("hello")
    return root


def app_in(tmp_path: Path) -> BearApp:
    return BearApp(runs=tmp_path / "runs", fit=scripted.fit_of(scripted.completed()))


async def opened(app: BearApp, pilot: Pilot[Any], folder: Path) -> DatasetScreen:
    screen = app.screen
    assert isinstance(screen, DatasetScreen)
    screen.open_folder(folder)
    await settle(pilot)
    return screen


async def decide(pilot: Pilot[Any]) -> None:
    """Move one bear, leave one out, and the file that is no photo."""
    await pilot.press("i")
    await settle(pilot)
    await pilot.press("m", "down", "x", "escape")
    await settle(pilot)
    await pilot.press("tab", "space")
    await settle(pilot)


async def test_training_follows_what_was_decided_and_no_file_changes(
    tmp_path: Path, folder: Path
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    app = app_in(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot, folder)
        await decide(pilot)
        assert "3 decisions: kept for training and for p" in shown(app)
        await pilot.press("shift+tab", "enter")
        await until(pilot, lambda: "recipe · 3 corrections" in shown(app))
        assert app.photos.dataset.value is not None
        assert (
            len(
                app.photos.dataset.value.train
                + app.photos.dataset.value.validation
                + app.photos.dataset.value.test
            )
            == 23
        )
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.training.local_run is not None)
        assert app.training.local_run is not None
        labels = [label for _, label in app.training.local_run.recipe.corrections]
        names = [name for name, _ in app.training.local_run.recipe.corrections]
        assert labels == ["not_bear", OUT, OUT]
        assert names[2] == "bear/wrong.jpg"
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


async def test_nothing_is_lost_by_another_folder_or_by_leaving(
    tmp_path: Path, folder: Path
) -> None:
    other = class_folders(tmp_path / "other")
    app = app_in(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot, folder)
        await decide(pilot)
        await pilot.press("o")
        await opened(app, pilot, other)
        assert "decision" not in shown(app)
        await opened(app, pilot, folder)
        assert len(screen.decisions.decided.decisions) == 3
        await pilot.press("q")
    again = app_in(tmp_path)
    async with again.run_test(size=(120, 40)) as pilot:
        screen = await opened(again, pilot, folder)
        assert len(screen.decisions.decided.decisions) == 3
        assert "3 decisions: kept for training and for p" in shown(again)
        assert screen.chosen == open_decided(folder)


async def test_who_works_on_the_photos_already_follows_what_is_taken_back(
    tmp_path: Path, folder: Path
) -> None:
    app = app_in(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot, folder)
        await pilot.press("tab", "space", "2")
        await until(pilot, lambda: "recipe · 1 correction" in shown(app))
        await pilot.press("1")
        await until(pilot, lambda: "1 decision: kept" in shown(app))
        await pilot.press("space")
        await until(pilot, lambda: "1 decision" not in shown(app) and not app.writes.busy)
        assert not list(paths.decisions_folder().iterdir())
        await pilot.press("5", "2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        await until(pilot, lambda: "correction" not in shown(app))
        assert isinstance(app.screen, ModelScreen)
        assert app.screen.draft.read()[0].corrections == ()


async def test_the_ladder_follows_them_too(tmp_path: Path, folder: Path) -> None:
    app = BearApp(runs=tmp_path / "runs", fit=scripted.fit_of(scripted.completed(), hold=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot, folder)
        await pilot.press("tab", "space", "2", "5", "a", "down", "enter")
        await until(
            pilot,
            lambda: app.training.local_run is not None and len(app.training.queue.waiting) == 3,
        )
        assert app.training.local_run is not None
        every = [app.training.local_run.recipe, *app.training.queue.waiting]
        assert {one.corrections for one in every} == {(("bear/wrong.jpg", OUT),)}
        app.training.local_run.stop("test is over")


async def test_a_class_that_is_left_out_whole_cannot_be_trained_on_until_it_is_taken_back(
    tmp_path: Path,
) -> None:
    folder = class_folders(tmp_path / "photos", 3)
    app = app_in(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot, folder)
        await pilot.press("2", "1")
        assert app.photos.dataset.value == screen.chosen is not None
        await pilot.press("i")
        await settle(pilot)
        await pilot.press("x", "down", "x", "down", "x", "escape")
        await settle(pilot)
        assert screen.chosen is None
        assert "no train photo of bear would be left" in " ".join(shown(app).split())
        assert "enter uses these photos" not in shown(app)
        assert app.photos.dataset.value is None
        screen.open_folder(folder)  # read anew it lists them
        await settle(pilot)
        assert screen.chosen is None
        assert "no train photo of bear would be left" in " ".join(shown(app).split())
        await pilot.press("tab", "space", "down", "space", "down", "space")
        await settle(pilot)
        assert screen.chosen is not None
        assert "would be left" not in shown(app)
        assert "enter uses these photos" in shown(app)


async def test_what_was_decided_about_a_photo_that_is_gone_is_passed_over(
    tmp_path: Path, folder: Path
) -> None:
    app = app_in(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot, folder)
        await decide(pilot)
    (folder / "bear" / "wrong.jpg").unlink()
    assert len(open_decided(folder).corrections) == 2


async def test_where_they_cannot_be_kept_it_is_said_and_they_are_not_shown(
    tmp_path: Path, folder: Path
) -> None:
    paths.decisions_folder().parent.mkdir(parents=True)
    paths.decisions_folder().write_text("a file where a folder is needed")
    app = app_in(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot, folder)
        await pilot.press("tab", "space")
        await settle(pilot)
        assert "decisions: File exists" in " ".join(shown(app).split())
        assert len(screen.decisions.decided.decisions) == 0
        assert screen.chosen is not None
        assert screen.chosen.corrections == ()


async def test_a_damaged_manifest_is_told_and_no_photos_are_offered(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "manifest.json").write_text('{"version": 1, "fingerprint": "')
    app = app_in(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot, folder)
        await until(pilot, lambda: "cut short" in " ".join(shown(app).split()))
        assert screen.chosen is None
        assert "enter uses these photos" not in shown(app)
