"""Photos whose label looks wrong: looked at, moved, left out and taken back, by keyboard alone."""

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from bear_tui.data.dataset import open_dataset
from bear_tui.data.decisions import OUT, read_decisions
from bear_tui.data.folders.inventory import Photo, take_inventory
from bear_tui.data.parallel import stop_if
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from bear_tui.data.suspect import Suspect
from bear_tui.errors import BadInput
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.suspects import SuspectsScreen
from bear_tui.tui.session import engine
from bear_tui.tui.widgets.finding_list import FindingList
from bear_tui.tui.widgets.keybar import KeyBar
from bear_tui.tui.widgets.photo_pane import PhotoPane
from tests.tui.photo_folders import HOSTILE, class_folders, settle

REAL_SEARCH = engine.suspects
CLASSES = ("bear", "cat", "not_bear")


def three_suspects(
    photos: Sequence[Photo],
    _classes: Sequence[str],
    progress: Callable[[int, int], None],
    _cancelled: threading.Event,
) -> tuple[list[Suspect], str]:
    """The first three bears, as if they looked like something else."""
    progress(len(photos), len(photos))
    bears = [photo for photo in photos if photo.label == "bear"][:3]
    return [
        Suspect(photo, "not_bear", 0.9 - number / 4) for number, photo in enumerate(bears)
    ], "by the features of a model"


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "layers", lambda *_: [])
    monkeypatch.setattr(engine, "suspects", three_suspects)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BearApp:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return BearApp(runs=tmp_path / "runs")


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    source = class_folders(tmp_path / "photos", names=CLASSES)
    carry_out(plan(take_inventory(source), tmp_path / "data", Quota(hold_out=2)))
    return tmp_path / "data"


async def opened(app: BearApp, pilot: Pilot[Any], folder: Path) -> DatasetScreen:
    screen = app.screen
    assert isinstance(screen, DatasetScreen)
    screen.open_folder(folder)
    await settle(pilot)
    return screen


def text(screen: Any, selector: str) -> str:
    return str(screen.query_one(selector, Static).render())


def rows(widget: Any) -> list[str]:
    lines = [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
    return [line for line in lines if line]


def labels(folder: Path) -> dict[str, int]:
    dataset = open_dataset(folder)
    photos = (*dataset.train, *dataset.validation, *dataset.test)
    return {name: sum(photo.label == name for photo in photos) for name in dataset.classes}


def decided(folder: Path) -> dict[Path, str]:
    return {folder / name: label for name, label in read_decisions(folder).labels.items()}


async def test_a_suspect_is_moved_left_out_and_taken_back(app: BearApp, prepared: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, prepared)
        await pilot.press("i")
        await settle(pilot)
        sheet = app.screen
        assert isinstance(sheet, SuspectsScreen)
        listed = sheet.query_one(FindingList)
        assert [line.split()[:4] for line in rows(listed)] == [
            ["0.90", "bear", "→", "not_bear"],
            ["0.65", "bear", "→", "not_bear"],
            ["0.40", "bear", "→", "not_bear"],
        ]
        assert text(sheet, "#how") == "Found by the features of a model."
        first, second = listed.items[0].photo.path, listed.items[1].photo.path
        await pilot.press("m", "down", "x", "down", "x", "z")
        await settle(pilot)
        assert rows(listed)[0].startswith("0.90 [→ not_bear]")
        assert rows(listed)[1].startswith("0.65 [left out]")
        assert rows(listed)[2].startswith("0.40 bear")
        assert decided(prepared) == {first: "not_bear", second: OUT}
        assert labels(prepared) == {"bear": 10, "cat": 12, "not_bear": 13}
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen
        assert "2 decisions: kept in the manifest" in text(screen, "#table-note")
        # Read again, the folder lists what was decided; there it is taken back.
        screen.open_folder(prepared)
        await settle(pilot)
        assert screen.query_one("#problems").border_title == "problems · 2 decided"
        assert "[→ not_bear]" in rows(screen.query_one("#problem-list"))[0]
        await pilot.press("tab", "space")
        await settle(pilot)
        assert decided(prepared) == {second: OUT}
        assert labels(prepared) == {"bear": 11, "cat": 12, "not_bear": 12}


async def test_moving_again_goes_to_the_next_class_and_after_the_last_back(
    app: BearApp, prepared: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, prepared)
        await pilot.press("i")
        await settle(pilot)
        seen: list[str] = []
        for _ in range(4):
            await pilot.press("m")
            await settle(pilot)
            seen += decided(prepared).values() or ["as it is"]
        assert seen == ["not_bear", "cat", "as it is", "not_bear"]


async def test_z_takes_back_the_last_decision_and_x_its_own_as_on_other_screens(
    app: BearApp, prepared: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, prepared)
        await pilot.press("i")
        await settle(pilot)
        listed = app.screen.query_one(FindingList)
        first, second = listed.items[0].photo.path, listed.items[1].photo.path
        await pilot.press("x", "down", "m", "up", "z")
        await settle(pilot)
        assert decided(prepared) == {first: OUT}, "not what is under the cursor: what came last"
        await pilot.press("x")
        await settle(pilot)
        assert decided(prepared) == {}
        await pilot.press("z", "z", "z")
        await settle(pilot)
        assert decided(prepared) == {}
        await pilot.press("down", "x", "escape")
        await settle(pilot)
        assert decided(prepared) == {second: OUT}
        await pilot.press("z")
        await settle(pilot)
        assert app.screen is screen
        assert decided(prepared) == {}


async def test_decisions_about_other_folders_are_carried_out_when_preparing(
    app: BearApp, tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / "photos", names=CLASSES)
    before = {path: path.read_bytes() for path in folder.rglob("*.png")}
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, folder)
        await pilot.press("i")
        await settle(pilot)
        await pilot.press("m", "down", "x", "escape")
        await settle(pilot)
        assert "2 decisions: kept for training and for p" in text(screen, "#table-note")
        await pilot.press("p", "ctrl+r")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot, turns=5)
        made = json.loads((tmp_path / "photos-prepared" / "manifest.json").read_text())
    assert made["classes"]["bear"] == {"train": 5, "test": 5}
    assert made["classes"]["not_bear"] == {"train": 8, "test": 5}
    assert [one["kind"] for one in made["excluded"]] == ["excluded"]
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == before


@pytest.mark.parametrize("key", ["space", "x"])
async def test_the_photo_of_a_problem_is_left_out(app: BearApp, prepared: Path, key: str) -> None:
    (prepared / "train" / "bear" / "wrong.jpg").write_text("hello")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, prepared)
        await pilot.press("tab", key)
        await settle(pilot)
        wrong = prepared / "train" / "bear" / "wrong.jpg"
        assert decided(prepared) == {wrong: OUT}
        assert "left out" in rows(screen.query_one("#problem-list"))[0]
        await pilot.press(key)
        await settle(pilot)
        assert decided(prepared) == {}
        await pilot.press("z")
        await settle(pilot)
        assert decided(prepared) == {wrong: OUT}


async def test_the_photo_under_the_cursor_is_shown(app: BearApp, prepared: Path) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot, prepared)
        await pilot.press("i")
        await settle(pilot)
        await pilot.press("down")
        await settle(pilot)
        pane = app.screen.query_one(PhotoPane)
        assert str(pane.query_one("#detail", Static).render()) == "65% not_bear; its label is bear"
        assert "bear/bear_" in str(pane.query_one("#caption-is", Static).render())


async def test_the_path_of_a_suspect_and_the_whole_list_are_copied(
    app: BearApp, prepared: Path
) -> None:
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(app, pilot, prepared)
        await pilot.press("i")
        await settle(pilot)
        assert "y copy path" in app.screen.query_one(KeyBar).render().plain
        listed = app.screen.query_one(FindingList)
        await pilot.press("x", "down", "y")
        assert app.clipboard == str(listed.items[1].photo.path)
        await pilot.press("Y")
        first, *others = [line.split("\t") for line in app.clipboard.split("\n")]
        path = listed.items[0].photo.path
        assert first == [str(path), "0.90", "left out", "bear → not_bear", path.name]
        assert len(others) == 2


async def test_escape_stops_looking_and_a_refusal_is_a_sentence(
    app: BearApp, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*arguments: Any) -> tuple[list[Suspect], str]:
        arguments[3].wait(10)
        stop_if(arguments[3])
        raise AssertionError

    def refused(*_: Any) -> tuple[list[Suspect], str]:
        raise BadInput(f"no use: {HOSTILE}")

    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, prepared)
        monkeypatch.setattr(engine, "suspects", endless)
        await pilot.press("i")
        await pilot.pause()
        await pilot.press("escape")
        await settle(pilot)
        assert text(app.screen, "#how").startswith("! Stopped before the end")
        keys = {key for key, active in app.screen.active_bindings.items() if active.enabled}
        assert not keys & {"m", "x", "v", "y"}, "there is no photo that they could be about"
        await pilot.press("escape")
        monkeypatch.setattr(engine, "suspects", refused)
        await pilot.press("i")
        await settle(pilot)
        assert "no use: e\ufffd[31mvil[red]\ufffdgnp" in text(app.screen, "#how")


async def test_the_real_search_comes_through_the_feed(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bear_tui.engine.suspects import inspection

    monkeypatch.setattr(inspection, "_EPOCHS", 1)
    photos = take_inventory(prepared).photos
    found, how = REAL_SEARCH(photos, CLASSES, lambda *_: None, threading.Event())
    assert "without pretrained weights" in how
    assert all(one.photo.label != one.suggested for one in found)
