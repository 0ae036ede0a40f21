"""The last line of a screen over hours."""

import gc
import weakref
from pathlib import Path

from textual.widgets._footer import FooterKey

from bear_tui.tui.app import BearApp
from tests.tui.stage import until


async def test_keys_that_are_shown_no_more_are_let_go(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app.screen.query(FooterKey)))
        shown = [weakref.ref(key) for key in app.screen.query(FooterKey)]
        for _ in range(3):
            app.screen.refresh_bindings()
            await pilot.pause()

        def gone() -> bool:
            gc.collect()
            return not any(key() for key in shown)

        await until(pilot, gone)
        assert app.screen.query(FooterKey), "others stand there"
