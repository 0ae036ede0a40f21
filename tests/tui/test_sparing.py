"""What a screen costs: sheets parsed once, pictures painted once, nothing while nobody sees it."""

from pathlib import Path
from typing import Any

import pytest
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.css.parse import parse
from textual.widgets import Static

from bear_tui.tui.app import BearApp
from bear_tui.tui.ready import mount_next
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.screens.results import ResultsScreen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.widgets.header import Header
from bear_tui.tui.widgets.layer_reader import LayerReader
from tests.tui.stage import shown, until
from tests.unit.little_runs import answered, little_run


async def test_a_sheet_is_parsed_once_for_a_theme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[tuple[str, str]] = []

    def counted(scope: str, css: str, *rest: Any, **more: Any) -> Any:
        parsed.append((scope, css))
        return parse(scope, css, *rest, **more)

    monkeypatch.setattr("textual.css.stylesheet.parse", counted)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "3", "4", "5", "1")
        await pilot.pause()
        # Textual adds a few anew, with another weight.
        assert len(parsed) < 1.2 * len(set(parsed))
        before = app.screen.styles.background
        parsed.clear()
        app.theme = "bear-light"
        await pilot.pause()
        assert parsed, "other variables, other rules"
        assert app.screen.styles.background != before


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


async def test_a_screen_that_is_gone_to_is_drawn_and_laid_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path)
    drawn: list[int] = []

    def draw(_app: Any, _screen: Any, update: Any) -> None:
        if isinstance(update, CompositorUpdate):
            drawn.append(len(update.render_segments(app.console)))

    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "4")
        await pilot.pause(0.3)
        monkeypatch.setattr(App, "_display", draw)
        await pilot.press("3")
        await pilot.pause(0.3)
        assert len(drawn) == 1
        assert "Nothing is training yet" in shown(app)


async def test_a_screen_is_laid_out_for_a_window_that_changed_meanwhile(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "4")
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.press("3")
        await until(pilot, lambda: app.screen.size == (80, 24) and app.screen.has_class("-narrow"))


async def test_a_screen_that_nobody_has_seen_reads_nothing(tmp_path: Path) -> None:
    folder = little_run(tmp_path / "run-1", answered(38, 2))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while mount_next(app):
            await pilot.pause()
        app.run_folder = folder
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
        assert results._folder is None
        assert isinstance(runs, RunsScreen)
        assert runs._listed == []


async def test_what_a_screen_has_missed_it_hears_when_it_is_seen(tmp_path: Path) -> None:
    folder = little_run(tmp_path / "run-1", answered(38, 2))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while mount_next(app):
            await pilot.pause()
        app.run_folder = folder
        await pilot.press("3")
        await until(pilot, lambda: folder.run in shown(app))
        await pilot.press("1")
        app.run_folder = None
        await pilot.press("3")
        await until(pilot, lambda: "Nothing is training yet" in shown(app))
        await pilot.press("1")
        app.run_folder = folder
        await pilot.press("4")
        await until(pilot, lambda: "95" in shown(app))


async def test_no_piece_of_a_text_is_searched_for_links_but_the_headers() -> None:
    app = BearApp()
    async with app.run_test(size=(120, 40)) as pilot:
        for key in "12345":
            await pilot.press(key)
            await pilot.pause()
            searched = {type(one) for one in app.screen.query(Static) if one.auto_links}
            assert searched == {Header}
