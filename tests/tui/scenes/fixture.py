"""What every scene builds on: a home folder with photos and runs, and an app on scripted events."""

import csv
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from textual.pilot import Pilot

from bear_tui import paths
from bear_tui.errors import BadInput
from bear_tui.layers import Layer
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.tui.app import BearApp
from bear_tui.tui.session import engine, local_run, settings
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.layer_lists import resnet, vgg
from tests.tui.photo_folders import class_folders, photo

TWO = ("bear", "not_bear")
SIZES = ((80, 24), (120, 40), (200, 60))
"""Columns and rows of the terminals in which every scene is looked at."""


@dataclass
class Fixture:
    """The surroundings of one scene."""

    home: Path
    patch: pytest.MonkeyPatch
    over: threading.Event
    """Set when the scene is over: it ends work that waits for it."""
    theme: str = ""

    @property
    def photos(self) -> Path:
        """The folder `~/photos/bears`, made on first use. `check` finds two problems in it."""
        folder = self.home / "photos" / "bears"
        if not folder.is_dir():
            class_folders(folder)
            (folder / "bear" / "empty.jpg").touch()
            (folder / "not_bear" / "web.jpg").write_text("<html>")
        return folder

    @property
    def recipe(self) -> Recipe:
        """The recipe of a training on the photos."""
        return default_recipe(str(self.photos), "mlp")

    @property
    def runs(self) -> Path:
        """The folder of runs."""
        return paths.runs_folder()

    def app(self, events: list[Event] | None = None, hold: bool = True, **kind: Any) -> BearApp:
        """Return the app; a training that is started in it yields `events`."""
        return BearApp(fit=scripted.fit_of(events or scripted.running(), hold), **kind)

    def end(self, app: BearApp) -> None:
        """End the scene, and what still runs in its app."""
        self.over.set()
        for waiting in app.training.queue.waiting:
            app.training.queue.cancel(waiting, 0)
        if app.training.local_run is not None:
            app.training.local_run.stop("the scene is over")

    def never(self, *_: Any, **__: Any) -> Any:
        """Wait until the scene is over: the replacement of work that is to be seen under way."""
        self.over.wait()
        raise BadInput("the scene is over.")

    def run(self, name: str, events: list[Event], started: float, **recipe: Any) -> RunFolder:
        """Write a run to disk as its trainer would have, and return its folder."""
        folder = RunFolder(self.runs / name)
        folder.create(replace(self.recipe, **recipe))
        with folder.lock(started):
            journal = Journal(folder.journal_file)
            for event in events:
                journal.append(event)
            journal.close()
        if folder.state().test is not None:
            self._predictions(folder, scripted.classes_of(events))
        return folder

    def _predictions(self, folder: RunFolder, classes: tuple[str, ...]) -> None:
        """Write predictions with 38 of 40 right in each class, as `scripted.completed` says."""
        count = len(classes)
        with folder.predictions_file.open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["path", "label", "predicted", *classes])
            for number in range(40 * count):
                label = classes[number % count]
                path = photo(self.home / "photos" / "test" / label / f"{number:02}.png", width=40)
                wrong = number % (10 * count) < count and number < 20 * count
                predicted = classes[(number + wrong) % count]
                probability = 0.99 - number / (100 * count)
                rest = (1 - probability) / (count - 1)
                row = [probability if name == predicted else rest for name in classes]
                table.writerow([path, label, predicted, *row])


Scene: TypeAlias = Callable[[Fixture], "tuple[BearApp, Callable[[Pilot[Any]], Awaitable[None]]]"]
"""Returns an app, and what brings it to the state that the scene shows."""

SCENES: dict[str, Scene] = {}
"""Every scene by name."""


def scene(function: Scene) -> Scene:
    """Register a scene under the name of its function."""
    SCENES[function.__name__] = function
    return function


@asynccontextmanager
async def make_fixture(home: Path, theme: str = "") -> AsyncIterator[Fixture]:
    """Make a home folder, and fix the clock, random names and figures that would differ."""
    over = threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("DATA", "CACHE", "CONFIG", "STATE"):
            patch.delenv(f"XDG_{name}_HOME", raising=False)
        patch.setenv("TZ", "UTC")
        time.tzset()
        photos = home / "photos"
        photos.mkdir(parents=True, exist_ok=True)
        patch.chdir(photos)
        patch.setattr("secrets.token_hex", lambda _: "1f2e")
        patch.setattr(engine, "layers", _layers)
        patch.setattr(engine, "estimate", lambda *_: None)
        patch.setattr("bear_tui.tui.widgets.run_view.engine_loaded", lambda: True)
        patch.setattr(local_run.LocalRun, "elapsed_in_phase", lambda _: 2.0)
        if theme:
            settings.save(settings.Settings(theme=theme), paths.settings_file())
        try:
            yield Fixture(home, patch, over, theme)
        finally:
            over.set()


def _layers(model: str, size: int, classes: int, _spec: str) -> list[Layer]:
    return vgg(classes, size) if model.startswith("vgg") else resnet(classes)


def then_press(app: BearApp, opened: Any, part: str, *keys: str) -> Any:
    """Return a scene that continues another one: press `keys`, wait until `part` is shown."""

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: part in shown(app))

    return app, prepare
