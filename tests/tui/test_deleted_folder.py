"""The app where the folder that it was started in is gone, and its own folders cannot be made."""

from pathlib import Path

import pytest

from bear_tui.tui.app import BearApp
from bear_tui.tui.toolkit.output import app_log
from tests.tui.app_screen import shown, until


async def test_the_app_opens_in_a_folder_that_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "1 Dataset" in shown(app))
        await pilot.press("5")
        await until(pilot, lambda: "No runs yet" in shown(app))
    monkeypatch.undo()


def test_what_the_app_would_log_goes_nowhere_where_no_folder_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "below"))
    assert app_log() == Path("/dev/null")
