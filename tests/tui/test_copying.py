"""Copying out of the app: what reaches the terminal is OSC 52 with the path or the table."""

import base64
import sys
from pathlib import Path

import pytest

from bear_tui.tui.app import BearApp
from tests.benchmarks.terminal import terminal
from tests.tui import story
from tests.tui.stage import shown, until
from tests.tui.test_runs_screen import make


async def test_a_path_and_a_table_are_copied_and_said(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", story.completed(), 1e9)
    make(tmp_path, "old-2222", story.completed(), 5e8)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "2 runs" in shown(app))
        await pilot.press("y")
        assert app.clipboard == str(folder.path)
        await until(pilot, lambda: "set-clipboard on" in shown(app))
        await pilot.press("Y")
        heading, first, second = app.clipboard.split("\n")
        assert heading.split("\t")[:3] == ["run", "status", "epochs"]
        assert first.split("\t")[0] == "done-1111"
        assert second.split("\t")[4] == "95.0%"
        await until(pilot, lambda: "Copied the table, 2 rows" in shown(app))


async def test_what_would_do_harm_when_pasted_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "a\nrm -rf \udcff\x1b", story.completed(), 1e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "1 run in" in shown(app))
        await pilot.press("y")
        assert app.clipboard.endswith("/a rm -rf ��")


async def test_where_there_is_nothing_it_says_so(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("3", "y")
        await until(pilot, lambda: "nothing was copied" in shown(app))


@pytest.mark.slow
def test_a_real_terminal_is_given_the_path(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", story.completed(), 1e9)
    command = [sys.executable, "-m", "bear_tui", "--run", "last", "--runs", str(tmp_path)]
    with terminal(command, 80, 24, {}) as held:
        held.wait_for("test photos", 30)
        held.type("5")
        held.wait_for("1 run", 30)
        held.type("y")
        held.wait_for("\x1b]52;c;", 30)
        held.wait_for("Copied", 30)
        sent = held.painted.partition(b"\x1b]52;c;")[2].partition(b"\a")[0]
        assert base64.b64decode(sent).decode() == str(folder.path)
