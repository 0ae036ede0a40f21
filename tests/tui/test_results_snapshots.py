"""How Results and its gallery look.

`pytest tests/tui/test_results_snapshots.py --snapshot-update` draws them anew; look at each.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from textual.pilot import Pilot

from tests.tui.little_folders import settle
from tests.tui.stage import shown, until
from tests.tui.test_gallery_screen import a_run, app_on, opened

Compare: TypeAlias = Callable[..., bool]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_results_done(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(a_run(tmp_path))

    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("m", "down", "x", "up", *["right_square_bracket"] * 4)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


def test_gallery_with_decisions(snap_compare: Compare, tmp_path: Path) -> None:
    app = app_on(a_run(tmp_path))

    async def before(pilot: Pilot[Any]) -> None:
        await opened(pilot, app)
        await pilot.press("m", "right", "x", "right")
        await settle(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)
