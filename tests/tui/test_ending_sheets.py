"""Screens that end by themselves, while something else lies over them."""

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from bear_tui import itself, paths
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dialogs import AskScreen, SavingScreen
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.screens.sample import SampleScreen
from bear_tui.tui.session import background
from bear_tui.tui.toolkit.palette import Palette
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders
from tests.unit.sample_runs import predictions, sample_run

RECIPE = default_recipe("/photos/bears", "mlp")


class Engine:
    """Trains until it is stopped, and saves until it may end."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.begun = 0

    def fit(self, recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
        if not folder.path.exists():
            folder.create(recipe)
        self.begun += 1
        with folder.lock(time.time()):
            yield from scripted.running()
            end = time.monotonic() + 20
            while not control.obey() and time.monotonic() < end:
                time.sleep(0.01)
            self.may_end.wait(20)
            yield RunStopped(control.obey())


_TAKES_OVER = """
import os, pathlib, sys, time
from bear_tui.run.folder import RunFolder
parent = os.getppid()
with RunFolder(pathlib.Path(sys.argv[1])).lock(time.time()):
    for _ in range(200):
        time.sleep(0.05 if os.getppid() == parent else 0)
"""


@dataclass
class Others:
    """The processes that are to go on with a run: what they do, and those that were begun."""

    script: str = _TAKES_OVER
    begun: list[str] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        self.begun.append(arguments[1])
        return [sys.executable, "-P", "-c", self.script, arguments[1]]


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Others:
    """Real processes, which do not load torch."""
    others = Others()
    monkeypatch.setattr(itself, "command", others.command)
    return others


async def wait_for_saving(pilot: Pilot[Any], app: BearApp, *keys: str) -> None:
    """Train, then ask for its end with these keys."""
    app.training.start(RECIPE)
    await until(pilot, lambda: "● running" in shown(app))
    await pilot.press(*keys)
    await until(pilot, lambda: isinstance(app.screen, SavingScreen))


async def test_a_training_is_handed_over_once_whatever_lies_over_the_screen_that_waits(
    tmp_path: Path, others: Others
) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_saving(pilot, app, "d")
        await pilot.press("ctrl+p", "ctrl+q")
        palette = app.screen
        assert isinstance(palette, Palette), "leaving asks nothing while it is handed over"
        engine.may_end.set()
        await until(pilot, lambda: app.training.local_run is None)
        assert app.screen is palette
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert len(others.begun) == 1
        assert "goes on in the background" in app.training.farewell
        assert app.training.busy


_ENDS = "import sys; print('no room for torch', file=sys.stderr); sys.exit(1)"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (_ENDS, "no room for torch"),
        ("raise ImportError('libgomp is missing')", "ImportError: libgomp is missing"),
        ("import os; os._exit(9)", "it ended with status 9"),
        ("import time; time.sleep(30)", "it did not begin within 1 seconds"),
    ],
)
async def test_a_training_that_no_process_takes_over_goes_on_here_and_that_is_said(
    tmp_path: Path, others: Others, script: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PATIENCE", 1.0)
    others.script = script
    engine = Engine()
    engine.may_end.set()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("q", "down", "enter")
        await until(pilot, lambda: engine.begun == 2)
        await until(pilot, lambda: app.training.running and "● running" in shown(app))
        assert any(told in one.message for one in app._notifications)
        assert not app.training.farewell, "nobody is told that it goes on elsewhere"
        assert not app._exit
        assert not app.training.leaving
        assert app.training.local_run is not None
        app.training.local_run.stop("the test is over")


async def test_where_no_process_can_be_started_a_training_goes_on_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone" / "python"))
    engine = Engine()
    engine.may_end.set()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("d")
        await until(pilot, lambda: engine.begun == 2)
        await until(pilot, lambda: any("No such file" in one.message for one in app._notifications))
        assert app.training.local_run is not None
        app.training.local_run.stop("the test is over")


async def test_who_wants_a_stop_while_a_process_begins_to_take_over_gets_it(
    tmp_path: Path, others: Others
) -> None:
    others.script = "import time; time.sleep(30)"
    engine = Engine()
    engine.may_end.set()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("d")
        await until(pilot, lambda: bool(others.begun) and not app.training.running)
        app.switch_mode("runs")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app._exit)
        assert not app.training.busy
    assert engine.begun == 1


async def test_who_leaves_while_a_training_is_handed_over_leaves_it_to_one_process(
    tmp_path: Path, others: Others
) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_saving(pilot, app, "d")
        app.switch_mode("runs")  # as the palette does
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("down", "enter")
        engine.may_end.set()
        await until(pilot, lambda: app._exit)
    assert len(others.begun) == 1


async def test_a_stop_that_is_saved_ends_the_app_under_the_palette_too(tmp_path: Path) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_saving(pilot, app, "q", "down", "down", "enter")
        await pilot.press("ctrl+p")
        engine.may_end.set()
        await until(pilot, lambda: app._exit)
    assert app.return_code == 0


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The sample photos are there when this is set."""
    from bear_tui.data import sample
    from bear_tui.data.parallel import stop_if

    drawn = threading.Event()

    def draw(out: Path, cancelled: threading.Event, **_: Any) -> None:
        while not drawn.wait(0.02):
            stop_if(cancelled)
        class_folders(out)

    monkeypatch.setattr(sample, "write_sample", draw)
    return drawn


async def test_the_sample_is_trained_on_under_the_palette_which_stays(
    tmp_path: Path, drawing: threading.Event
) -> None:
    app = BearApp(runs=tmp_path, sample=True, fit=scripted.fit_of(scripted.completed()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SampleScreen))
        await pilot.press("ctrl+p")
        palette = app.screen
        drawing.set()
        await until(pilot, lambda: app.training.local_run is not None)
        await until(pilot, lambda: app.current_mode == "results")
        app.switch_mode("dataset")
        await until(pilot, lambda: app.screen is palette)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_escape_gives_up_the_sample_photos_and_nothing_is_left_of_them(
    tmp_path: Path,
) -> None:
    app = BearApp(runs=tmp_path, sample=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SampleScreen))
        await until(pilot, lambda: "━" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, SampleScreen))
        await until(
            pilot, lambda: all(one.is_finished for one in app.workers if one.group == "sample")
        )
        assert app.training.local_run is None
        assert not list(app._notifications)
    assert not list(paths.sample_folder().parent.glob("*sample*"))


async def test_an_export_that_is_done_takes_no_other_screen_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes_on: threading.Event
) -> None:
    sample_run(tmp_path / "runs" / "bears-1111", predictions(8, 2))
    monkeypatch.chdir(tmp_path)
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "bears-1111" in shown(app))
        await pilot.press("e", "enter", "ctrl+p")
        palette = app.screen
        assert isinstance(palette, Palette)
        goes_on.set()
        await until(pilot, lambda: any("is written" in one.message for one in app._notifications))
        assert app.screen is palette
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Palette | ExportScreen))
