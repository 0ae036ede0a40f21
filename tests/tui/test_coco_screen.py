"""COCO on screen 1 by keyboard alone: from a folder and from a server on this machine."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from bear_tui import paths
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.coco import CocoScreen
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.prepare import PrepareScreen
from bear_tui.tui.session import engine
from bear_tui.tui.widgets.category_rows import CategoryRows
from bear_tui.tui.widgets.class_table import ClassRows
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import HOSTILE, settle
from tests.unit.data.coco_files import instances, served


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "layers", lambda *_: [])


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BearApp:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return BearApp(runs=tmp_path / "runs")


async def fill(app: BearApp, pilot: Pilot[Any], name: str, text: object) -> None:
    field = app.screen.query_one(f"#field-{name} Input", Input)
    field.focus()
    await pilot.press("ctrl+u")
    field.insert_text_at_cursor(str(text))
    await pilot.pause()


async def listed(app: BearApp, pilot: Pilot[Any], coco: Path) -> CategoryRows:
    """The sheet, with the file's categories."""
    await pilot.press("down", "down", "enter")
    assert isinstance(app.screen, CocoScreen)
    await fill(app, pilot, "coco", coco)
    await pilot.press("enter")
    rows = app.screen.query_one(CategoryRows)
    await until(pilot, lambda: rows.has_focus)
    return rows


def value(app: BearApp, name: str) -> str:
    return app.screen.query_one(f"#field-{name} Input", Input).value


async def test_a_file_is_read_when_its_field_is_left_and_the_keyboard_stays(
    app: BearApp, tmp_path: Path
) -> None:
    coco = instances(tmp_path / "coco")
    (tmp_path / "broken.json").write_text("{")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down", "enter")
        await fill(app, pilot, "coco", tmp_path / "broken.json")
        await pilot.press("tab")
        images = app.screen.query_one("#field-images Input", Input)
        await until(pilot, lambda: "this is not a JSON file" in shown(app))
        assert images.has_focus
        await fill(app, pilot, "coco", coco)
        await pilot.press("tab")
        rows = app.screen.query_one(CategoryRows)
        await until(pilot, lambda: bool(rows.categories))
        assert images.has_focus


async def test_a_category_alone_is_a_class_of_its_name(app: BearApp, tmp_path: Path) -> None:
    coco = instances(tmp_path / "coco")
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, pilot, coco)
        await fill(app, pilot, "class", "bear")
        await pilot.press("enter")
        await pilot.pause()
        assert "x bear → bear" in shown(app)
        assert value(app, "class") == ""
        await fill(app, pilot, "class", "teddy=")
        await pilot.press("enter")
        assert "! type a category, or the class and its category" in shown(app)


async def test_categories_become_classes_and_a_prepared_folder(
    app: BearApp, tmp_path: Path
) -> None:
    coco = instances(tmp_path / "coco")
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await listed(app, pilot, coco)
        assert rows.categories == [("bear", 6), ("person", 9)]
        await pilot.press("enter")
        await pilot.pause()
        assert "x bear → bear" in shown(app)
        assert value(app, "rest") == "not_bear"
        await fill(app, pilot, "images", tmp_path / "coco" / "images")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(app.screen, PrepareScreen))
        assert "COCO: 6 bear, 9 not_bear" in shown(app)
        assert value(app, "out") == str(tmp_path / "here" / "coco-bear-not_bear")
        await fill(app, pilot, "hold-out", "2")
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "15 photos of 256 px" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DatasetScreen))
        await settle(pilot)
        assert app.screen.query_one(ClassRows).has_focus
    made = json.loads((tmp_path / "here" / "coco-bear-not_bear" / "manifest.json").read_text())
    assert made["classes"] == {
        "bear": {"train": 4, "test": 2},
        "not_bear": {"train": 7, "test": 2},
    }
    assert all("licence" in file["origin"] for file in made["files"])


async def test_a_download_is_told_first_and_photos_that_are_here_are_not_asked_for_again(
    app: BearApp, tmp_path: Path
) -> None:
    with served(tmp_path / "coco" / "images") as (url, asked):
        coco = instances(tmp_path / "coco", url)
        async with app.run_test(size=(80, 24)) as pilot:
            await listed(app, pilot, coco)
            await pilot.press("enter")
            await fill(app, pilot, "limit", "4")
            await pilot.press("ctrl+r")
            await until(pilot, lambda: "8 of them to download" in shown(app))
            assert asked == []
            await pilot.press("ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PrepareScreen))
            assert len(asked) == 8
            await pilot.press("escape")
            await settle(pilot)
            await pilot.press("c")
            await fill(app, pilot, "coco", coco)
            await pilot.press("enter")
            await until(pilot, lambda: app.screen.query_one(CategoryRows).has_focus)
            await pilot.press("enter")
            await fill(app, pilot, "limit", "4")
            await pilot.press("ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PrepareScreen))
    assert len(asked) == 8
    assert len([path for path in paths.coco_folder().rglob("*") if path.is_file()]) == 8


async def test_escape_stops_a_download_that_stalls(app: BearApp, tmp_path: Path) -> None:
    stalled = threading.Event()
    with served(tmp_path / "coco" / "images", stalled) as (url, _):
        coco = instances(tmp_path / "coco", url)
        async with app.run_test(size=(80, 24)) as pilot:
            await listed(app, pilot, coco)
            await pilot.press("enter", "ctrl+r")
            await until(pilot, lambda: "to download" in shown(app))
            await pilot.press("ctrl+r")
            await until(pilot, stalled.is_set)
            assert "downloading, esc stops" in shown(app)
            await pilot.press("escape")
            await until(pilot, lambda: "Stopped before the end" in shown(app), seconds=5)
            assert isinstance(app.screen, CocoScreen)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "no such file"),
        ("{", "this is not a JSON file"),
        ('{"images": 3}', "this is not an instances file of COCO"),
        (HOSTILE, "this is not a JSON file"),
    ],
)
async def test_a_file_that_is_no_coco_is_a_sentence_at_its_field(
    app: BearApp, tmp_path: Path, content: str | None, sentence: str
) -> None:
    path = tmp_path / f"{HOSTILE}.json"
    if content is not None:
        path.write_text(content)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        await fill(app, pilot, "coco", path)
        await pilot.press("enter")
        trouble = app.screen.query_one("#field-coco .trouble", Static)
        await until(pilot, lambda: sentence in str(trouble.render()))
        assert "\x1b" not in str(trouble.render())


async def test_what_cannot_be_chosen_is_a_sentence(app: BearApp, tmp_path: Path) -> None:
    coco = instances(tmp_path / "coco")
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, pilot, coco)
        await pilot.press("ctrl+r")
        assert "Choose a category for a class" in shown(app)
        await fill(app, pilot, "class", "polar=ice")
        await pilot.press("enter")
        assert "no photo shows ice; the list below shows what they show." in shown(app)
        await fill(app, pilot, "class", "polar=bear")
        await pilot.press("enter")
        assert "x bear → polar" in shown(app)
        await fill(app, pilot, "rest", "polar")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "a class has this name already" in shown(app))
        await fill(app, pilot, "limit", "x")
        await pilot.press("ctrl+r")
        assert "type a whole number, 1 or more." in shown(app)


async def test_a_path_that_leads_nowhere_is_told_when_its_field_is_left(
    app: BearApp, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("down", "down", "enter")
        await fill(app, pilot, "coco", tmp_path / "instnaces.json")
        await pilot.press("down")  # tab completes
        await until(pilot, lambda: "no such file: instnaces.json" in shown(app))
        await fill(app, pilot, "coco", tmp_path / "photos")
        await pilot.press("down")  # tab completes
        await until(pilot, lambda: "this is a folder: name the instances JSON" in shown(app))
        await fill(app, pilot, "images", tmp_path / "phtoos")
        await pilot.press("down")  # tab completes
        await until(pilot, lambda: "no such folder: phtoos" in shown(app))
        await fill(app, pilot, "images", tmp_path / "photos")
        await pilot.press("down")  # tab completes
        await until(pilot, lambda: "no such folder" not in shown(app))


async def test_a_typed_class_that_cannot_be_taken_stops_and_says_why(
    app: BearApp, tmp_path: Path
) -> None:
    coco = instances(tmp_path / "coco")
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, pilot, coco)
        await fill(app, pilot, "images", coco.parent / "images")
        app.screen.query_one(CategoryRows).focus()
        await pilot.press("enter")
        await fill(app, pilot, "class", "cats=cat")
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert isinstance(app.screen, CocoScreen), "no photos are taken without the cats"
        assert "no photo shows cat" in shown(app)
        assert value(app, "class") == "cats=cat"
