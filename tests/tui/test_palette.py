"""The palette, with keys that come faster than it works."""

from pathlib import Path

import pytest
from textual.command import CommandList
from textual.events import Click
from textual.pilot import Pilot
from textual.widgets import OptionList

from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dialogs import LeaveScreen
from bear_tui.tui.screens.keys import KeysScreen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.toolkit.palette import Palette
from tests.tui.app_screen import shown, until

pytestmark = pytest.mark.replaces("palette", "key_queue")


async def test_a_search_that_closing_overtakes_ends_itself_and_not_the_app(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        palette = app.screen
        assert isinstance(palette, Palette)
        await palette.query_one(CommandList).remove()
        worker = palette._gather_commands("tr")
        await until(pilot, lambda: worker.is_finished)
        assert worker.error is not None
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not palette)
        assert app.is_running


async def test_the_palette_opens_again_however_fast_it_is_closed(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(8):
            await pilot.press("ctrl+p", "t", "r", "escape")
        await pilot.press("ctrl+p", "q", "u", "i", "t")
        await until(pilot, lambda: "quit" in shown(app).lower())
        assert isinstance(app.screen, Palette)


@pytest.mark.parametrize("key", ["pageup", "pagedown"])
async def test_a_page_is_turned_in_a_list_that_has_no_lines_yet(tmp_path: Path, key: str) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        palette = app.screen
        assert isinstance(palette, Palette)
        found = palette.query_one(CommandList)
        await until(pilot, lambda: found.option_count > 0)
        for options in (found, await _question_without_room(app, pilot)):
            options.styles.height = 0
            await until(pilot, lambda options=options: not options.size.height)  # type: ignore[misc]
            options.clear_options().add_options("abc")
            options.highlighted = 1
            await pilot.press(key)
            assert app.is_running
            assert options.highlighted == 1


async def _question_without_room(app: BearApp, pilot: Pilot[int]) -> OptionList:
    await pilot.press("escape")
    app.push_screen(LeaveScreen())
    await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
    await until(pilot, lambda: bool(app.screen.query(OptionList)))
    return app.screen.query_one(OptionList)


async def test_the_sheet_of_keys_never_lies_over_itself(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press("f1", "f1")
        assert len(app.screen_stack) == len(set(app.screen_stack)) == 3
        for _ in range(4):
            await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert "start from" in shown(app)


@pytest.mark.parametrize("drawn_anew", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
async def test_three_that_lie_over_each_other_are_drawn_whichever_was_drawn_before(
    tmp_path: Path, drawn_anew: tuple[int, ...]
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(LeaveScreen())
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        before, over = shown(app), app.screen_stack[1:]
        for screen in over:
            screen._set_dirty()
        for number in drawn_anew:
            over[number]._layout_cache.clear()
        app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        assert shown(app) == before


async def test_keys_are_shown_while_their_sheet_lies_over_another_screen(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        app.switch_mode("runs")  # as a run that has ended opens a screen of its own accord
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await until(pilot, lambda: "all four of the ladder" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        app.switch_mode("dataset")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await pilot.press("escape")
        await until(pilot, lambda: "start from" in shown(app))


async def test_the_list_of_themes_has_the_keys_of_the_palette(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.search_themes()
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press(*"bear-light")
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count == 1)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await pilot.press("escape", "enter", "enter")
        await until(pilot, lambda: app.theme == "bear-light")


async def test_a_click_beside_a_window_that_became_smaller_is_none(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        palette = app.screen
        far = (110, 38)
        await pilot.resize_terminal(40, 10)
        palette.post_message(Click(palette, *far, 0, 0, 1, False, False, False, *far))
        await pilot.pause()
        assert app.is_running
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not palette)
