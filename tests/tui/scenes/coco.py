"""Scenes of the sheet that takes photos from COCO."""

import json
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from bear_tui.tui.widgets.category_rows import CategoryRows
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import settle
from tests.tui.scenes.fixture import Fixture, scene, then_press

CATEGORIES = ("bear", "bird", "cat", "cow", "dog", "elephant", "horse", "person", "sheep", "zebra")


def _coco(fixture: Fixture) -> Path:
    """An instances file of 400 photos; the photos are not here."""
    file = fixture.home / "photos" / "coco" / "instances_val2017.json"
    file.parent.mkdir(parents=True)
    images, annotations = [], []
    for number in range(400):
        name = f"{number:012}.jpg"
        images.append({"id": number, "file_name": name, "coco_url": f"http://images/{name}"})
        annotations += [
            {"image_id": number, "category_id": category, "iscrowd": 0}
            for category in sorted({number % 10, number % 7})
        ]
    categories = [{"id": number, "name": name} for number, name in enumerate(CATEGORIES)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    file.write_text(json.dumps(document))
    return file


def _on_coco(fixture: Fixture, *keys: str, listed: bool = True) -> Any:
    file = _coco(fixture)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        if listed:
            app.screen.query_one("#field-coco Input", Input).value = f"~/photos/coco/{file.name}"
            await pilot.press("enter")
            await until(pilot, lambda: app.screen.query_one(CategoryRows).has_focus)
        await pilot.press(*keys)
        await settle(pilot)

    return app, prepare


@scene
def coco_first(fixture: Fixture) -> Any:
    return _on_coco(fixture, listed=False)


@scene
def coco_categories(fixture: Fixture) -> Any:
    return _on_coco(fixture, "enter", "down", "down", "enter", "down")


@scene
def coco_download_told(fixture: Fixture) -> Any:
    return _on_coco(fixture, "enter", "ctrl+r")


@scene
def coco_error(fixture: Fixture) -> Any:
    return _on_coco(fixture, *"/no/such.json", "enter", listed=False)


@scene
def coco_reading(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.data.coco.selection.read_instances", fixture.never)
    app, opened = _on_coco(fixture, listed=False)

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        file = "~/photos/coco/instances_val2017.json"
        app.screen.query_one("#field-coco Input", Input).value = file
        await pilot.press("enter")
        await until(pilot, lambda: "reading the file" in shown(app))

    return app, prepare


@scene
def coco_downloading(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.data.coco.download.local_photos", fixture.never)
    app, opened = _on_coco(fixture, "enter", "ctrl+r")
    return then_press(app, opened, "downloading", "ctrl+r")
