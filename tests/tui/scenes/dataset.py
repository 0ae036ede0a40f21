"""Scenes of Dataset, and of its sheets to prepare photos and to find suspects."""

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from bear_tui import paths
from bear_tui.data.parallel import Progress
from bear_tui.data.suspect import Suspect
from bear_tui.errors import BadInput
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.dialogs import InterruptWorkScreen
from bear_tui.tui.session import engine, settings
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import settle
from tests.tui.scenes.fixture import Fixture, scene, then_press


@scene
def dataset_empty(fixture: Fixture) -> Any:
    return fixture.app(), settle


@scene
def dataset_used_before(fixture: Fixture) -> Any:
    known = settings.Settings(datasets=(str(fixture.photos), "/data/cats"), theme=fixture.theme)
    settings.save(known, paths.settings_file())
    return fixture.app(), settle


def _opened(app: BearApp, folder: Path, *keys: str) -> Any:
    async def prepare(pilot: Pilot[Any]) -> None:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(folder)
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return prepare


@scene
def dataset_error(fixture: Fixture) -> Any:
    app = fixture.app()
    return app, _opened(app, Path("/no/such/folder"))


@scene
def dataset_checking(fixture: Fixture) -> Any:
    from bear_tui.data.folders import check

    fixture.patch.setattr(check, "check", fixture.never)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(fixture.photos)
        await until(pilot, lambda: "esc stops" in shown(app) and "▀" in shown(app))

    return app, prepare


@scene
def dataset_done(fixture: Fixture) -> Any:
    app = fixture.app()
    return app, _opened(app, fixture.photos)


@scene
def dataset_problem(fixture: Fixture) -> Any:
    app = fixture.app()
    return app, _opened(app, fixture.photos, "tab")


@scene
def prepare_form(fixture: Fixture) -> Any:
    app = fixture.app()
    return app, _opened(app, fixture.photos, "p")


@scene
def prepare_error(fixture: Fixture) -> Any:
    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("p", "ctrl+r")
        await settle(pilot)

    return fixture.app(), prepare


@scene
def prepare_plan(fixture: Fixture) -> Any:
    app = fixture.app()
    return app, _opened(app, fixture.photos, "p", "ctrl+r")


@scene
def prepare_writing(fixture: Fixture) -> Any:
    from bear_tui.data.prepare import write

    fixture.patch.setattr(write, "carry_out", fixture.never)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await _opened(app, fixture.photos, "p", "ctrl+r")(pilot)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "writing to" in shown(app))

    return app, prepare


def _suspects(photos: Any, *_: Any) -> tuple[list[Suspect], str]:
    bears = [photo for photo in photos if photo.label == "bear"][:6]
    return [
        Suspect(one, "not_bear", 0.94 - number / 8) for number, one in enumerate(bears)
    ], "by the features of mobilenet_v2"


@scene
def suspects_found(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "suspects", _suspects)
    app = fixture.app()
    return app, _opened(app, fixture.photos, "i", "m", "down", "x", "down")


@scene
def suspects_none(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "suspects", lambda *_: ([], "by the features of mobilenet_v2"))
    app = fixture.app()
    return app, _opened(app, fixture.photos, "i")


@scene
def suspects_looking(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "suspects", fixture.never)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await _opened(app, fixture.photos)(pilot)
        await pilot.press("i")
        await until(pilot, lambda: "looking at every photo" in shown(app))

    return app, prepare


@scene
def suspects_error(fixture: Fixture) -> Any:
    def broken(*_: Any) -> Any:
        raise BadInput("bear: only one photo; each class needs two.")

    fixture.patch.setattr(engine, "suspects", broken)
    app = fixture.app()
    return app, _opened(app, fixture.photos, "i")


@scene
def dataset_reading(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.data.folders.inventory.take_inventory", fixture.never)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(fixture.photos)
        await until(pilot, lambda: "reading" in shown(app))

    return app, prepare


@scene
def sample_drawing(fixture: Fixture) -> Any:
    def drawn(_out: Path, progress: Progress, cancelled: object) -> None:  # noqa: ARG001
        progress(131, 480)
        fixture.never()

    fixture.patch.setattr("bear_tui.data.sample.write_sample", drawn)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "27%" in shown(app))

    return app, prepare


@scene
def prepare_planning(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.tui.screens.prepare.plan_of", fixture.never)
    app = fixture.app()
    return then_press(app, _opened(app, fixture.photos, "p"), "looking at every photo", "ctrl+r")


@scene
def broken_off_question(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "suspects", fixture.never)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await _opened(app, fixture.photos)(pilot)
        await pilot.press("i", "ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, InterruptWorkScreen))

    return app, prepare
