"""Every screen in every state that it has, in a home of its own: for pictures and for tests.

A scene is an app and what is done before one looks at it. The clock, names made by chance and
answers of models that take minutes are set, so that a scene looks the same every time.
"""

import csv
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from textual.pilot import Pilot

from bear_tui import paths
from bear_tui.data.dataset import open_dataset
from bear_tui.data.suspect import Suspect
from bear_tui.errors import BadInput
from bear_tui.forecast import RateCurve, rising_rates
from bear_tui.layers import Layer
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import EpochCompleted, Event, LayersProved, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.results.prediction import Answer
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.session import engine, local_run, settings
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.layer_lists import resnet, vgg
from tests.tui.photo_folders import class_folders, photo, settle

TWO = ("bear", "not_bear")
SIZES = ((80, 24), (120, 40), (200, 60))
CURVE = RateCurve(
    tuple(rising_rates(1e-5, 1.0, 40)),
    tuple(0.7 - 0.6 * max(0.0, min(1.0, (n - 12) / 18)) + max(0, n - 34) * 0.2 for n in range(40)),
)


@dataclass
class Stage:
    """Where a scene is played: its home, and what is set there."""

    home: Path
    patch: pytest.MonkeyPatch
    curtain: threading.Event
    """Set when the scene is over: work that goes on for ever ends."""
    theme: str = ""

    @property
    def photos(self) -> Path:
        """`~/photos/bears`, made on first use; it has two problems."""
        folder = self.home / "photos" / "bears"
        if not folder.is_dir():
            class_folders(folder)
            (folder / "bear" / "empty.jpg").touch()
            (folder / "not_bear" / "web.jpg").write_text("<html>")
        return folder

    @property
    def recipe(self) -> Recipe:
        """A training on the photos."""
        return default_recipe(str(self.photos), "mlp")

    @property
    def runs(self) -> Path:
        """Where runs lie."""
        return paths.runs_folder()

    def app(self, events: list[Event] | None = None, hold: bool = True, **kind: Any) -> BearApp:
        """The app; a training in it tells `events`."""
        return BearApp(fit=scripted.fit_of(events or scripted.running(), hold), **kind)

    def end(self, app: BearApp) -> None:
        """The scene is over: what goes on for ever ends."""
        self.curtain.set()
        for waiting in app.training.queue.waiting:
            app.training.queue.cancel(waiting, 0)
        if app.training.local_run is not None:
            app.training.local_run.stop("the scene is over")

    def never(self, *_: Any, **__: Any) -> Any:
        """Work that goes on as long as the scene does."""
        self.curtain.wait()
        raise BadInput("the scene is over.")

    def run(self, name: str, events: list[Event], started: float, **recipe: Any) -> RunFolder:
        """A run as its trainer left it."""
        folder = RunFolder(self.runs / name)
        folder.create(replace(self.recipe, **recipe))
        with folder.lock(started):
            journal = Journal(folder.journal_file)
            for event in events:
                journal.append(event)
            journal.close()
        if folder.state().test is not None:
            self._answers(folder, scripted.classes_of(events))
        return folder

    def _answers(self, folder: RunFolder, classes: tuple[str, ...]) -> None:
        """38 of 40 right in each class, as `scripted.completed` tells."""
        count = len(classes)
        with folder.predictions_file.open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["path", "label", "predicted", *classes])
            for number in range(40 * count):
                label = classes[number % count]
                path = photo(self.home / "photos" / "test" / label / f"{number:02}.png", width=40)
                wrong = number % (10 * count) < count and number < 20 * count
                said = classes[(number + wrong) % count]
                sure = 0.99 - number / (100 * count)
                shares = [sure if one == said else (1 - sure) / (count - 1) for one in classes]
                table.writerow([path, label, said, *shares])


Play: TypeAlias = Callable[[Stage], "tuple[BearApp, Callable[[Pilot[Any]], Awaitable[None]]]"]
SCENES: dict[str, Play] = {}


def scene(play: Play) -> Play:
    """A scene, under the name of its function."""
    SCENES[play.__name__] = play
    return play


@asynccontextmanager
async def stage(home: Path, theme: str = "") -> AsyncIterator[Stage]:
    """A home of its own, with a clock and names that are always the same."""
    curtain = threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("DATA", "CACHE", "CONFIG", "STATE"):
            patch.delenv(f"XDG_{name}_HOME", raising=False)
        patch.setenv("TZ", "UTC")
        time.tzset()
        here = home / "photos"
        here.mkdir(parents=True, exist_ok=True)
        patch.chdir(here)
        patch.setattr("secrets.token_hex", lambda _: "1f2e")
        patch.setattr(engine, "layers", _layers)
        patch.setattr(engine, "estimate", lambda *_: None)
        patch.setattr("bear_tui.tui.widgets.run_view.engine_loaded", lambda: True)
        patch.setattr(local_run.LocalRun, "elapsed_in_phase", lambda _: 2.0)
        if theme:
            settings.save(settings.Settings(theme=theme), paths.settings_file())
        try:
            yield Stage(home, patch, curtain, theme)
        finally:
            curtain.set()


def _layers(model: str, size: int, classes: int, _spec: str) -> list[Layer]:
    return vgg(classes, size) if model.startswith("vgg") else resnet(classes)


# Screen 1


@scene
def dataset_empty(stage: Stage) -> Any:
    return stage.app(), settle


@scene
def dataset_used_before(stage: Stage) -> Any:
    known = settings.Settings(datasets=(str(stage.photos), "/data/cats"), theme=stage.theme)
    settings.save(known, paths.settings_file())
    return stage.app(), settle


def _opened(app: BearApp, folder: Path, *keys: str) -> Any:
    async def before(pilot: Pilot[Any]) -> None:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(folder)
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return before


@scene
def dataset_error(stage: Stage) -> Any:
    app = stage.app()
    return app, _opened(app, Path("/no/such/folder"))


@scene
def dataset_checking(stage: Stage) -> Any:
    from bear_tui.data.folders import check

    stage.patch.setattr(check, "check", stage.never)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(stage.photos)
        await until(pilot, lambda: "esc stops" in shown(app) and "▀" in shown(app))

    return app, before


@scene
def dataset_done(stage: Stage) -> Any:
    app = stage.app()
    return app, _opened(app, stage.photos)


@scene
def dataset_problem(stage: Stage) -> Any:
    app = stage.app()
    return app, _opened(app, stage.photos, "tab")


@scene
def prepare_form(stage: Stage) -> Any:
    app = stage.app()
    return app, _opened(app, stage.photos, "p")


@scene
def prepare_error(stage: Stage) -> Any:
    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("p", "ctrl+r")
        await settle(pilot)

    return stage.app(), before


@scene
def prepare_plan(stage: Stage) -> Any:
    app = stage.app()
    return app, _opened(app, stage.photos, "p", "ctrl+r")


@scene
def prepare_writing(stage: Stage) -> Any:
    from bear_tui.data.prepare import write

    stage.patch.setattr(write, "carry_out", stage.never)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await _opened(app, stage.photos, "p", "ctrl+r")(pilot)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "writing to" in shown(app))

    return app, before


def _suspects(photos: Any, *_: Any) -> tuple[list[Suspect], str]:
    bears = [photo for photo in photos if photo.label == "bear"][:6]
    return [
        Suspect(one, "not_bear", 0.94 - number / 8) for number, one in enumerate(bears)
    ], "by the features of mobilenet_v2"


@scene
def suspects_found(stage: Stage) -> Any:
    stage.patch.setattr(engine, "suspects", _suspects)
    app = stage.app()
    return app, _opened(app, stage.photos, "i", "m", "down", "x", "down")


@scene
def suspects_none(stage: Stage) -> Any:
    stage.patch.setattr(engine, "suspects", lambda *_: ([], "by the features of mobilenet_v2"))
    app = stage.app()
    return app, _opened(app, stage.photos, "i")


@scene
def suspects_looking(stage: Stage) -> Any:
    stage.patch.setattr(engine, "suspects", stage.never)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await _opened(app, stage.photos)(pilot)
        await pilot.press("i")
        await until(pilot, lambda: "looking at every photo" in shown(app))

    return app, before


@scene
def suspects_error(stage: Stage) -> Any:
    def broken(*_: Any) -> Any:
        raise BadInput("bear: only one photo; each class needs two.")

    stage.patch.setattr(engine, "suspects", broken)
    app = stage.app()
    return app, _opened(app, stage.photos, "i")


# Screen 2


def _on_model(stage: Stage, photos: bool, *keys: str) -> Any:
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        if photos:
            app.photos.dataset.set(open_dataset(stage.photos))
        await pilot.press("2")
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return app, before


@scene
def model_without_photos(stage: Stage) -> Any:
    return _on_model(stage, False)


@scene
def model_loading(stage: Stage) -> Any:
    stage.patch.setattr(engine, "layers", stage.never)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("2")
        await until(pilot, lambda: "reading the layers" in shown(app))

    return app, before


@scene
def model_error(stage: Stage) -> Any:
    def refused(*_: Any) -> list[Layer]:
        raise BadInput("torch cannot be imported; install it with `pip install torch`.")

    stage.patch.setattr(engine, "layers", refused)
    return _on_model(stage, True)


@scene
def model_ready(stage: Stage) -> Any:
    keys = ("slash", *"scratch", "enter", "h", "u", "u", "down", "space")
    return _on_model(stage, True, *keys)


@scene
def model_field_in_error(stage: Stage) -> Any:
    return _on_model(stage, True, "tab", "tab", "tab", "end", "backspace", "backspace", "x")


@scene
def rate_finding(stage: Stage) -> Any:
    def find(_recipe: Recipe, progress: Callable[[int, int], None], _stopped: object) -> Any:
        progress(31, 80)
        stage.never()

    stage.patch.setattr(engine, "find_rate", find)
    app, there = _on_model(stage, True)

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        await pilot.press("f")
        await until(pilot, lambda: "31 of 80" in shown(app))

    return app, before


@scene
def rate_found(stage: Stage) -> Any:
    stage.patch.setattr(engine, "find_rate", lambda *_: CURVE)
    return _on_model(stage, True, "f")


@scene
def rate_error(stage: Stage) -> Any:
    def broken(*_: Any) -> RateCurve:
        raise BadInput("the memory of cuda:0 is full; choose a smaller batch.")

    stage.patch.setattr(engine, "find_rate", broken)
    return _on_model(stage, True, "f")


# Screen 3


def _training(stage: Stage, events: list[Event], part: str, *keys: str) -> Any:
    app = stage.app(events)
    epochs = sum(isinstance(one, EpochCompleted) for one in events)

    async def before(pilot: Pilot[Any]) -> None:
        app.training.start(stage.recipe)
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

    return app, before


def _opening(stage: Stage, events: list[Event], part: str) -> Any:
    folder = stage.run("bears-mlp-1f2e", events, 1e9)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("escape")
        app.watch_run(folder)
        await until(pilot, lambda: part in shown(app))
        await pilot.pause(0.6)

    return app, before


@scene
def train_empty(stage: Stage) -> Any:
    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await settle(pilot)

    return stage.app(), before


@scene
def train_starting(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.tui.render.progress.SPINNER", "⠋")
    app = BearApp(fit=stage.never)

    async def before(pilot: Pilot[Any]) -> None:
        app.training.start(stage.recipe)
        await until(pilot, lambda: "starting" in shown(app) and "training ●" in shown(app))

    return app, before


PROVED = LayersProved(1, 14_714_688, 119_554_050)


@scene
def train_running(stage: Stage) -> Any:
    return _training(stage, [*scripted.running(12), PROVED], "119,554,050")


@scene
def train_log(stage: Stage) -> Any:
    app, there = _training(stage, scripted.running(12), "◆ 2")

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        assert app.shown_run.value is not None
        app.shown_run.value.path.mkdir(parents=True, exist_ok=True)
        lines = [f"loaded {number} of 26 tensors\n" for number in range(0, 27, 2)]
        app.shown_run.value.log_file.write_text("".join(lines))
        await pilot.press("l")
        await until(pilot, lambda: "26 of 26" in shown(app))

    return app, before


@scene
def train_events(stage: Stage) -> Any:
    return _training(stage, [*scripted.running(12), PROVED], "what happened", "E")


@scene
def train_paused(stage: Stage) -> Any:
    return _training(stage, scripted.running(12), "‖ paused", "space")


@scene
def train_stop_question(stage: Stage) -> Any:
    return _training(stage, scripted.running(12), "Stop this training?", "s")


@scene
def leave_question(stage: Stage) -> Any:
    return _training(stage, scripted.running(12), "A training is running", "q")


@scene
def train_done(stage: Stage) -> Any:
    return _opening(stage, scripted.completed(12), "✓ done")


@scene
def train_stopped(stage: Stage) -> Any:
    return _opening(
        stage, [*scripted.running(12), RunStopped("stopped on the Train screen")], "■ stop"
    )


@scene
def train_interrupted(stage: Stage) -> Any:
    return _opening(stage, scripted.running(12), "✗ interrupted")


@scene
def train_failed(stage: Stage) -> Any:
    failed = RunFailed("the disk is full; free some space, then `bear-tui resume` goes on.")
    return _opening(stage, [*scripted.running(12), failed], "✗ failed")


@scene
def unfinished_question(stage: Stage) -> Any:
    stage.run("bears-mlp-1f2e", scripted.running(12), 1e9)
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "was interrupted" in shown(app))

    return app, before


# Screen 4


def _results(stage: Stage, *keys: str) -> Any:
    folder = stage.run("bears-mlp-1f2e", scripted.completed(12), 1e9)
    app = stage.app(run=folder)

    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await settle(pilot)
        await until(pilot, lambda: "▀" in shown(app))
        await pilot.press(*keys)
        await settle(pilot)

    return app, before


@scene
def results_empty(stage: Stage) -> Any:
    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("4")
        await settle(pilot)

    return stage.app(), before


@scene
def results_done(stage: Stage) -> Any:
    return _results(stage, "m", "down", "x", "up", *["right_square_bracket"] * 4)


@scene
def results_matrix(stage: Stage) -> Any:
    return _results(stage, "shift+tab", "right")


@scene
def results_untested(stage: Stage) -> Any:
    stopped = [*scripted.running(12), RunStopped("stopped on the Train screen")]
    app, there = _opening(stage, stopped, "■ stop")

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        await pilot.press("4")
        await until(pilot, lambda: "no test" in shown(app) or "not tested" in shown(app))

    return app, before


@scene
def results_unreadable(stage: Stage) -> Any:
    folder = stage.run("bears-mlp-1f2e", scripted.completed(12), 1e9)
    folder.recipe_file.write_text("model = [[")
    app = stage.app(run=folder)

    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "cannot be read" in shown(app))
        await settle(pilot)

    return app, before


@scene
def gallery(stage: Stage) -> Any:
    return _results(stage, "enter", "m", "right", "x", "right")


@scene
def gallery_large(stage: Stage) -> Any:
    return _results(stage, "enter", "enter")


@scene
def train_again_question(stage: Stage) -> Any:
    return _results(stage, "m", "r")


# Screen 5


@scene
def runs_empty(stage: Stage) -> Any:
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("5")
        await until(pilot, lambda: "No runs yet" in shown(app))

    return app, before


def _runs(stage: Stage, part: str, *keys: str, ends: bool = True) -> Any:
    """`ends`: what the keys begin is waited for."""
    stage.run("bears-vgg16-07aa", scripted.completed(12), 1.6e9, model="vgg16", unfreeze="head")
    stage.run("bears-mlp-1f2e", scripted.completed(10), 1.5e9)
    failed = RunFailed("the disk is full; free some space.")
    stage.run("bears-resnet18-9c01", [*scripted.running(), failed], 1.4e9, model="resnet18")
    stopped = [*scripted.running(), RunStopped("asked")]
    stage.run("bears-vgg16-scratch-22b1", stopped, 1.3e9, model="vgg16-scratch")
    app = stage.app()

    async def before(pilot: Pilot[Any]) -> None:
        app.photos.dataset.set(open_dataset(stage.photos))
        await pilot.press("5")
        await until(pilot, lambda: "bears-vgg16-scratch-22b1" in shown(app))
        await pilot.press(*keys)
        await until(pilot, lambda: part in shown(app))
        if ends:
            await settle(pilot)

    return app, before


@scene
def runs_listed(stage: Stage) -> Any:
    return _runs(stage, "B bears-mlp", "space", "space")


@scene
def compare(stage: Stage) -> Any:
    return _runs(stage, "differs", "space", "space", "v")


@scene
def compare_reading(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.tui.screens.compare.compare", stage.never)
    return _runs(stage, "Reading the runs", "space", "space", "v", ends=False)


@scene
def delete_question(stage: Stage) -> Any:
    return _runs(stage, "Delete", "D")


@scene
def ladder_question(stage: Stage) -> Any:
    return _runs(stage, "ladder", "a")


@scene
def export(stage: Stage) -> Any:
    return _runs(stage, "away", "e")


@scene
def export_writing(stage: Stage) -> Any:
    stage.patch.setattr("bear_tui.tui.session.export.write", stage.never)
    return _runs(stage, "Writing", "e", "enter", ends=False)


@scene
def queue_empty(stage: Stage) -> Any:
    return _runs(stage, "Nothing waits", "n")


@scene
def queue_taken_out(stage: Stage) -> Any:
    return _queue(stage, "delete")


@scene
def queue_waiting(stage: Stage) -> Any:
    return _queue(stage)


def _queue(stage: Stage, *keys: str) -> Any:
    app, there = _runs(stage, "4 runs")

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        app.training.start(stage.recipe)
        for model in ("vgg16", "resnet18", "mobilenet_v2"):
            app.training.queue.add(replace(stage.recipe, model=model, unfreeze="head"))
        await pilot.press("5", "n")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "waiting")
        await pilot.press("down", *keys)
        await settle(pilot)

    return app, before


def _asked(stage: Stage, told: Callable[[Path], Iterator[list[Answer]]], part: str) -> Any:
    stage.patch.setattr(engine, "predictions", lambda _folder, path: (TWO, told(path)))
    app, there = _runs(stage, "Ask bears-vgg16", "p")

    async def before(pilot: Pilot[Any]) -> None:
        await there(pilot)
        app.screen.query_one("#path").value = "~/photos/bears/bear"
        await pilot.press("enter")
        await until(pilot, lambda: part in shown(app))

    return app, before


@scene
def predict_empty(stage: Stage) -> Any:
    return _runs(stage, "Ask bears-vgg16", "p")


@scene
def predict_done(stage: Stage) -> Any:
    def told(path: Path) -> Iterator[list[Answer]]:
        for number, one in enumerate(sorted(path.iterdir())):
            share = 0.5 + number / 30
            yield [
                Answer(one, error="truncated: no pixels")
                if one.suffix == ".jpg"
                else Answer(one, (share, 1 - share))
            ]

    return _asked(stage, told, "3 sure")


@scene
def predict_error(stage: Stage) -> Any:
    def told(path: Path) -> Iterator[list[Answer]]:
        raise BadInput(f"{paths.short(path)}: no photo in this folder.")
        yield []

    return _asked(stage, told, "no photo")


# Over every screen


@scene
def keys(stage: Stage) -> Any:
    return _results(stage, "question_mark")
