"""Exporting a run from the app."""

import threading
from pathlib import Path

import pytest

from bear_tui.errors import BadInput
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.session import export
from tests.tui.app_screen import shown, until
from tests.unit.sample_runs import predictions, sample_run


async def test_a_page_is_written_from_screen_5_where_the_app_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_run(tmp_path / "runs" / "bears-1111", predictions(8, 2))
    monkeypatch.chdir(tmp_path)
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "bears-1111" in shown(app))
        await pilot.press("e")
        await until(pilot, lambda: "Export bears-1111" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "is written" in shown(app))
    assert "80.0%" in (tmp_path / "bears-1111.html").read_text()


async def test_what_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_run(tmp_path / "runs" / "bears-1111", predictions(8, 2))
    monkeypatch.chdir(tmp_path)
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(120, 24), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "bears-1111" in shown(app))
        await pilot.press("e", "end", "enter")  # the weights, of a run that has none
        await until(pilot, lambda: "checkpoint" in shown(app))
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


async def test_results_export_the_shown_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = sample_run(tmp_path / "runs" / "bears-1111", predictions(8, 2))
    monkeypatch.chdir(tmp_path)
    app = BearApp(runs=tmp_path / "runs", run=folder)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "95% interval" in shown(app))
        await pilot.press("e")
        await until(pilot, lambda: "Export bears-1111" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "is written" in shown(app))
    assert (tmp_path / "bears-1111-csv" / "classes.csv").is_file()


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run", predictions(8, 2))
    first = export.target(folder, "html", tmp_path)
    export.write(folder, "html", first)
    second = export.target(folder, "html", tmp_path)
    assert (first.name, second.name) == ("run.html", "run-1.html")


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run", predictions(8, 2))
    with pytest.raises(BadInput, match="no such kind"):
        export.write(folder, "docx", tmp_path / "a.docx")


async def test_what_is_being_written_can_be_left_and_is_told_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes_on: threading.Event
) -> None:
    sample_run(tmp_path / "runs" / "bears-1111", predictions(8, 2))
    monkeypatch.chdir(tmp_path)
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "bears-1111" in shown(app))
        await pilot.press("e", "enter")
        await until(pilot, lambda: "Writing bears-1111.html" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Writing" not in shown(app))
        goes_on.set()
        await until(pilot, lambda: "is written" in shown(app))
        assert not isinstance(app.screen, ExportScreen)
        assert "bears-1111" in shown(app)
    assert (tmp_path / "bears-1111.html").is_file()
