"""Scenes of Train, and of the questions about a training."""

from collections.abc import Iterator
from typing import Any

from textual.pilot import Pilot

from bear_tui.errors import PhotosChanged
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import EpochCompleted, Event, LayersProved, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.session import gpu
from bear_tui.tui.session.gpu import Gpu
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import settle
from tests.tui.scenes.fixture import Fixture, scene


def _in_training(fixture: Fixture, events: list[Event], part: str, *keys: str) -> Any:
    app = fixture.app(events)
    epochs = sum(isinstance(one, EpochCompleted) for one in events)

    async def prepare(pilot: Pilot[Any]) -> None:
        app.training.start(fixture.recipe)
        await until(pilot, lambda: "● running" in shown(app))
        learns = app.training.local_run
        assert learns is not None
        await until(pilot, lambda: learns.snapshot.state.epochs_done == epochs)
        # Charts and keys as they are then: below what is opened now they stay so.
        screen = app.screen
        assert isinstance(screen, TrainScreen)
        await until(pilot, lambda: screen.view.drawn is learns.snapshot.state)
        await until(pilot, lambda: "v smooth" in shown(app))
        await pilot.press(*keys)
        await until(pilot, lambda: part in shown(app))
        await pilot.pause(0.6)

    return app, prepare


def watched_run(fixture: Fixture, events: list[Event], part: str) -> Any:
    folder = fixture.run("bears-mlp-1f2e", events, 1e9)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("escape")
        app.navigation.watch_run(folder)
        await until(pilot, lambda: part in shown(app))
        await pilot.pause(0.6)

    return app, prepare


@scene
def train_empty(fixture: Fixture) -> Any:
    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await settle(pilot)

    return fixture.app(), prepare


@scene
def train_starting(fixture: Fixture) -> Any:
    fixture.patch.setattr("bear_tui.tui.render.progress.SPINNER", "⠋")
    app = BearApp(fit=fixture.never)

    async def prepare(pilot: Pilot[Any]) -> None:
        app.training.start(fixture.recipe)
        await until(pilot, lambda: "starting" in shown(app) and "training ●" in shown(app))

    return app, prepare


PROVED = LayersProved(1, 14_714_688, 119_554_050)


@scene
def train_running(fixture: Fixture) -> Any:
    return _in_training(fixture, [*scripted.running(12), PROVED], "119,554,050")


@scene
def train_log(fixture: Fixture) -> Any:
    app, opened = _in_training(fixture, scripted.running(12), "◆ 2")

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        assert app.shown_run.value is not None
        app.shown_run.value.path.mkdir(parents=True, exist_ok=True)
        lines = [f"loaded {number} of 26 tensors\n" for number in range(0, 27, 2)]
        app.shown_run.value.log_file.write_text("".join(lines))
        await pilot.press("l")
        await until(pilot, lambda: "26 of 26" in shown(app))

    return app, prepare


@scene
def train_events(fixture: Fixture) -> Any:
    return _in_training(fixture, [*scripted.running(12), PROVED], "what happened", "E")


@scene
def train_paused(fixture: Fixture) -> Any:
    return _in_training(fixture, scripted.running(12), "‖ paused", "space")


@scene
def train_stop_question(fixture: Fixture) -> Any:
    return _in_training(fixture, scripted.running(12), "Stop this training?", "s")


@scene
def leave_question(fixture: Fixture) -> Any:
    return _in_training(fixture, scripted.running(12), "A training is running", "q")


@scene
def train_done(fixture: Fixture) -> Any:
    return watched_run(fixture, scripted.completed(12), "✓ done")


@scene
def train_stopped(fixture: Fixture) -> Any:
    return watched_run(
        fixture, [*scripted.running(12), RunStopped("stopped on the Train screen")], "■ stop"
    )


@scene
def train_interrupted(fixture: Fixture) -> Any:
    return watched_run(fixture, scripted.running(12), "✗ interrupted")


@scene
def train_failed(fixture: Fixture) -> Any:
    failed = RunFailed("the disk is full; free some space, then `bear-tui resume` goes on.")
    return watched_run(fixture, [*scripted.running(12), failed], "✗ failed")


@scene
def unfinished_question(fixture: Fixture) -> Any:
    fixture.run("bears-mlp-1f2e", scripted.running(12), 1e9)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "was interrupted" in shown(app))

    return app, prepare


@scene
def saving(fixture: Fixture) -> Any:
    def slow(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        yield from scripted.running(12)
        fixture.over.wait()

    app = BearApp(fit=slow)

    async def prepare(pilot: Pilot[Any]) -> None:
        app.training.start(fixture.recipe)
        await until(pilot, lambda: "◆ 2" in shown(app))
        await pilot.press("q", "down", "down", "enter")
        await until(pilot, lambda: "Stopping and saving" in shown(app))
        await pilot.pause(0.6)

    return app, prepare


CARDS = (
    Gpu(0, "NVIDIA H100 80GB HBM3", 0.83, int(9.8 * 2**30), 80 * 2**30, 61, 310.4),
    Gpu(1, "NVIDIA H100 80GB HBM3", 0.07, 12 * 2**30, 80 * 2**30, 38, 71.0),
)


@scene
def train_cards(fixture: Fixture) -> Any:
    fixture.patch.setattr(gpu, "read_gpus", lambda: CARDS)
    return _in_training(fixture, scripted.running(12), "GPU 1")


@scene
def train_test_question(fixture: Fixture) -> Any:
    return _in_training(fixture, scripted.running(12), "Test on the test photos now?", "t")


@scene
def changed_photos_question(fixture: Fixture) -> Any:
    folder = fixture.run("bears-mlp-1f2e", [*scripted.running(12), RunStopped("enough")], 1e9)

    def fit(*_: Any) -> Any:
        raise PhotosChanged("the photos have changed since this run was started.")

    app = BearApp(fit=fit)

    async def prepare(pilot: Pilot[Any]) -> None:
        app.training.resume(folder)
        await until(pilot, lambda: "have changed" in shown(app) and not app.training.running)
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.pause(0.6)

    return app, prepare
