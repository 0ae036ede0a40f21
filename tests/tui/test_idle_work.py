"""Screens are there before they are asked for, and cost nothing until then."""

import gc
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from textual.widgets import Static

from bear_tui.data.dataset import open_dataset
from bear_tui.layers import Layer
from bear_tui.recipe_defaults import default_recipe
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.session import engine
from bear_tui.tui.session.training import TrainingSession
from bear_tui.tui.toolkit import idle_work
from bear_tui.tui.toolkit.idle_work import IdleWork, mount_next, tell_next
from bear_tui.tui.widgets.header import TABS
from bear_tui.tui.widgets.keybar import KeyBar
from tests.tui.app_screen import shown, until
from tests.tui.layer_lists import vgg
from tests.tui.photo_folders import class_folders


@pytest.mark.replaces("mount_ahead")
async def test_what_nobody_visited_is_mounted_asleep_behind_what_is_seen() -> None:
    app = BearApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        seen, focused = app.screen, app.focused
        while mount_next(app):
            await pilot.pause()
        assert app.screen is seen
        assert app.focused is focused
        assert set(app._screen_stacks) >= set(TABS)
        for tab, kind in (("train", TrainScreen), ("runs", RunsScreen)):
            (screen,) = app._screen_stacks[tab]
            assert isinstance(screen, kind)
            assert screen._timer is not None
            assert not screen._timer._active.is_set()


@pytest.mark.replaces("mount_ahead")
async def test_a_hidden_screen_is_told_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "layers", lambda *_: vgg())
    app = BearApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while mount_next(app):
            await pilot.pause()
        (model,) = app.get_screen_stack("model")
        assert isinstance(model, ModelScreen)
        app.training.recipe.set(default_recipe("", "alexnet", weights="none", unfreeze="all"))
        assert model.draft.model != "alexnet"
        while tell_next(app):
            await pilot.pause()
        assert model.draft.model == "alexnet"
        await pilot.press("2")
        await until(pilot, lambda: app.screen is model and "alexnet at" in shown(app))


async def test_photos_that_were_chosen_elsewhere_are_read_when_somebody_comes_to_see_them(
    tmp_path: Path,
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        (screen,) = app._screen_stacks["dataset"]
        assert isinstance(screen, DatasetScreen)
        app.photos.use(open_dataset(class_folders(tmp_path / "photos")))
        while mount_next(app) or tell_next(app):
            await pilot.pause()
        assert screen._asked is None
        await pilot.press("1")
        await until(pilot, lambda: screen.decisions.inventory is not None)


@pytest.mark.replaces("mount_ahead")
@pytest.mark.parametrize("training", [False, True])
async def test_beside_a_training_no_layers_are_read_before_somebody_sees_them(
    training: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, read = BearApp(), list[object]()

    def layers(*asked: object) -> list[Layer]:
        read.append(asked)
        return vgg()

    monkeypatch.setattr(engine, "layers", layers)
    monkeypatch.setattr(TrainingSession, "running", property(lambda _: training))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while mount_next(app) or tell_next(app):
            await pilot.pause()
        # Longer than it takes without a training, which the other case shows.
        await pilot.pause(1.0)
        assert bool(read) != training
        await pilot.press("2")
        await until(pilot, lambda: len(read) == 1)


@pytest.mark.replaces("mount_ahead")
async def test_a_mounted_screen_shows_its_keys_and_its_focus_when_it_is_gone_to() -> None:
    app = BearApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while mount_next(app):
            await pilot.pause()
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        await until(pilot, lambda: "start" in str(app.screen.query_one(KeyBar).render()))
        assert app.focused is not None
        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.screen, TrainScreen))
        timer = app.screen._timer  # type: ignore[attr-defined]  # TrainScreen's
        await until(pilot, timer._active.is_set)
        assert "Nothing is training yet" in str(app.screen.query_one("#nothing", Static).render())


@pytest.mark.replaces("mount_ahead")
async def test_no_screen_is_mounted_while_somebody_types_or_torch_is_imported() -> None:
    app, done = BearApp(), threading.Event()
    importing = threading.Thread(target=done.wait)
    importing.start()
    async with app.run_test(size=(80, 24)) as pilot:
        idle = IdleWork(app, importing)
        await pilot.pause(0.5)
        idle.look()
        assert len(app._screen_stacks) == 1
        done.set()
        importing.join()
        await pilot.press("j")
        idle.look()
        assert len(app._screen_stacks) == 1
        await pilot.pause(0.4)
        idle.look()
        await pilot.pause()
        assert len(app._screen_stacks) == 2


async def test_memory_is_tidied_between_the_keys_of_one_who_types_without_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, imported, tidied = BearApp(), threading.Thread(target=int), list[bool]()
    imported.start()
    imported.join()
    monkeypatch.setattr(idle_work, "_DUE", 0)
    monkeypatch.setattr(idle_work, "free_memory", lambda: tidied.append(True))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        idle = IdleWork(app, imported)
        monkeypatch.setattr(app, "since_key", lambda: 0.1)
        idle.look_again()
        assert not tidied
        monkeypatch.setattr(app, "since_key", lambda: 0.25)
        idle.look_again()
        assert tidied
        assert len(app._screen_stacks) == 1  # no time for that


@pytest.mark.replaces("mount_ahead")
async def test_memory_is_tidied_while_no_key_waits_for_it() -> None:
    app, imported = BearApp(), threading.Thread(target=int)
    imported.start()
    imported.join()
    looks, tidied = gc.get_threshold(), []
    gc.callbacks.append(lambda _, info: tidied.append(info["generation"] == 2))
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            IdleWork(app, imported).begin()
            await until(pilot, lambda: set(app._screen_stacks) >= set(TABS))
            await until(pilot, lambda: gc.get_freeze_count() > 0)
            assert any(tidied)
            assert gc.get_threshold()[2] >= 100 * looks[2]
            tidied.clear()
            for _ in range(200):
                await pilot.press("j")
            assert not any(tidied)
    finally:
        gc.callbacks.pop()
        gc.set_threshold(*looks)
        gc.unfreeze()


def imported(package: str) -> set[str]:
    """What of a package is there before the first frame."""
    code = "import sys, bear_tui.tui.app; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return {
        name.removeprefix(package) for name in answer.stdout.split() if name.startswith(package)
    }


def test_the_first_frame_imports_no_other_screen() -> None:
    known = {
        *("base", "dataset", "dataset_decisions", "folder_making"),
        *("dialogs", "keys", "modes"),
    }
    assert imported("bear_tui.tui.screens.") <= known


def test_the_first_frame_imports_of_runs_what_waits_alone() -> None:
    assert imported("bear_tui.run.") <= {"control", "lock", "queue_store"}
