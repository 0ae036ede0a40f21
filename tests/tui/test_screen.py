"""What a screen costs: sheets parsed once, pictures painted once, nothing while nobody sees it."""

from pathlib import Path
from typing import Any

import pytest

from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.screens.results import ResultsScreen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.toolkit.idle_work import mount_next
from bear_tui.tui.widgets.layer_reader import LayerReader
from tests.tui.app_screen import shown, until
from tests.unit.sample_runs import predictions, sample_run


async def test_a_screen_that_is_come_back_to_is_not_styled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[object] = []
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"54321", *"54321")  # a theme is taken in at the second visit
        await pilot.pause()
        refresh = app.refresh_css

        def counted(animate: bool = True) -> None:
            styled.append(app.screen)
            refresh(animate)

        monkeypatch.setattr(app, "refresh_css", counted)
        for key in "543215":
            await pilot.press(key)
            await pilot.pause()
        assert styled == []
        app.theme = "bear-light"
        await pilot.press("1")
        await pilot.pause()
        assert styled


async def test_a_screen_is_styled_for_its_size_before_there_is_anything_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    compose = ResultsScreen.compose_body

    def seen(screen: ResultsScreen) -> Any:
        found.append(set(screen.classes))
        return compose(screen)

    monkeypatch.setattr(ResultsScreen, "compose_body", seen)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        assert found == [{"-wide", "-tall"}]
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: set(app.screen.classes) == {"-narrow", "-low"})


async def test_a_screen_is_laid_out_for_a_window_that_changed_meanwhile(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "4")
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.press("3")
        await until(pilot, lambda: app.screen.size == (80, 24) and app.screen.has_class("-narrow"))


async def test_a_screen_that_nobody_has_seen_reads_nothing(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run-1", predictions(38, 2))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while mount_next(app):
            await pilot.pause()
        app.shown_run.set(folder)
        await pilot.pause(0.5)
        found = {type(stack[0]): stack[0] for stack in app._screen_stacks.values()}
        model, train, results, runs = (
            found[kind] for kind in (ModelScreen, TrainScreen, ResultsScreen, RunsScreen)
        )
        assert isinstance(model, ModelScreen)
        assert model.query_one(LayerReader).asked is None, "no layers were asked for"
        assert isinstance(train, TrainScreen)
        assert train.path_here() is None
        assert isinstance(results, ResultsScreen)
        assert results.loader.folder is None
        assert isinstance(runs, RunsScreen)
        assert runs._listed == []


async def test_what_a_screen_has_missed_it_hears_when_it_is_seen(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run-1", predictions(38, 2))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while mount_next(app):
            await pilot.pause()
        app.shown_run.set(folder)
        await pilot.press("3")
        await until(pilot, lambda: folder.run in shown(app))
        await pilot.press("1")
        app.shown_run.set(None)
        await pilot.press("3")
        await until(pilot, lambda: "Nothing is training yet" in shown(app))
        await pilot.press("1")
        app.shown_run.set(folder)
        await pilot.press("4")
        await until(pilot, lambda: "95" in shown(app))
