"""Texts that scroll: the keys they take, the line that says so, and what stands beside them."""

from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widget import Widget

from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.timeline import TimelineEntry
from bear_tui.tui.app import BearApp
from bear_tui.tui.widgets.events_pane import EventsPane, event_lines
from bear_tui.tui.widgets.logtail import LogPane
from tests.tui import scripted
from tests.tui.app_screen import shown, until


def training(runs: Path) -> BearApp:
    return BearApp(runs=runs, fit=scripted.fit_of(scripted.running(12), hold=True))


async def begin(pilot: Pilot[Any], app: BearApp) -> None:
    app.training.start(default_recipe("/photos", "mlp"))
    assert app.shown_run.value is not None
    app.shown_run.value.path.mkdir()
    app.shown_run.value.log_file.write_text("".join(f"line {number}\n" for number in range(300)))
    await until(pilot, lambda: "◆ 2" in shown(app))


def stop(app: BearApp) -> None:
    assert app.training.local_run is not None
    app.training.local_run.stop("test is over")


@pytest.mark.parametrize(("key", "kind"), [("l", LogPane), ("E", EventsPane)])
async def test_a_pane_beside_the_epochs_cuts_no_column_of_theirs(
    tmp_path: Path, key: str, kind: type[Widget]
) -> None:
    app = training(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot, app)
        await pilot.press(key)
        await until(pilot, lambda: app.screen.query_one(kind).has_focus)
        await pilot.pause(0.1)
        assert "4.1 s" in shown(app)
        assert " time " in shown(app)
        await pilot.resize_terminal(110, 40)
        await pilot.pause(0.1)
        assert "train loss" not in shown(app), "too narrow for both: the pane has it all"
        assert app.screen.query_one(kind).size.width > 100
        stop(app)


async def test_the_log_takes_vi_keys_and_shows_that_it_has_the_keyboard(tmp_path: Path) -> None:
    app = training(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot, app)
        await pilot.press("l")
        await until(pilot, lambda: "line 299" in shown(app))
        pane = app.screen.query_one(LogPane)
        assert "log.txt ─" in shown(app), "which file it is stays in sight at its end"
        focused = pane.styles.border_top
        await pilot.press("g")
        await until(pilot, lambda: "line 0 " in shown(app))
        await pilot.press("j", "j", "k")
        await until(pilot, lambda: pane.scroll_offset.y == 1)
        await pilot.press("G")
        await until(pilot, lambda: "line 299" in shown(app))
        app.screen.set_focus(None)
        await until(pilot, lambda: pane.styles.border_top != focused)
        stop(app)


def test_a_long_event_goes_on_under_its_words() -> None:
    long = TimelineEntry(12.0, "checked: 14,714,688 frozen unchanged, 119,554,050 moved")
    lines: Content = event_lines([TimelineEntry(1.0, "began"), long], 46)
    assert lines.plain.splitlines() == [
        "   0:12  checked: 14,714,688 frozen unchanged,",
        "         119,554,050 moved",
        "   0:01  began",
    ]
