"""Scenes of work under way, of cards, and of questions and notices: beside those of scenes.py."""

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from bear_tui.errors import PhotosChanged
from bear_tui.forecast import Estimate
from bear_tui.run.events import RunStopped
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dialogs import AskScreen, BrokenOffScreen
from bear_tui.tui.session import engine, gpu
from bear_tui.tui.session.gpu import Gpu
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.more_scenes import _on_coco
from tests.tui.scenes import Stage, _on_model, _opened, _results, _runs, _training, scene

CARDS = (
    Gpu(0, "NVIDIA H100 80GB HBM3", 0.83, int(9.8 * 2**30), 80 * 2**30, 61, 310.4),
    Gpu(1, "NVIDIA H100 80GB HBM3", 0.07, 12 * 2**30, 80 * 2**30, 38, 71.0),
)


def _until(app: BearApp, there: Any, part: str, *keys: str) -> Any:
    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: part in shown(app))

    return app, before


@scene
def prepare_planning(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.tui.screens.prepare.plan_of", stage.never)
    app = stage.app()
    return _until(app, _opened(app, stage.photos, "p"), "looking at every photo", "ctrl+r")


@scene
def coco_reading(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.data.coco.selection.read_instances", stage.never)
    app, there = _on_coco(stage, listed=False)

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        file = "~/photos/coco/instances_val2017.json"
        app.screen.query_one("#field-coco Input", Input).value = file
        await pilot.press("enter")
        await until(pilot, lambda: "reading the file" in shown(app))

    return app, before


@scene
def coco_downloading(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.data.coco.download.local_photos", stage.never)
    app, there = _on_coco(stage, "enter", "ctrl+r")
    return _until(app, there, "downloading", "ctrl+r")


@scene
def predict_loading(stage: Stage) -> Any:
    stage.patch.setattr(engine, "predictions", stage.never)
    app, there = _runs(stage, "Ask bears-vgg16", "p")

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        app.screen.query_one("#path").value = "~/photos/bears/bear"
        await pilot.press("enter")
        await until(pilot, lambda: "loading the model" in shown(app))

    return app, before


@scene
def results_suspects(stage: Stage) -> Any:
    stage.patch.setattr(engine, "run_suspects", stage.never)
    app, there = _results(stage)
    return _until(app, there, "looking for wrong labels", "i")


@scene
def model_estimate(stage: Stage) -> Any:
    stage.patch.setattr(engine, "estimate", lambda *_: Estimate(int(1.1e9), 95.0, 12.0))
    app, there = _on_model(stage, True, "h", "u")
    return _until(app, there, "about 1.1 GB")


@scene
def train_cards(stage: Stage) -> Any:
    stage.patch.setattr(gpu, "read_gpus", lambda: CARDS)
    return _training(stage, scripted.running(12), "GPU 1")


@scene
def train_test_question(stage: Stage) -> Any:
    return _training(stage, scripted.running(12), "Look at the test photos now?", "t")


@scene
def changed_photos_question(stage: Stage) -> Any:
    folder = stage.run("bears-mlp-1f2e", [*scripted.running(12), RunStopped("enough")], 1e9)

    def fit(*_: Any) -> Any:
        raise PhotosChanged("the photos have changed since this run was started.")

    app = BearApp(fit=fit)

    async def before(pilot: Pilot[Any]) -> None:
        app.training.resume(folder)
        await until(pilot, lambda: "have changed" in shown(app) and not app.training.running)
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.pause(0.6)

    return app, before


@scene
def broken_off_question(stage: Stage) -> Any:
    stage.patch.setattr(engine, "suspects", stage.never)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await _opened(app, stage.photos)(pilot)
        await pilot.press("i", "ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, BrokenOffScreen))

    return app, before


@scene
def notice_of_an_error(stage: Stage) -> Any:
    app, there = _results(stage)

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        # For longer than the scene takes, so that it stands there at every size.
        app.notify("The disk is full: make room, then try again.", severity="error", timeout=600)
        await until(pilot, lambda: "The disk is full" in shown(app))

    return app, before
