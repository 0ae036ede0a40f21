"""Scenes of the sheets, and of screens that read or cannot: beside those of scenes.py."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from bear_tui.data.parallel import Progress
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.session import engine
from bear_tui.tui.session.heat import Heat
from bear_tui.tui.widgets.category_rows import CategoryRows
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import settle
from tests.tui.scenes import Stage, _results, _runs, scene

SIX = ("bear", "not_bear", "panda", "polar_bear", "teddy", "wolf")
CATEGORIES = ("bear", "bird", "cat", "cow", "dog", "elephant", "horse", "person", "sheep", "zebra")
HEAT: Heat = tuple(
    tuple(max(0.0, 1 - ((x - 2) ** 2 + (y - 2) ** 2) / 12) for x in range(7)) for y in range(7)
)
"""Most of it in the upper left."""


# COCO


def _coco(stage: Stage) -> Path:
    """An instances file of 400 photos; the photos are not here."""
    file = stage.home / "photos" / "coco" / "instances_val2017.json"
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


def _on_coco(stage: Stage, *keys: str, listed: bool = True) -> Any:
    file = _coco(stage)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        if listed:
            app.screen.query_one("#field-coco Input", Input).value = f"~/photos/coco/{file.name}"
            await pilot.press("enter")
            await until(pilot, lambda: app.screen.query_one(CategoryRows).has_focus)
        await pilot.press(*keys)
        await settle(pilot)

    return app, before


@scene
def coco_first(stage: Stage) -> Any:
    return _on_coco(stage, listed=False)


@scene
def coco_categories(stage: Stage) -> Any:
    return _on_coco(stage, "enter", "down", "down", "enter", "down")


@scene
def coco_download_told(stage: Stage) -> Any:
    return _on_coco(stage, "enter", "ctrl+r")


@scene
def coco_error(stage: Stage) -> Any:
    return _on_coco(stage, *"/no/such.json", "enter", listed=False)


# Screens that read


@scene
def dataset_reading(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.data.folders.inventory.take_inventory", stage.never)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(stage.photos)
        await until(pilot, lambda: "reading" in shown(app))

    return app, before


@scene
def results_reading(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.tui.screens.run_loader.read_run", stage.never)
    app = stage.app(run=stage.run("bears-mlp-1f2e", scripted.completed(12), 1e9))

    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "Reading bears-mlp" in shown(app))

    return app, before


@scene
def runs_reading(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.tui.screens.runs.read_runs", stage.never)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until(pilot, lambda: "Reading the runs" in shown(app))

    return app, before


@scene
def runs_error(stage: Stage) -> Any:
    def refused(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    stage.patch.setattr("bear_tui.tui.screens.runs.read_runs", refused)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until(pilot, lambda: "ermission denied" in shown(app))

    return app, before


@scene
def compare_error(stage: Stage) -> Any:
    app, there = _runs(stage, "B bears-mlp", "space", "space")

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        (stage.runs / "bears-mlp-1f2e" / "recipe.toml").write_text("model = [[")
        await pilot.press("v")
        await until(pilot, lambda: "cannot be compared" in shown(app))

    return app, before


# Results


@scene
def results_six_classes(stage: Stage) -> Any:
    app = stage.app(run=stage.run("zoo-mlp-1f2e", scripted.completed(12, SIX), 1e9))

    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await until(pilot, lambda: "▀" in shown(app))
        await settle(pilot)

    return app, before


def _heat(stage: Stage, *keys: str) -> Any:
    stage.patch.setattr(engine, "heat_maps", lambda _folder: lambda _photo, _name: HEAT)
    app, there = _results(stage, *keys)

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        await until(pilot, lambda: "heat of not_bear: upper left" in shown(app))

    return app, before


@scene
def results_heat(stage: Stage) -> Any:
    return _heat(stage, "g")


@scene
def gallery_heat(stage: Stage) -> Any:
    return _heat(stage, "enter", "g")


# Over a screen


@scene
def sample_drawing(stage: Stage) -> Any:
    def drawn(_out: Path, progress: Progress, cancelled: object) -> None:  # noqa: ARG001
        progress(131, 480)
        stage.never()

    stage.patch.setattr("bear_tui.data.sample.write_sample", drawn)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "27%" in shown(app))

    return app, before


@scene
def saving(stage: Stage) -> Any:
    def slow(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        yield from scripted.running(12)
        stage.curtain.wait()

    app = BearApp(fit=slow)

    async def before(pilot: Pilot[Any]) -> None:
        app.training.start(stage.recipe)
        await until(pilot, lambda: "◆ 2" in shown(app))
        await pilot.press("q", "down", "down", "enter")
        await until(pilot, lambda: "Stopping and saving" in shown(app))
        await pilot.pause(0.6)

    return app, before


@scene
def palette(stage: Stage) -> Any:
    app, there = _results(stage)

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "Dataset screen" in shown(app))
        await pilot.press(*"he")
        await until(pilot, lambda: "Heat" in shown(app))
        await settle(pilot)

    return app, before
