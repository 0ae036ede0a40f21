"""The Runs screen over real run folders."""

import errno
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.runs import all_runs
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens import runs as runs_screen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.session.engine import Fit
from bear_tui.tui.session.run_list import read_runs
from bear_tui.tui.widgets.recipe_form import RecipeForm
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders


def make(
    runs: Path, name: str, events: list[Event], started: float, model: str = "mlp"
) -> RunFolder:
    """A run as its trainer left it."""
    folder = RunFolder(runs / name)
    folder.create(default_recipe(str(runs / "photos"), model))
    with folder.lock(started):
        journal = Journal(folder.journal_file)
        for event in events:
            journal.append(event)
        journal.close()
    if folder.state().test is not None:
        folder.predictions_file.write_text("path,label,predicted,bear,not_bear\n")
    return folder


async def not_now(pilot: Pilot[int]) -> None:
    """Decline what is offered at the start."""
    await until(pilot, lambda: "Not now" in shown(pilot.app))
    await pilot.press("escape")


async def test_runs_stand_newest_first_with_what_came_out(tmp_path: Path) -> None:
    make(tmp_path, "old-1111", scripted.completed(), 1e9)
    make(tmp_path, "new-2222", scripted.running(), 2e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await not_now(pilot)
        await pilot.press("5")
        await until(pilot, lambda: "new-2222" in shown(app))
        text = shown(app)
        assert text.index("new-2222") < text.index("old-1111")
        new, old = (line for line in text.split("\n") if "2222" in line or "1111" in line)
        assert "✗ interrupted" in new
        assert "3/6" in new
        assert "–" in new, "no test yet"
        assert "✓ completed" in old
        assert "95.0%" in old
        assert "2 runs in" in text


async def test_enter_opens_a_run_where_it_is_best_read(tmp_path: Path) -> None:
    make(tmp_path, "done-1111", scripted.completed(), 2e9)
    make(tmp_path, "half-2222", scripted.running(), 1e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await not_now(pilot)
        await pilot.press("5")
        await until(pilot, lambda: "done-1111" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "results")
        await pilot.press("5", "j", "enter")
        await until(pilot, lambda: app.current_mode == "train")
        assert app.shown_run.value == RunFolder(tmp_path / "half-2222")


async def test_delete_asks_and_moves_to_the_trash(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", scripted.completed(), 1e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "done-1111" in shown(app))
        await pilot.press("delete", "enter")
        assert folder.path.is_dir(), "the first answer changes nothing"
        await pilot.press("delete", "down", "enter")
        await until(pilot, lambda: "No runs yet" in shown(app))
    assert not folder.path.exists()
    (kept,) = (tmp_path / ".trash").iterdir()
    assert (kept / "recipe.toml").is_file()
    assert all_runs(tmp_path) == []


async def test_deleted_runs_are_brought_back_the_last_one_first(tmp_path: Path) -> None:
    old = make(tmp_path, "old-1111", scripted.completed(), 1e9)
    new = make(tmp_path, "new-2222", scripted.completed(), 2e9)
    kept = (new.path / "events.jsonl").read_bytes()
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "old-1111" in shown(app))
        await pilot.press("delete")
        await until(pilot, lambda: "z brings it back" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "1 run in" in shown(app))
        await pilot.press("delete", "down", "enter")
        await until(pilot, lambda: "No runs yet" in shown(app))
        await pilot.press("z")
        await until(pilot, lambda: old.path.is_dir())
        assert not new.path.exists()
        await pilot.press("z")
        await until(pilot, lambda: "2 runs in" in shown(app))
        await pilot.press("z")
        await until(pilot, lambda: "No run was deleted" in list(app._notifications)[-1].message)
    assert (new.path / "events.jsonl").read_bytes() == kept
    assert list((tmp_path / ".trash").iterdir()) == []


async def test_a_run_is_not_brought_back_over_what_lies_there_by_now(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", scripted.completed(), 1e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "done-1111" in shown(app))
        await pilot.press("delete", "down", "enter")
        await until(pilot, lambda: "No runs yet" in shown(app))
        folder.path.mkdir()
        await pilot.press("z")
        await until(pilot, lambda: "move it away" in list(app._notifications)[-1].message)
        folder.path.rmdir()
        await pilot.press("z")
        await until(pilot, lambda: "1 run in" in shown(app))


async def test_copying_a_recipe_asks_before_it_replaces_the_photos(tmp_path: Path) -> None:
    here, there = class_folders(tmp_path / "here"), class_folders(tmp_path / "there")
    folder = RunFolder(tmp_path / "runs" / "done-1111")
    folder.create(replace(default_recipe(str(there), "mlp"), epochs=77))
    app = BearApp(data=here, runs=tmp_path / "runs")

    async def copy(*answer: str) -> None:
        await until(pilot, lambda: "done-1111" in shown(app))
        await pilot.press("c")
        await until(pilot, lambda: "Use the settings of done-1111?" in shown(app))
        await pilot.press(*answer)

    async with app.run_test(size=(120, 40)) as pilot:
        await until(
            pilot, lambda: app.photos.dataset.value is not None and app.current_mode == "model"
        )
        form = app.screen.query_one(RecipeForm)
        await pilot.press("5")
        await copy("enter")
        assert app.photos.dataset.value is not None
        assert app.photos.dataset.value.root == here
        assert form.draft.text("epochs") != "77"
        await copy("down", "enter")
        await until(pilot, lambda: app.current_mode == "model")
        assert (app.photos.dataset.value.root, form.draft.data) == (here, str(here))
        assert form.draft.text("epochs") == "77"
        await pilot.press("z")
        await until(pilot, lambda: form.draft.text("epochs") != "77")
        await pilot.press("5")
        await copy("down", "down", "enter")
        await until(
            pilot,
            lambda: app.photos.dataset.value is not None and app.photos.dataset.value.root == there,
        )
        await until(pilot, lambda: form.draft.data == str(there))


async def start_beside(pilot: Pilot[int], app: BearApp, *answer: str) -> None:
    """Start a training while another process trains, and answer."""
    app.training.start(default_recipe("/photos", "mlp"))
    await until(pilot, lambda: "busy-1111 is being trained" in shown(app))
    await pilot.press(*answer)


def noting(given: list[RunFolder]) -> Fit:
    """A training that is stopped at once; where it was to be is noted in `given`."""

    def fit(_recipe: Recipe, folder: RunFolder, _control: Control) -> Iterator[Event]:
        given.append(folder)
        yield scripted.started()
        yield RunStopped("enough")

    return fit


async def test_a_training_beside_another_process_begins_only_when_that_is_wanted(
    tmp_path: Path,
) -> None:
    other = make(tmp_path, "busy-1111", scripted.running(), 1e9)
    given: list[RunFolder] = []
    app = BearApp(runs=tmp_path, fit=noting(given))
    with other.lock(1e9):
        async with app.run_test(size=(80, 24)) as pilot:
            await not_now(pilot)
            await start_beside(pilot, app, "enter")
            assert (given, app.training.recipe.value, app.training.queue.waiting) == ([], None, ())
            await start_beside(pilot, app, "down", "enter")
            await until(pilot, lambda: len(app.training.queue.waiting) == 1)
            assert given == []
            await start_beside(pilot, app, "down", "down", "enter")
            await until(pilot, lambda: len(given) == 1 and not app.training.running)


async def test_a_run_is_resumed_beside_another_process_only_when_that_is_wanted(
    tmp_path: Path,
) -> None:
    other = make(tmp_path, "busy-1111", scripted.running(), 2e9)
    stopped = make(tmp_path, "stopped-1111", [*scripted.running(), RunStopped("enough")], 1e9)
    given: list[RunFolder] = []
    app = BearApp(runs=tmp_path, fit=noting(given))
    with other.lock(1e9):
        async with app.run_test(size=(80, 24)) as pilot:
            await not_now(pilot)
            app.training.resume(stopped)
            await until(pilot, lambda: "busy-1111 is being trained" in shown(app))
            assert "queue" not in shown(app), "a run that was begun cannot wait there"
            await pilot.press("enter")
            assert given == []
            app.training.resume(stopped)
            await until(pilot, lambda: "busy-1111 is being trained" in shown(app))
            await pilot.press("down", "enter")
            await until(pilot, lambda: given == [stopped])


async def test_a_run_being_trained_is_not_deleted(tmp_path: Path) -> None:
    folder = make(tmp_path, "busy-1111", scripted.running(), 1e9)
    app = BearApp(runs=tmp_path)
    with folder.lock(1e9):
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await not_now(pilot)
            await pilot.press("5")
            await until(pilot, lambda: "busy-1111" in shown(app))
            await pilot.press("delete", "down", "enter")
            await until(pilot, lambda: "being trained" in shown(app))
    assert folder.path.is_dir()


async def test_c_takes_the_recipe_to_model(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", scripted.completed(), 1e9)
    for split in ("train", "test"):
        for label in ("bear", "not_bear"):
            photos = tmp_path / "photos" / split / label
            photos.mkdir(parents=True)
            for n in range(4):
                (photos / f"{n}.jpg").write_bytes(b"")
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "done-1111" in shown(app))
        await pilot.press("c")
        await until(pilot, lambda: app.current_mode == "model")
        assert app.training.recipe.value is not None
        assert app.training.recipe.value.model == folder.recipe().model
        assert app.photos.dataset.value is not None
        assert app.photos.dataset.value.root == tmp_path / "photos"


async def test_no_runs_says_what_to_do(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path / "not there")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "No runs yet" in shown(app))
        assert "copy recipe" not in shown(app)


async def test_a_folder_that_cannot_be_read_is_said_in_its_place_and_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path / ("long" * 99))  # longer than any disk allows
    said: list[str] = []
    monkeypatch.setattr(app, "say", lambda sentence, _severity: said.append(sentence))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "File name too long" in shown(app))
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        for _ in range(3):
            screen.action_reload()
            await until(pilot, lambda: not screen._reading)
            await pilot.pause()
        assert said == []
        app.training.runs = tmp_path
        screen.action_reload()
        await until(pilot, lambda: "No runs yet" in shown(app))


async def test_hostile_names_are_shown_literally(tmp_path: Path) -> None:
    make(tmp_path, "[red] [b] \x1b[2J\udcff", scripted.completed(), 1e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "[red] [b]" in shown(app))
        assert "\x1b" not in shown(app)


async def test_what_another_process_trains_is_watched_extended_and_stopped(tmp_path: Path) -> None:
    folder = make(tmp_path, "busy-1111", scripted.running(), 1e9)
    app = BearApp(runs=tmp_path)
    with folder.lock(1e9) as tell:
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await not_now(pilot)
            await pilot.press("5")
            await until(pilot, lambda: "● running" in shown(app))
            assert "resume" not in shown(app)
            tell("paused")
            await until(pilot, lambda: "‖ paused" in shown(app))
            await pilot.press("plus", "down", "down", "enter")
            await until(pilot, lambda: "request sent" in shown(app))
            await pilot.press("s", "down", "enter")
            await until(pilot, lambda: "stop" in folder.control_file.read_text())
            await pilot.press("w")
            await until(pilot, lambda: app.current_mode == "train")
            await pilot.press("space", "plus", "plus", "left_square_bracket")
            await until(pilot, lambda: "learning_rate" in folder.control_file.read_text())
    asked = [json.loads(line) for line in folder.control_file.read_text().splitlines()]
    rate = folder.recipe().learning_rate
    assert asked == [
        {"request": "epochs", "value": 16},
        {"request": "stop"},
        {"request": "resume"},
        {"request": "epochs", "value": 7},
        {"request": "epochs", "value": 8},
        {"request": "learning_rate", "value": rate / 2},
    ]


@pytest.mark.parametrize(
    ("keys", "restart"), [(["enter"], {}), (["down", "enter"], {"restart": 1})]
)
async def test_a_stopped_run_is_resumed_and_a_done_one_extended(
    keys: list[str], restart: dict[str, float], tmp_path: Path
) -> None:
    stopped = make(tmp_path, "stopped-1111", [*scripted.running(), RunStopped("enough")], 2e9)
    done = make(tmp_path, "done-2222", scripted.completed(), 1e9)
    given: list[tuple[RunFolder, dict[str, float]]] = []

    def fit(_recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
        given.append((folder, control.take_wanted()))
        yield scripted.started()
        yield RunStopped("enough")

    app = BearApp(runs=tmp_path, fit=fit)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "done-2222" in shown(app))
        await pilot.press("u")
        await until(pilot, lambda: bool(given) and not app.training.running)
        await pilot.press("5")
        await until(pilot, lambda: app.current_mode == "runs")
        await pilot.press("j", "plus", "down", "enter")
        await until(pilot, lambda: "At which learning rate?" in shown(app))
        assert "Keep the rate it ended at" in shown(app)
        await pilot.press(*keys)
        await until(pilot, lambda: len(given) == 2)
    epochs = done.state().epochs + 5
    assert given == [(stopped, {}), (done, {"epochs": epochs, **restart})]


def test_a_run_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", scripted.completed(), 1e9)
    first = read_runs(tmp_path)
    (again,) = read_runs(tmp_path, first)
    assert again is first[0]
    Journal(folder.journal_file).append(scripted.started())
    (changed,) = read_runs(tmp_path, first)
    assert changed is not first[0]


async def test_a_run_that_cannot_be_read_is_listed_with_its_reason(tmp_path: Path) -> None:
    make(tmp_path, "done-1111", scripted.completed(), 1e9)
    broken = make(tmp_path, "broken-2222", scripted.completed(), 5e8)
    journal = broken.journal_file.read_bytes()
    broken.journal_file.write_bytes(journal.replace(b'"steps": ', b'"steps": -', 1))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:

        def seen() -> str:
            return " ".join(shown(app).split())

        await pilot.press("5")
        await until(pilot, lambda: "! cannot be read: broken-2222" in seen())
        assert "2 runs in" in seen()
        assert "broken-2222 ! unreadable – –" in seen()
        await pilot.press("space", "down")
        await until(pilot, lambda: "`steps` cannot be -" in seen())
        assert "e export" not in seen()
        await pilot.press("space", "v")
        await until(pilot, lambda: "! These runs cannot be compared" in seen())
        assert "`steps` cannot be -" in seen()
        await pilot.press("escape", "enter")
        await until(pilot, lambda: "! This run cannot be read" in seen())
        await pilot.press("5")
        broken.journal_file.write_bytes(journal)
        await pilot.press("f5")
        await until(pilot, lambda: "broken-2222 ✓ completed" in seen())


async def test_runs_that_cannot_be_read_are_a_sentence_until_they_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    make(tmp_path, "old-1111", scripted.completed(), 1e9)
    monkeypatch.setattr(runs_screen, "read_runs", refused)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "denied; change" in shown(app))
        assert "f5  reads it again" in shown(app)
        monkeypatch.setattr(runs_screen, "read_runs", read_runs)
        await pilot.press("f5")
        await until(pilot, lambda: "old-1111" in shown(app))
        monkeypatch.setattr(runs_screen, "read_runs", refused)
        await pilot.press("f5")
        await until(pilot, lambda: "denied; change" in shown(app))
        assert "old-1111" in shown(app), "what was read stays"
