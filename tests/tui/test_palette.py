"""The palette, with keys that come faster than it works."""

from pathlib import Path

from textual.command import CommandList

from bear_tui.tui.app import BearApp
from bear_tui.tui.palette import Palette
from tests.tui.stage import shown, until


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
