"""Scenes of Results and of the gallery, and of what opens over any screen."""

from typing import Any

from textual.pilot import Pilot

from bear_tui.run.events import RunStopped
from bear_tui.tui.session import engine
from bear_tui.tui.session.heat import Heat
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import settle
from tests.tui.scenes.fixture import Fixture, scene, then_press
from tests.tui.scenes.train import watched_run


def _results(fixture: Fixture, *keys: str) -> Any:
    folder = fixture.run("bears-mlp-1f2e", scripted.completed(12), 1e9)
    app = fixture.app(run=folder)

    async def prepare(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await settle(pilot)
        await until(pilot, lambda: "▀" in shown(app))
        await pilot.press(*keys)
        await settle(pilot)

    return app, prepare


@scene
def results_empty(fixture: Fixture) -> Any:
    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.press("4")
        await settle(pilot)

    return fixture.app(), prepare


@scene
def results_done(fixture: Fixture) -> Any:
    return _results(fixture, "m", "down", "x", "up", *["right_square_bracket"] * 4)


@scene
def results_matrix(fixture: Fixture) -> Any:
    return _results(fixture, "shift+tab", "right")


@scene
def results_untested(fixture: Fixture) -> Any:
    stopped = [*scripted.running(12), RunStopped("stopped on the Train screen")]
    app, opened = watched_run(fixture, stopped, "■ stop")

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("4")
        await until(pilot, lambda: "no test" in shown(app) or "not tested" in shown(app))

    return app, prepare


@scene
def results_unreadable(fixture: Fixture) -> Any:
    folder = fixture.run("bears-mlp-1f2e", scripted.completed(12), 1e9)
    folder.recipe_file.write_text("model = [[")
    app = fixture.app(run=folder)

    async def prepare(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "cannot be read" in shown(app))
        await settle(pilot)

    return app, prepare


@scene
def gallery(fixture: Fixture) -> Any:
    return _results(fixture, "enter", "m", "right", "x", "right")


@scene
def gallery_large(fixture: Fixture) -> Any:
    return _results(fixture, "enter", "enter")


@scene
def train_again_question(fixture: Fixture) -> Any:
    return _results(fixture, "m", "r")


@scene
def keys(fixture: Fixture) -> Any:
    return _results(fixture, "question_mark")


SIX = ("bear", "not_bear", "panda", "polar_bear", "teddy", "wolf")


HEAT: Heat = tuple(
    tuple(max(0.0, 1 - ((x - 2) ** 2 + (y - 2) ** 2) / 12) for x in range(7)) for y in range(7)
)
"""Most of it in the upper left."""


@scene
def results_reading(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.tui.screens.run_loader.read_run", fixture.never)
    app = fixture.app(run=fixture.run("bears-mlp-1f2e", scripted.completed(12), 1e9))

    async def prepare(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "Reading bears-mlp" in shown(app))

    return app, prepare


@scene
def results_six_classes(fixture: Fixture) -> Any:
    app = fixture.app(run=fixture.run("zoo-mlp-1f2e", scripted.completed(12, SIX), 1e9))

    async def prepare(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await until(pilot, lambda: "▀" in shown(app))
        await settle(pilot)

    return app, prepare


def _heat(fixture: Fixture, *keys: str) -> Any:
    fixture.patch.setattr(engine, "heat_maps", lambda _folder: lambda _photo, _name: HEAT)
    app, opened = _results(fixture, *keys)

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await until(pilot, lambda: "heat of not_bear: upper left" in shown(app))

    return app, prepare


@scene
def results_heat(fixture: Fixture) -> Any:
    return _heat(fixture, "g")


@scene
def gallery_heat(fixture: Fixture) -> Any:
    return _heat(fixture, "enter", "g")


@scene
def palette(fixture: Fixture) -> Any:
    app, opened = _results(fixture)

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "Dataset screen" in shown(app))
        await pilot.press(*"he")
        await until(pilot, lambda: "Heat" in shown(app))
        await settle(pilot)

    return app, prepare


@scene
def results_suspects(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "run_suspects", fixture.never)
    app, opened = _results(fixture)
    return then_press(app, opened, "looking for wrong labels", "i")


@scene
def notice_of_an_error(fixture: Fixture) -> Any:
    app, opened = _results(fixture)

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        # For longer than the scene takes, so that it stands there at every size.
        app.notify("The disk is full: make room, then try again.", severity="error", timeout=600)
        await until(pilot, lambda: "The disk is full" in shown(app))

    return app, prepare
