"""What a screen costs: sheets parsed once, pictures painted once, nothing while nobody sees it."""

from pathlib import Path
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.color import Color
from textual.css.parse import parse
from textual.geometry import Region
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.visual import RenderOptions
from textual.widgets import Static

from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.screens.keys import KeysScreen
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.screens.results import ResultsScreen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.toolkit.backdrop import Under
from bear_tui.tui.toolkit.cell_diff import Difference
from bear_tui.tui.toolkit.prerender import mount_next
from bear_tui.tui.widgets.header import Header
from bear_tui.tui.widgets.layer_reader import LayerReader
from tests.tui.app_screen import shown, until
from tests.unit.sample_runs import answered, sample_run


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


async def test_a_screen_that_is_come_back_to_is_not_styled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[object] = []
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
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


async def test_a_sheet_paints_once_and_then_what_changes_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path)
    painted: list[object] = []

    def paint(_app: Any, _screen: Any, update: Any) -> None:
        if isinstance(update, Difference):
            painted.append(update._update)

    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "question_mark", "escape")
        await until(pilot, lambda: "Nothing is training yet" in shown(app))
        await pilot.pause(0.3)
        below = app.screen
        text = below.query_one("#nothing", Static)
        monkeypatch.setattr(App, "_display", paint)
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen is not below)
        await pilot.pause(0.3)
        assert len(painted) == 1
        assert isinstance(painted.pop(), LayoutUpdate), "all of it"
        text.update("Something new", layout=False)
        await until(pilot, lambda: bool(painted))
        below.call_later(lambda: None)  # something that is heard and changes nothing
        await pilot.pause(0.3)
        assert len(painted) == 1
        (update,) = painted
        assert isinstance(update, ChopsUpdate)
        assert {y for y, _, _ in update.spans} == set(text.region.line_range)
        sent = "".join(strip.text for line in update.chops for strip in line.values() if strip)
        assert "Something new" in sent


async def test_what_changes_below_two_sheets_is_seen_through_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path)
    painted: list[str] = []

    def paint(_app: Any, _screen: Any, update: Any) -> None:
        if isinstance(update, Difference):
            painted.append("".join(strip.text for _, _, strip in update._strips()))

    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "Nothing is training yet" in shown(app))
        text = app.screen.query_one("#nothing", Static)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        app.push_screen(AskScreen("Really?", {"": "No"}))
        await until(pilot, lambda: "Really?" in shown(app))
        monkeypatch.setattr(App, "_display", paint)
        text.update("Something new", layout=False)
        await until(pilot, lambda: any("Something new" in one for one in painted))
        painted.clear()
        await pilot.resize_terminal(90, 30)
        await until(pilot, lambda: any("Something new" in one for one in painted))


async def test_a_screen_that_a_sheet_covers_does_not_have_it_painted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path)
    asked: list[Region] = []
    refresh = Screen.refresh

    def asked_for(screen: Screen[Any], *regions: Region, **more: Any) -> Any:
        asked.extend(regions)
        return refresh(screen, *regions, **more)

    monkeypatch.setattr(KeysScreen, "refresh", asked_for)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "Nothing is training yet" in shown(app))
        for _ in range(3):
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, KeysScreen))
            await pilot.pause(0.2)
            await pilot.press("escape")
            await pilot.pause(0.2)
        assert app.size.region not in asked


async def test_a_screen_below_a_sheet_looks_as_textual_would_tint_it(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "models" in shown(app))
        screen, tint = app.screen, Color(20, 19, 18, 0.6)
        options = RenderOptions(screen._get_style, {})
        sheet = AskScreen("Is it so?", {"": "It is"})
        await app.push_screen(sheet)
        lines = Under(sheet, tint).render_strips(120, 40, VisualStyle(), options)
        whole = app.console.options.update_dimensions(120, 40)
        textuals = app.console.render_lines(BackgroundScreen(screen, tint), whole)
        for line, segments in zip(lines, textuals, strict=True):
            assert line == Strip(segments)


async def test_a_screen_is_laid_out_for_a_window_that_changed_meanwhile(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "4")
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.press("3")
        await until(pilot, lambda: app.screen.size == (80, 24) and app.screen.has_class("-narrow"))


async def test_a_screen_that_nobody_has_seen_reads_nothing(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run-1", answered(38, 2))
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
    folder = sample_run(tmp_path / "run-1", answered(38, 2))
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


async def test_no_piece_of_a_text_is_searched_for_links_but_the_headers() -> None:
    app = BearApp()
    async with app.run_test(size=(120, 40)) as pilot:
        for key in "12345":
            await pilot.press(key)
            await pilot.pause()
            searched = {type(one) for one in app.screen.query(Static) if one.auto_links}
            assert searched == {Header}
