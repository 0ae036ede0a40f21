"""The Train screen, fed with a list of events."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from textual.widgets import Static

from bear_tui.errors import BadInput, PhotosChanged
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import HANDED_OVER, Control
from bear_tui.run.events import EarlyTestCompleted, Event, LayersProved, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.state import RunState
from bear_tui.tui.app import BearApp
from bear_tui.tui.render.progress import totals_line
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.session.engine import Fit
from bear_tui.tui.widgets.table import Table
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders

RECIPE = default_recipe("/photos/bears", "mlp")
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])


def app_with(events: list[Event], runs: Path, hold: bool = False) -> BearApp:
    return BearApp(runs=runs, fit=scripted.fit_of(events, hold))


def stopped_run(runs: Path) -> RunFolder:
    """A run that was stopped on the Train screen in its fourth epoch."""
    folder = RunFolder(runs / "stopped-1a2b")
    folder.create(RECIPE)
    journal = Journal(folder.journal_file)
    for event in [*scripted.running(), RunStopped("stopped on the Train screen")]:
        journal.append(event)
    journal.close()
    return folder


def fit_after(begins: threading.Event) -> Fit:
    """A training that begins then, and goes on until it is stopped."""
    told = scripted.fit_of(scripted.running(), hold=True)

    def fit(recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
        begins.wait(20)
        yield from told(recipe, folder, control)

    return fit


async def test_the_epochs_take_the_keyboard_when_a_training_begins(tmp_path: Path) -> None:
    begins = threading.Event()
    app = BearApp(runs=tmp_path, fit=fit_after(begins))
    async with app.run_test(size=(120, 40)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "starting" in shown(app))
        await pilot.pause(0.2)
        assert app.focused is None, "nothing is there yet that could take it"
        begins.set()
        await until(pilot, lambda: "0.2059" in shown(app))
        assert app.focused is app.screen.query_one(Table)
        stop(app)


@SIZES
async def test_a_running_training_shows_all_that_matters(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = app_with(scripted.running(), tmp_path, hold=True)
    async with app.run_test(size=size) as pilot:
        app.training.start(RECIPE)
        parts = (
            "bears-mlp-",
            "cpu fp32",
            "● running",
            "train 12/20",
            "1,240 photos/s",
            "left",
            "lr 0.001",
            "loss",
            "accuracy",
            "◆ 2",
            "0.2059",
            "trainable 395,266 of 395,266 (100.0%)",
            "stop and save",
        )
        await until(pilot, lambda: all(part in shown(app) for part in parts))
        stop(app)


async def test_newest_epoch_first_and_only_the_best_is_marked(tmp_path: Path) -> None:
    app = app_with(scripted.running(), tmp_path, hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: re.search(r"^ +4 +…", shown(app), re.M) is not None)
        lines = shown(app).split("\n")
        heading = next(i for i, line in enumerate(lines) if "train loss" in line)
        firsts = [line.split()[:2] for line in lines[heading + 1 : heading + 5]]
        assert [first[0] for first in firsts] == ["4", "3", "◆", "1"]
        stop(app)


async def test_the_newest_epoch_stays_in_sight_as_epochs_come(tmp_path: Path) -> None:
    def fit(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        yield scripted.started(epochs=12)
        for number in range(1, 12):
            yield from scripted.epoch(number)
            time.sleep(0.15)  # the screen draws each, as it does in a real training

    app = BearApp(runs=tmp_path, fit=fit)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "◆ 11" in shown(app))


async def test_space_pauses_and_goes_on(tmp_path: Path) -> None:
    app = app_with(scripted.running(), tmp_path, hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("space")
        await until(pilot, lambda: "‖ paused" in shown(app))
        await pilot.press("space")
        await until(pilot, lambda: "‖ paused" not in shown(app))
        stop(app)


async def test_s_asks_and_then_stops(tmp_path: Path) -> None:
    app = app_with(scripted.running(), tmp_path, hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("s", "enter")
        assert app.training.running, "the first answer changes nothing"
        await pilot.press("s", "down", "enter")
        await until(pilot, lambda: not app.training.running)


async def test_a_run_that_is_handed_over_is_not_called_stopped(tmp_path: Path) -> None:
    app = app_with([*scripted.running(), RunStopped(HANDED_OVER)], tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "it loads torch first" in shown(app))
        assert shown(app).count("○ handed over") == 2
        assert "stopped" not in shown(app)


async def test_a_completed_run_opens_its_results_by_itself(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.completed(), pause=1.0))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: app.current_mode == "results")
        await pilot.press("3")
        await until(pilot, lambda: "✓ done" in shown(app))
        assert "test accuracy 95.0%" in shown(app)


async def test_a_completed_run_takes_nobody_away_from_another_screen(tmp_path: Path) -> None:
    app = app_with(scripted.running(), tmp_path, hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("5")
        stop(app)
        await until(pilot, lambda: not app.training.running)
        await pilot.pause(0.3)
        assert app.current_mode == "runs"


@pytest.mark.parametrize(
    ("last", "parts"),
    [
        (
            RunStopped("stopped on the Train screen"),
            ("■ stopped", "saved; u resumes where it stopped"),
        ),
        (
            RunFailed("the disk is full; free some space."),
            ("✗ failed", "the disk is full", "2", "u tries again"),
        ),
    ],
)
async def test_an_end_that_is_none_says_why_and_what_to_do(
    tmp_path: Path, last: Event, parts: tuple[str, ...]
) -> None:
    app = app_with([*scripted.running(), last], tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: parts[0] in shown(app))
        for part in parts:
            assert part in shown(app)
        assert "pause" not in shown(app), "what does nothing now is not in the footer"


async def test_u_goes_on_with_a_stopped_run(tmp_path: Path) -> None:
    folder = stopped_run(tmp_path)
    app = BearApp(runs=tmp_path, run=folder, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "u resume" in shown(app))
        await pilot.press("u")
        await until(pilot, lambda: "● running" in shown(app))
        assert app.training.local_run is not None
        assert app.training.local_run.folder == folder
        assert "u resume" not in shown(app)
        stop(app)


async def test_u_asks_before_a_run_goes_on_with_photos_that_have_changed(tmp_path: Path) -> None:
    photos = class_folders(tmp_path / "photos", count=6)
    recipe = replace(default_recipe(str(photos), "mlp"), epochs=1, image_size=16, device="cpu")
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(100, 40)) as pilot:
        app.training.start(recipe)
        await until(pilot, lambda: app.current_mode == "results" and not app.training.running)
        assert app.training.local_run is not None
        folder = app.training.local_run.folder
        first = (photos / "bear" / "bear_00.png").rename(tmp_path / "away.png")
        app.training.resume(folder, more_epochs=1)
        await until(pilot, lambda: "photos have changed" in " ".join(shown(app).split()))
        assert "or continue with them as they are: `u`." in " ".join(shown(app).split())
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("enter")
        assert not app.training.running, "the first answer changes nothing"
        before = app.training.local_run
        await pilot.press("u", "down", "enter")
        await until(
            pilot, lambda: app.training.local_run is not before and "u tries again" in shown(app)
        )
        await until(pilot, lambda: not app.training.running)
        await pilot.press("u", "down", "down", "enter")
        await until(pilot, lambda: folder.state().epochs_done == 2)
        first.rename(photos / "bear" / "bear_00.png")


async def test_a_question_about_changed_photos_begins_no_second_training(tmp_path: Path) -> None:
    folder = stopped_run(tmp_path)
    told = scripted.fit_of(scripted.running(), hold=True)

    def fit(recipe: Recipe, into: RunFolder, control: Control) -> Iterator[Event]:
        if into == folder:
            raise PhotosChanged("the photos have changed since this run was started.")
        yield from told(recipe, into, control)

    app = BearApp(runs=tmp_path, fit=fit)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.training.resume(folder)
        await until(pilot, lambda: "u tries again" in shown(app) and not app.training.running)
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        app.training.begin(RECIPE)  # as the queue begins the next
        other = app.training.local_run
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "A training is running already" in shown(app))
        assert app.training.local_run is other
        stop(app)


async def test_a_crash_before_a_run_goes_on_can_be_tried_again(tmp_path: Path) -> None:
    folder = stopped_run(tmp_path)

    def fit(*_: object) -> Iterator[Event]:
        raise RuntimeError("no one foresaw this")
        yield

    app = BearApp(runs=tmp_path, fit=fit)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.resume(folder)
        await until(pilot, lambda: "u tries again" in shown(app))
        assert "u resume" in shown(app)


async def test_a_run_that_another_process_has_taken_is_followed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "stopped-1a2b")
    folder.create(RECIPE)
    app = app_with([*scripted.running(), RunStopped("enough")], tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.resume(folder)
        await until(pilot, lambda: "■ stopped" in shown(app) and not app.training.running)
        with folder.lock(time.time()):
            journal = Journal(folder.journal_file)
            for event in scripted.running():
                journal.append(event)
            app.navigation.watch_run(folder)
            await until(pilot, lambda: "● running" in shown(app))
            journal.close()


async def test_a_training_that_was_paused_before_it_began_can_go_on(tmp_path: Path) -> None:
    begins = threading.Event()
    app = BearApp(runs=tmp_path, fit=fit_after(begins))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "starting" in shown(app))
        await pilot.press("space")
        await until(pilot, lambda: "space go on" in shown(app))
        await pilot.press("space")
        await until(pilot, lambda: "space pause" in shown(app))
        begins.set()
        await until(pilot, lambda: "● running" in shown(app))
        stop(app)


async def test_a_run_that_could_not_begin_says_why(tmp_path: Path) -> None:
    def fit(*_: object) -> Iterator[Event]:
        raise BadInput("/photos/bears: no such folder; check the path.")
        yield

    app = BearApp(runs=tmp_path, fit=fit)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "✗ failed" in shown(app))
        assert "no such folder" in shown(app)
        assert "log" not in shown(app), "nothing is in one: the run has no folder"


async def test_nothing_yet_says_what_to_do(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        assert "Nothing is training yet" in shown(app)


async def test_one_training_at_a_time(tmp_path: Path) -> None:
    app = app_with(scripted.running(), tmp_path, hold=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.training.start(RECIPE)
        first = app.training.local_run
        app.training.start(RECIPE)
        assert app.training.local_run is first
        await until(pilot, lambda: "Number 1 in the queue" in shown(app))
        app.training.queue.cancel(RECIPE, 0)
        stop(app)


async def test_a_run_of_another_process_is_followed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "elsewhere-1a2b")
    folder.create(RECIPE)
    journal = Journal(folder.journal_file)
    app = BearApp(runs=tmp_path, run=folder)
    with folder.lock(0.0):
        for event in scripted.running():
            journal.append(event)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "epoch 4/6" in shown(app))
            # Another process trains it, and can be asked to.
            await until(pilot, lambda: "stop and save" in shown(app))
            assert "detach" not in shown(app), "it needs no terminal of ours"
            for event in scripted.epoch(4):
                journal.append(event)
            await until(pilot, lambda: "epoch 4/6" in shown(app) and "0.1667" in shown(app))


async def test_t_tests_the_best_weights_of_a_watched_run_and_shows_what_came_of_it(
    tmp_path: Path,
) -> None:
    folder = RunFolder(tmp_path / "elsewhere-1a2b")
    folder.create(RECIPE)
    journal = Journal(folder.journal_file)
    app = BearApp(runs=tmp_path, run=folder)
    with folder.lock(0.0):
        journal.append(scripted.started())
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "stop and save" in shown(app))
            assert "test now" not in shown(app), "nothing is saved yet that could be tested"
            for event in scripted.epoch(1):
                journal.append(event)
            await until(pilot, lambda: "test now" in shown(app))
            await pilot.press("t")
            await until(pilot, lambda: "Test on the test photos now?" in shown(app))
            await pilot.press("enter")
            assert not folder.control_file.exists(), "a look that nobody wants is not used up"
            await pilot.press("t", "down", "enter")
            await until(pilot, lambda: '"test"' in folder.control_file.read_text())
            journal.append(EarlyTestCompleted(1, 0.2, 0.95, 40))
            line = "test look 1: 38 of 40 right, 95.0% (83.5 – 98.6%), weights of epoch 1"
            await until(pilot, lambda: line in shown(app))


async def test_l_shows_the_log_and_v_changes_the_curves(tmp_path: Path) -> None:
    app = app_with(scripted.running(), tmp_path, hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        assert app.shown_run.value is not None
        app.shown_run.value.path.mkdir()
        app.shown_run.value.log_file.write_text("loaded \x1b[31m26 [/] tensors\n")
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("l")
        await until(pilot, lambda: "26 [/] tensors" in shown(app))
        assert "\x1b" not in shown(app)
        await pilot.press("v", "l")
        await until(pilot, lambda: "train loss" in shown(app))
        stop(app)


async def test_hostile_names_are_shown_literally(tmp_path: Path) -> None:
    hostile = "[/] [red] \x1b[2J\u202e"
    app = BearApp(
        runs=tmp_path,
        fit=scripted.fit_of([scripted.started(run=hostile, classes=(hostile, "b"))], hold=True),
    )
    async with app.run_test(size=(120, 40)) as pilot:
        app.training.start(replace(RECIPE, unfreeze=hostile))
        await until(pilot, lambda: "[/] [red]" in shown(app))
        assert "\x1b" not in shown(app)
        stop(app)


def stop(app: BearApp) -> None:
    assert app.training.local_run is not None
    app.training.local_run.stop("test is over")


def test_the_last_line_proves_the_choice_of_layers_once_that_is_known() -> None:
    before = RunState(trainable_parameters=3, total_parameters=4)
    assert totals_line(before) == "trainable 3 of 4 (75.0%) · frozen 1"
    after = before.apply(LayersProved(1, 14_714_688, 119_554_050))
    assert totals_line(after) == "frozen 14,714,688 unchanged · trainable 119,554,050 moved"
    assert totals_line(before.apply(LayersProved(1, 0, 4))) == "trainable 4 moved"


@SIZES
async def test_what_happened_is_listed_newest_first(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_with([*scripted.running(), LayersProved(1, 10, 20)], tmp_path, hold=True)
    async with app.run_test(size=size) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "● running" in shown(app))
        assert "what happened" not in shown(app)
        await pilot.press("E")
        await until(pilot, lambda: "checked: 10 frozen unchanged, 20 moved" in shown(app))
        text = shown(app)
        newest_first = ("checked: 10", "saved after epoch 3", "epoch 3 end")
        assert sorted(newest_first, key=text.index) == list(newest_first)
        await pilot.press("space")
        await until(pilot, lambda: re.search(r"0:\d\d  paused", shown(app)) is not None)
        await pilot.press("l")
        await until(pilot, lambda: "what happened" not in shown(app))
        await pilot.press("E", "E")
        await until(pilot, lambda: "train loss" in shown(app) and "checked: 10" not in shown(app))
        stop(app)


async def test_a_watched_run_tells_the_same_events(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(RECIPE)
    journal = Journal(folder.journal_file)
    for event in [scripted.started(), *scripted.epoch(1), RunFailed("[/] out of \x1b[31mmemory")]:
        journal.append(event)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.navigation.watch_run(folder)
        await until(pilot, lambda: "failed" in shown(app))
        await pilot.press("E")
        await until(pilot, lambda: "epoch 1 ended" in shown(app))
        assert "failed: [/] out of" in shown(app)
        assert "began on cpu in fp32, 6 epochs" in shown(app)


async def test_of_many_epochs_few_are_filled_in_until_somebody_scrolls(tmp_path: Path) -> None:
    events: list[Event] = [scripted.started(epochs=300)]
    for number in range(1, 120):
        events += scripted.epoch(number)
    app = app_with(events, tmp_path, hold=True)
    async with app.run_test(size=(120, 40)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "119" in shown(app))
        table = app.screen.query_one(Table)
        await until(pilot, lambda: 0 < table.row_count < 60)
        await pilot.press("j")
        await until(pilot, lambda: table.row_count == 119)
        stop(app)


@pytest.mark.parametrize("processors", [2, 16])
async def test_the_spinner_turns_at_every_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    monkeypatch.setattr("bear_tui.tui.screens.train.cpus", lambda: processors)
    app = app_with([], tmp_path, hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "starting: " in shown(app))
        frames = []
        screen = app.screen
        assert isinstance(screen, TrainScreen)
        assert screen._timer is not None
        every = screen._timer._interval
        assert every == (1.0 if processors == 2 else 0.5)
        for look in range(4):
            monkeypatch.setattr(time, "monotonic", lambda at=look * every: at + 1000)
            screen.tick()
            frames.append(str(screen.query_one("#progress", Static).render())[0])
        monkeypatch.undo()
        assert all(one != following for one, following in pairwise(frames))
        stop(app)
