"""Decisions on a slow disk, or one that refuses: seen at once, written in order, told truly."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bear_tui.data.decisions import (
    OUT,
    Decisions,
    read_decisions,
    write_corrections,
    write_decisions,
)
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.suspects import SuspectsScreen
from bear_tui.tui.session import decisions, engine, run_photos
from bear_tui.tui.session.autosave import OrderedWork, SavedValue
from bear_tui.tui.widgets.finding_list import FindingList
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders, settle
from tests.tui.test_gallery_screen import a_run, app_on, corrections_of
from tests.tui.test_gallery_screen import opened as gallery_opened
from tests.tui.test_suspects_screen import three_suspects


class SlowDisk:
    """Writes when it is let go; the first one takes longer than those after it."""

    def __init__(self, write: Callable[..., None]) -> None:
        self.write = write
        self.goes = threading.Event()
        self.began = 0

    def __call__(self, *what: Any) -> None:
        self.began += 1
        first = self.began == 1
        self.goes.wait(20)
        if first:
            threading.Event().wait(0.3)
        self.write(*what)


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(engine, "layers", lambda *_: [])
    monkeypatch.setattr(engine, "suspects", three_suspects)
    source = class_folders(tmp_path / "photos")
    carry_out(plan(take_inventory(source), tmp_path / "data", Quota(hold_out=2)))
    return tmp_path / "data"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    slow = SlowDisk(write_decisions)
    monkeypatch.setattr(decisions, "write_decisions", slow)
    yield slow
    slow.goes.set()


def decided(folder: Path) -> dict[str, str]:
    return {Path(name).name: label for name, label in read_decisions(folder).labels.items()}


async def test_what_is_asked_for_is_done_in_order_and_after_the_app_too(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    goes = threading.Event()
    done: list[object] = []

    def first() -> None:
        goes.wait(20)
        done.append("first")

    async with app.run_test() as pilot:
        app.writes.do(first, id, id)
        app.writes.do(lambda: done.append("second"), id, id)
        await pilot.pause()
        assert app.writes.busy
    assert done == []
    goes.set()
    app.writes.finish()
    assert done == ["first", "second"]


async def test_where_it_cannot_be_written_the_person_sees_what_is_there(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    written: list[int] = []

    def write(value: int) -> None:
        if value > 1:
            raise ZeroDivisionError("[/]")
        written.append(value)

    kept = SavedValue(0, write)
    told: list[str] = []
    kept.told = told.append
    async with app.run_test() as pilot:
        for value in (1, 2):
            kept.put(value, app.writes)
            assert kept.now == value
            await until(pilot, lambda: not app.writes.busy)
    assert (kept.now, kept.saved, written) == (1, 1, [1])
    assert told[0] == ""
    assert "This went wrong: ZeroDivisionError: [/]" in told[1]


async def test_two_quick_decisions_reach_a_slow_disk_in_their_order(
    tmp_path: Path, prepared: Path, disk: SlowDisk
) -> None:
    for name in ("wrong.jpg", "broken.jpg"):
        (prepared / "train" / "bear" / name).write_text("hello")
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, DatasetScreen)
        screen.open_folder(prepared)
        await settle(pilot)
        await pilot.press("tab", "space", "down", "space")
        await until(pilot, lambda: disk.began > 0 and "2 decisions: saving" in shown(app))
        assert decided(prepared) == {}
        disk.goes.set()
        await until(pilot, lambda: "2 decisions: kept in the manifest" in shown(app))
        assert decided(prepared) == {"wrong.jpg": OUT, "broken.jpg": OUT}
        await settle(pilot)
        assert decided(prepared) == {"wrong.jpg": OUT, "broken.jpg": OUT}


async def test_no_key_waits_for_the_disk_among_suspects_and_saved_is_what_is_saved(
    tmp_path: Path, prepared: Path, disk: SlowDisk
) -> None:
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, DatasetScreen)
        screen.open_folder(prepared)
        await settle(pilot)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, SuspectsScreen))
        await until(pilot, lambda: app.screen.query_one(FindingList).count() == 3)
        await pilot.press("m", "down", "x")
        await until(pilot, lambda: "[→ not_bear]" in shown(app) and "[left out]" in shown(app))
        assert "2 decisions: saving" in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen and "2 decisions: saving" in shown(app))
        disk.goes.set()
        await until(pilot, lambda: "2 decisions: kept in the manifest" in shown(app))
        assert sorted(decided(prepared).values()) == [OUT, "not_bear"]
        await settle(pilot)
        assert screen.chosen is not None
        parts = screen.chosen
        photos = (*parts.train, *parts.validation, *parts.test)
        assert sum(photo.label == "bear" for photo in photos) == 10


async def test_a_folder_that_is_read_again_has_what_was_decided_just_before(
    tmp_path: Path, prepared: Path, disk: SlowDisk
) -> None:
    (prepared / "train" / "bear" / "wrong.jpg").write_text("hello")
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, DatasetScreen)
        screen.open_folder(prepared)
        await settle(pilot)
        await pilot.press("tab", "space")
        screen.open_folder(prepared)
        await pilot.pause(0.2)
        disk.goes.set()
        await settle(pilot)
        assert len(screen.decisions.decided.decisions) == 1
        assert "1 decision: kept in the manifest" in shown(app)


async def test_a_decision_that_is_refused_is_taken_back_on_the_screen(
    tmp_path: Path, prepared: Path
) -> None:
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, DatasetScreen)
        screen.open_folder(prepared)
        await settle(pilot)
        await pilot.press("i")
        await settle(pilot)
        (prepared / "manifest.json").unlink()
        await pilot.press("x")
        await settle(pilot)
        words = " ".join(shown(app).replace("│", " ").split())  # it may go over two lines
        assert "only a prepared folder keeps decisions" in words
        assert "left out" not in shown(app)
        assert screen.decisions.decided.decisions == Decisions(prepared)


async def test_a_training_begins_when_what_was_decided_is_written(
    tmp_path: Path, prepared: Path, disk: SlowDisk
) -> None:
    seen: list[dict[str, str]] = []

    def fit(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        seen.append(decided(prepared))
        yield from scripted.completed()

    app = BearApp(runs=tmp_path / "runs", fit=fit)
    async with app.run_test() as pilot:
        kept = SavedValue(decisions.decided_about(prepared), decisions.keep)
        photo = take_inventory(prepared).photos[0].path
        kept.put(kept.now.toggled(photo), app.writes)
        app.training.start(default_recipe(str(prepared), "mlp"))
        await pilot.pause(0.1)
        assert seen == []
        disk.goes.set()
        await until(pilot, lambda: bool(seen))
    assert seen == [{photo.name: OUT}]


async def test_no_key_waits_for_the_disk_on_a_runs_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(write_corrections)
    monkeypatch.setattr(run_photos, "write_corrections", disk)
    run = a_run(tmp_path)
    app = app_on(run)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await gallery_opened(pilot, app)
        await pilot.press("m", "right", "x")
        await until(pilot, lambda: "→ bear" in shown(app) and "✗ left out" in shown(app))
        assert corrections_of(run) == {}
        await pilot.press("z")
        await until(pilot, lambda: "✗ left out" not in shown(app))
        disk.goes.set()
        await until(pilot, lambda: not app.writes.busy)
        assert corrections_of(run) == {"test/not_bear/01.png": "bear"}
        shutil.rmtree(run.path)
        await pilot.press("z")
        await until(pilot, lambda: len(app._notifications) == 1)
        await until(pilot, lambda: "→ bear" in shown(app) or "1 corrected" in shown(app))


async def test_the_line_serves_other_work_after_what_broke(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test() as pilot:
        line = OrderedWork(app.call_later)
        told: list[object] = []
        line.do(lambda: 1 / 0, told.append, told.append)
        line.do(lambda: 2, told.append, told.append)
        await until(pilot, lambda: not line.busy)
    assert "ZeroDivisionError" in str(told[0])
    assert told[1] == 2
