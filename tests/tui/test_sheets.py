"""What stands over a screen: help, redraw, the shell and leaving are there as everywhere."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandList
from textual.screen import Screen

from bear_tui.data.decisions import Decisions
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.folder import RunFolder
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.coco import CocoScreen
from bear_tui.tui.screens.dialogs import AskScreen, InterruptWorkScreen, LeaveScreen, SavingScreen
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.screens.keys import KeysScreen
from bear_tui.tui.screens.prepare import PrepareScreen
from bear_tui.tui.screens.queue import QueueScreen
from bear_tui.tui.screens.rate import RateScreen
from bear_tui.tui.screens.suspects import SuspectsScreen
from bear_tui.tui.session import engine
from bear_tui.tui.session.autosave import SavedValue
from bear_tui.tui.session.decisions import Decided
from bear_tui.tui.toolkit.palette import Palette
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.test_runs_screen import make

SHEETS: dict[str, Callable[[], Screen[Any]]] = {
    "ask": lambda: AskScreen("Really?", {"": "No", "yes": "Yes"}),
    "leave": LeaveScreen,
    "prepare": lambda: PrepareScreen(None, Decisions()),
    "coco": CocoScreen,
    "suspects": lambda: SuspectsScreen((), ("bear", "not_bear"), SavedValue(Decided(), repr)),
    "queue": QueueScreen,
    "export": lambda: ExportScreen(RunFolder(Path("/runs/one"))),
    "rate": lambda: RateScreen(default_recipe("/photos", "mlp")),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the app that would stop the test itself, or is not seen."""
    found: list[str] = []
    monkeypatch.setattr(BearApp, "action_suspend_process", lambda _: found.append("shell"))
    monkeypatch.setattr(BearApp, "action_repaint", lambda _: found.append("redraw"))
    return found


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "suspects", lambda *_: ((), "by nothing"))
    monkeypatch.setattr(engine, "find_rate", lambda *_: None)


@pytest.mark.parametrize("name", SHEETS)
async def test_help_shell_redraw_and_how_to_leave_are_there(
    name: str, tmp_path: Path, asked: list[str]
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await app.push_screen(sheet := SHEETS[name]())
        await pilot.press("ctrl+z", "ctrl+l", "ctrl+c")
        assert asked == ["shell", "redraw"]
        await until(pilot, lambda: "ctrl+q leaves bear-tui" in shown(app))
        await pilot.press("f1")  # in a field a question mark is typed
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await pilot.press("escape")
        sheet.set_focus(None)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await until(pilot, lambda: "everywhere" in shown(app) and "here" in shown(app))
        await pilot.press("ctrl+z", "ctrl+l", "q")
        assert asked == ["shell", "redraw"] * 2
        assert app.screen is sheet
        sheet.set_focus(None)
        await pilot.press("q")
        await until(pilot, lambda: app.screen is not sheet)


@pytest.mark.parametrize("name", [name for name in SHEETS if name != "leave"])
async def test_ctrl_q_leaves_from_any_of_them(name: str, tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(SHEETS[name]())
        await until(pilot, lambda: not app.leaving._long_work())
        await pilot.press("ctrl+q")
        assert app.return_code == 0


async def test_leaving_asks_before_work_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[threading.Event] = []

    def look(_photos: object, _names: object, _note: object, stop: threading.Event) -> object:
        stopped.append(stop)
        stop.wait(60)
        return (), "by nothing"

    monkeypatch.setattr(engine, "suspects", look)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(SHEETS["suspects"]())
        await until(pilot, lambda: bool(stopped))
        await pilot.press("ctrl+q", "ctrl+q")
        await until(pilot, lambda: "Looking for wrong labels goes on" in shown(app))
        assert len(app.screen_stack) == 3, "it is asked once"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SuspectsScreen))
        assert app.return_code is None, "the first answer stays"
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, InterruptWorkScreen))
        await pilot.press("down", "enter")
        assert app.return_code == 0
    assert stopped[0].is_set()


async def test_other_work_is_named_where_a_training_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def look(_photos: object, _names: object, _note: object, stop: threading.Event) -> object:
        begun.set()
        stop.wait(60)
        return (), "by nothing"

    monkeypatch.setattr(engine, "suspects", look)
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(SHEETS["suspects"]())
        await until(pilot, begun.is_set)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, InterruptWorkScreen))
        app.training.begin(default_recipe("/photos", "mlp"))
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        assert app.return_code is None, "a training has begun since it was asked"
        await pilot.press("enter", "ctrl+q")
        await until(pilot, lambda: "would be interrupted" in " ".join(shown(app).split()))
        assert app.training.local_run is not None
        app.training.local_run.stop("test is over")


async def test_a_question_that_waits_is_there_again_when_the_person_stays(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(default_recipe("/photos", "mlp"))
        await until(pilot, lambda: "● running" in shown(app))
        await pilot.press("s", "ctrl+q")
        assert isinstance(app.screen, LeaveScreen)
        await pilot.press("ctrl+q")
        assert len(app.screen_stack) == 3, "it is asked once"
        await pilot.press("escape")
        assert type(app.screen) is AskScreen
        await pilot.press("escape")
        assert app.training.local_run is not None
        app.training.local_run.stop("test is over")


async def test_what_is_being_saved_is_not_suspended(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(default_recipe("/photos", "mlp"))
        await until(pilot, lambda: "● running" in shown(app))
        await app.push_screen(
            SavingScreen("Saving", "", lambda: not app.training.running, lambda: None)
        )
        await pilot.press("ctrl+z", "ctrl+z")
        assert len(app.screen_stack) == 2, "nothing else is asked of the trainer"
        assert app.training.local_run is not None
        app.training.local_run.stop("test is over")
        await until(pilot, lambda: not isinstance(app.screen, SavingScreen))


@pytest.mark.replaces("palette")
async def test_the_palette_too_is_redrawn_and_suspended(tmp_path: Path, asked: list[str]) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", "ctrl+l", "ctrl+z")
        assert asked == ["redraw", "shell"]


async def test_the_list_of_keys_is_there_once(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        app.action_keys()
        assert len(app.screen_stack) == 2


@pytest.mark.replaces("palette")
async def test_the_palette_finds_an_action_by_what_it_does(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "ctrl+p", *"learning")
        await until(pilot, lambda: "find a learning rate · key f" in shown(app))
        assert isinstance(app.screen, Palette)
        listed = app.screen.query_one(CommandList)
        assert listed.option_count == 1
        await pilot.press(*["backspace"] * 8, *"quit")
        await until(pilot, lambda: "leave bear-tui · key q" in shown(app))


async def test_both_keys_for_throwing_away_are_on_the_list_of_keys(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 50)) as pilot:
        make(tmp_path, "one", scripted.completed(), 1e9)
        await pilot.press("5")
        await until(pilot, lambda: "1 run in" in shown(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: "del, D  delete" in shown(app))
        await pilot.press("escape", "n", "question_mark")
        await until(pilot, lambda: "del, D  take out" in shown(app))
