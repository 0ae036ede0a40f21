"""Scenes of Runs, and of its sheets: compare, export, queue, predict."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from bear_tui import paths
from bear_tui.data.dataset import open_dataset
from bear_tui.errors import BadInput
from bear_tui.run.events import RunFailed, RunStopped
from bear_tui.run.results.prediction import Answer
from bear_tui.tui.session import engine
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import settle
from tests.tui.scenes.fixture import TWO, Fixture, scene


@scene
def runs_empty(fixture: Fixture) -> Any:
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until(pilot, lambda: "No runs yet" in shown(app))

    return app, prepare


def _runs(fixture: Fixture, part: str, *keys: str, ends: bool = True) -> Any:
    """`ends`: what the keys begin is waited for."""
    fixture.run("bears-vgg16-07aa", scripted.completed(12), 1.6e9, model="vgg16", unfreeze="head")
    fixture.run("bears-mlp-1f2e", scripted.completed(10), 1.5e9)
    failed = RunFailed("the disk is full; free some space.")
    fixture.run("bears-resnet18-9c01", [*scripted.running(), failed], 1.4e9, model="resnet18")
    stopped = [*scripted.running(), RunStopped("asked")]
    fixture.run("bears-vgg16-scratch-22b1", stopped, 1.3e9, model="vgg16-scratch")
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        app.photos.dataset.set(open_dataset(fixture.photos))
        await pilot.press("5")
        await until(pilot, lambda: "bears-vgg16-scratch-22b1" in shown(app))
        await pilot.press(*keys)
        await until(pilot, lambda: part in shown(app))
        if ends:
            await settle(pilot)

    return app, prepare


@scene
def runs_listed(fixture: Fixture) -> Any:
    return _runs(fixture, "B bears-mlp", "space", "space")


@scene
def compare(fixture: Fixture) -> Any:
    return _runs(fixture, "differs", "space", "space", "v")


@scene
def compare_reading(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.tui.screens.compare.compare", fixture.never)
    return _runs(fixture, "Reading the runs", "space", "space", "v", ends=False)


@scene
def delete_question(fixture: Fixture) -> Any:
    return _runs(fixture, "Delete", "D")


@scene
def ladder_question(fixture: Fixture) -> Any:
    return _runs(fixture, "ladder", "a")


@scene
def export(fixture: Fixture) -> Any:
    return _runs(fixture, "It is written to", "e")


@scene
def export_writing(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.tui.session.export.write", fixture.never)
    return _runs(fixture, "Writing", "e", "enter", ends=False)


@scene
def queue_empty(fixture: Fixture) -> Any:
    return _runs(fixture, "The queue is empty", "n")


@scene
def queue_taken_out(fixture: Fixture) -> Any:
    return _queue(fixture, "delete")


@scene
def queue_waiting(fixture: Fixture) -> Any:
    return _queue(fixture)


def _queue(fixture: Fixture, *keys: str) -> Any:
    app, opened = _runs(fixture, "4 runs")

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        app.training.start(fixture.recipe)
        for model in ("vgg16", "resnet18", "mobilenet_v2"):
            app.training.queue.add(replace(fixture.recipe, model=model, unfreeze="head"))
        await pilot.press("5", "n")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "waiting")
        await pilot.press("down", *keys)
        await settle(pilot)

    return app, prepare


def _asked(fixture: Fixture, told: Callable[[Path], Iterator[list[Answer]]], part: str) -> Any:
    fixture.patch.setattr(engine, "predictions", lambda _folder, path: (TWO, told(path)))
    app, opened = _runs(fixture, "Ask bears-vgg16", "p")

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        app.screen.query_one("#path").value = "~/photos/bears/bear"
        await pilot.press("enter")
        await until(pilot, lambda: part in shown(app))

    return app, prepare


@scene
def predict_empty(fixture: Fixture) -> Any:
    return _runs(fixture, "Ask bears-vgg16", "p")


@scene
def predict_done(fixture: Fixture) -> Any:
    def told(path: Path) -> Iterator[list[Answer]]:
        for number, one in enumerate(sorted(path.iterdir())):
            share = 0.5 + number / 30
            yield [
                Answer(one, error="truncated: no pixels")
                if one.suffix == ".jpg"
                else Answer(one, (share, 1 - share))
            ]

    return _asked(fixture, told, "3 sure")


@scene
def predict_error(fixture: Fixture) -> Any:
    def told(path: Path) -> Iterator[list[Answer]]:
        raise BadInput(f"{paths.short(path)}: no photo in this folder.")
        yield []

    return _asked(fixture, told, "no photo")


@scene
def runs_reading(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.tui.screens.runs.read_runs", fixture.never)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until(pilot, lambda: "Reading the runs" in shown(app))

    return app, prepare


@scene
def runs_error(fixture: Fixture) -> Any:
    def refused(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    fixture.patch.setattr("bear_tui.tui.screens.runs.read_runs", refused)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until(pilot, lambda: "ermission denied" in shown(app))

    return app, prepare


@scene
def compare_error(fixture: Fixture) -> Any:
    app, opened = _runs(fixture, "B bears-mlp", "space", "space")

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        (fixture.runs / "bears-mlp-1f2e" / "recipe.toml").write_text("model = [[")
        await pilot.press("v")
        await until(pilot, lambda: "cannot be compared" in shown(app))

    return app, prepare


@scene
def predict_loading(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "predictions", fixture.never)
    app, opened = _runs(fixture, "Ask bears-vgg16", "p")

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        app.screen.query_one("#path").value = "~/photos/bears/bear"
        await pilot.press("enter")
        await until(pilot, lambda: "loading the model" in shown(app))

    return app, prepare
