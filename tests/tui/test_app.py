"""The app as a whole: starting, moving about, leaving."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.tui.app import BearApp
from bear_tui.tui.context import AppContext
from bear_tui.tui.flows.startup import offer
from bear_tui.tui.render.status import fitting, status_line
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.session.decisions import open_decided
from bear_tui.tui.session.local_run import Snapshot
from bear_tui.tui.widgets.header import TABS, tab_bar
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders, settle

FIRST_FRAME = """
import asyncio, sys
from bear_tui.tui.app import BearApp

async def main():
    async with BearApp().run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        heavy = [name for name in ("torch", "torchvision", "numpy", "PIL") if name in sys.modules]
        print("heavy:", heavy, file=sys.__stdout__)

asyncio.run(main())
"""


def test_the_first_frame_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, check=True, timeout=60
    )
    assert "heavy: []" in done.stdout


def test_the_app_is_all_that_screens_may_ask_of_it(tmp_path: Path) -> None:
    context: AppContext = BearApp(runs=tmp_path)  # what mypy checks
    for name in AppContext.__annotations__:
        assert hasattr(context, name)


async def test_numbers_go_to_the_screens(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        for number, tab in (
            (5, "runs"),
            (3, "train"),
            (4, "results"),
            (2, "model"),
            (1, "dataset"),
        ):
            await pilot.press(str(number))
            await until(pilot, lambda tab=tab: app.current_mode == tab)  # type: ignore[misc]


async def test_q_leaves_at_once_when_nothing_trains(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5", "q")
        await until(pilot, lambda: not app.is_running)
    assert app.return_value == 0


async def test_q_asks_while_training_and_staying_is_the_first_answer(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(default_recipe("/photos", "mlp"))
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("q")
        await until(pilot, lambda: "A training is running" in shown(app))
        await pilot.press("enter")
        await pilot.pause()
        assert app.is_running
        assert app.training.running
        await pilot.press("q", "down", "down", "enter")
        await until(pilot, lambda: not app.is_running)
        assert not app.training.running, "the trainer has saved before the app ends"
    assert app.return_value == 0


def interrupted(runs: Path) -> RunFolder:
    folder = RunFolder(runs / "broken-1f2e")
    folder.create(default_recipe("/photos", "mlp"))
    journal = Journal(folder.journal_file)
    for event in scripted.running():
        journal.append(event)
    journal.close()
    return folder


async def test_a_run_that_goes_on_elsewhere_is_offered_at_the_start(tmp_path: Path) -> None:
    folder = interrupted(tmp_path)
    with folder.lock(1e9):
        app = BearApp(runs=tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "broken-1f2e is being trained" in shown(app))
            assert f"process {os.getpid()} on" in shown(app)
            await pilot.press("down", "enter")
            await until(pilot, lambda: "epoch 4/6" in shown(app))


async def test_a_run_that_was_just_begun_here_is_not_offered(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.training.start(default_recipe("/photos/bears", "mlp"))
        await until(pilot, lambda: "● running" in shown(app))
        assert app.training.local_run is not None
        offer(app, app.training.local_run.folder, "running")
        assert not app._notifications, "it is on the screen already"
        app.training.local_run.stop("the test is over")


async def test_an_interrupted_run_is_offered_until_it_is_declined(tmp_path: Path) -> None:
    interrupted(tmp_path)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "broken-1f2e was interrupted" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DatasetScreen))
    again = BearApp(runs=tmp_path)
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        assert isinstance(again.screen, DatasetScreen)


async def test_an_interrupted_run_goes_on_here_with_all_that_was_before(tmp_path: Path) -> None:
    interrupted(tmp_path)
    rest = [scripted.started(), *scripted.epoch(4)]
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(rest, hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "broken-1f2e was interrupted" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "◆ 4" in shown(app) and "0.3889" in shown(app))
        assert app.training.local_run is not None
        app.training.local_run.stop("test is over")


async def test_question_mark_shows_the_keys_of_the_screen(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(default_recipe("/photos", "mlp"))
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: "Keys of this screen" in shown(app))
        assert "stop and save" in shown(app)
        await pilot.press("escape")
        assert app.training.local_run is not None
        app.training.local_run.stop("test is over")


async def test_ctrl_c_says_how_to_leave(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("3", "ctrl+c")
        await until(pilot, lambda: "ctrl+q leaves bear-tui" in shown(app))


async def test_the_palette_has_screens_and_the_actions_of_this_one(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(default_recipe("/photos", "mlp"))
        await until(pilot, lambda: "● running" in shown(app))
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {f"{tab.capitalize()} screen" for tab in TABS} <= set(titles)
        assert {"Stop and save", "Pause", "Log", "Quit", "Theme"} <= set(titles)
        assert app.training.local_run is not None
        app.training.local_run.stop("test is over")


async def test_the_theme_is_remembered(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = "bear-light"
        await pilot.pause()
    assert BearApp(runs=tmp_path).theme == "bear-light"


def _grounds(app: BearApp) -> set[object]:
    """The colours behind the characters."""
    strips = app.screen._compositor.render_strips(app.screen.size)
    return {part.style.bgcolor for strip in strips for part in strip if part.style}


@pytest.mark.slow  # together ten seconds
@pytest.mark.parametrize("theme", ["textual-light", "nord", "solarized-light", "ansi-dark"])
async def test_a_theme_of_textuals_own_draws_every_screen_in_its_colours(
    theme: str, tmp_path: Path
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        words, grounds = {}, {}
        for number in range(1, 6):
            await pilot.press(str(number))
            await settle(pilot)
            words[number], grounds[number] = shown(app), _grounds(app)
        assert theme in app.available_themes
        app.theme = theme
        for number in range(1, 6):
            await pilot.press(str(number))
            await settle(pilot)
            assert shown(app) == words[number], "the same words in the same places"
            assert not _grounds(app) & grounds[number], "none is left of the theme before"


async def test_a_notice_that_ended_on_another_screen_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        first = app.screen
        for sentence in ("one", "two", "three"):
            app.say(sentence)
            await until(pilot, lambda: len(first.query("Toast")) == 1)
            await pilot.press("5")
            app.clear_notifications()
            await pilot.press("1")
            await until(pilot, lambda: not first.query("Toast"))
        await until(pilot, lambda: not first.query("ToastHolder"))


async def test_a_notice_that_ended_leaves_nothing_on_a_screen_that_nobody_goes_back_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bear_tui.tui.screens.base._NOTICE", 1.5)
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause(1.2)  # that it was gone to is over
        first = app.screen
        app.notify("one", timeout=20)
        await until(pilot, lambda: len(first.query("Toast")) == 1)
        app._notifications.clear()  # as if it had ended, and its toast a moment later
        app.notify("two", timeout=1)
        await until(pilot, lambda: len(first.query("ToastHolder")) == 2)
        await pilot.press("5")
        await until(pilot, lambda: not first.query("Toast"))
        await until(pilot, lambda: not first.query("ToastHolder"))


async def test_a_dataset_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    app = BearApp(data=tmp_path, runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: str(tmp_path)[:20] in shown(app))
        assert app.photos.dataset.value is None


def test_the_header_says_what_is_trained_on_what_and_leaves_out_the_end_first(
    tmp_path: Path,
) -> None:
    photos = open_decided(class_folders(tmp_path / "photos", count=3))
    snapshot = Snapshot()
    for event in scripted.running():
        snapshot = snapshot.apply(event, 0.0)
    status = status_line(photos, snapshot, 2)
    assert status == "training 4/6 ● running · 2 waiting · cpu · photos"
    assert fitting(status, len(status)) == status
    assert fitting(status, len(status) - 1) == "training 4/6 ● running · 2 waiting · cpu"
    assert fitting(status, 30) == "training 4/6 ● running"
    assert fitting(status, 5) == "training 4/6 ● running", "the header cuts the first part"
    assert status_line(photos, None) == "photos · 6 photos"
    assert status_line(None, None) == ""


@pytest.mark.parametrize("width", [20, 47, 60, 80, 200])
def test_the_header_is_one_line_and_cuts_the_status_first(width: int) -> None:
    line = tab_bar("train", "a status that is rather long for a header, is it not", width)
    assert line.cell_length <= max(width, 50)
    assert "5 Runs" in line.plain
