"""Frames that were left out, painted later."""

from pathlib import Path
from typing import Any

import pytest
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.geometry import Region
from textual.widgets import Static

from bear_tui.tui.app import BearApp


@pytest.mark.parametrize("late", [Region(0, 0, 200, 60), Region(3, 2, 10, 1), Region(0, 50, 9, 1)])
async def test_what_was_left_out_before_the_window_shrank_is_painted_within_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: Region
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        painted: list[str] = []

        def paint(_screen: Any, update: Any) -> None:
            if isinstance(update, CompositorUpdate):
                painted.append(update.render_segments(app.console))

        monkeypatch.setattr(app, "_display", paint)
        app._postpone(app.screen, {late})
        app.action_paint_rest()
        assert len(painted) == (1 if late.y < 24 else 0)


async def test_lines_that_are_there_already_are_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path)
    sent: list[str] = []

    def send(_app: Any, _screen: Any, update: Any) -> None:
        if isinstance(update, CompositorUpdate):
            sent.append(update.render_segments(app.console))

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await pilot.pause()
        part = app.screen.query_one("#nothing", Static)
        part.update("one\ntwo\nthree")
        await pilot.pause(0.2)
        monkeypatch.setattr(App, "_display", send)
        part.update("one\ntwo\nfour!", layout=False)
        await pilot.pause(0.2)
        sent.clear()
        part.update("one\nTWO\nfour!", layout=False)
        await pilot.pause(0.2)
        part.update("one\nTWO\nfour!", layout=False)
        await pilot.pause(0.2)
        (only,) = [text for text in sent if text]
        assert "TWO" in only
        assert "four!" not in only
        app.screen.refresh()
        await pilot.pause(0.2)
        assert "four!" in sent[-1], "a whole picture is whole"
