"""Frames that were left out, painted later."""

from pathlib import Path
from typing import Any

import pytest
from textual._compositor import CompositorUpdate
from textual.geometry import Region

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
