"""The queue on its sheet: changed by key, where the disk is slow or refuses too."""

import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bear_tui.errors import Failure
from bear_tui.run.events import Event
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.queue import WaitingRows
from tests.tui.app_screen import shown, until
from tests.tui.test_queue import Engine, clear, names, recipe


async def test_the_queue_is_reordered_and_cut_on_its_screen(tmp_path: Path) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("first", "second", "third", "[red]"):
            app.training.start(recipe(name))
        await pilot.press("5", "n")
        await until(pilot, lambda: "Queue of trainings" in shown(app) and "[red]" in shown(app))
        await pilot.press("end", "minus")
        await until(pilot, lambda: not app.training.queue.work.busy)
        assert names(app.training.queue) == ["second", "[red]", "third"]
        await pilot.press("delete")
        await until(pilot, lambda: not app.training.queue.work.busy)
        assert names(app.training.queue) == ["second", "third"]
        await until(pilot, lambda: "z undo" in shown(app))
        await pilot.press("z")
        await until(pilot, lambda: not app.training.queue.work.busy)
        assert names(app.training.queue) == ["second", "[red]", "third"]
        await until(pilot, lambda: "z undo" not in shown(app))
        await pilot.press("home", "down", "delete", "escape")
        engine.over |= {"first", "second", "third"}
        await until(pilot, lambda: engine.began == ["first", "second", "third"])


async def test_a_folder_that_takes_no_change_is_a_sentence_and_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    said: list[str] = []
    monkeypatch.setattr(app, "say", lambda sentence, *_: said.append(sentence))
    async with app.run_test(size=(120, 40)) as pilot:
        app.training.start(recipe("first"))
        for name in "abc":
            app.training.queue.add(recipe(name))
        lock = tmp_path / ".queue" / "lock"
        lock.unlink()
        lock.mkdir()
        await pilot.press("5", "n", "delete", "down", "minus")
        await until(pilot, lambda: len(said) == 2 and not app.training.queue.work.busy)
        assert all(".queue/lock" in sentence for sentence in said)
        await until(pilot, lambda: "1  mlp" in shown(app) and "3  mlp" in shown(app))
        app.training.start(recipe("one more"))
        await until(pilot, lambda: len(said) == 3)
        assert names(app.training.queue) == list("abc")
        engine.over.add("first")
        await until(pilot, lambda: app.training.queue.resting, 10)
        lock.rmdir()
        clear(app.training.queue)


async def test_no_key_waits_for_another_process_that_changes_the_queue(tmp_path: Path) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(120, 40)) as pilot:
        app.training.start(recipe("first"))
        for name in "abcd":
            app.training.queue.add(recipe(name))
        with (tmp_path / ".queue" / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            await pilot.press("5", "n", "delete", "end", "minus", "minus", "delete")
            await until(pilot, lambda: "saving" in shown(app))
            assert app.screen.query_one(WaitingRows).shown == (recipe("b"), recipe("c"))
            assert names(app.training.queue) == list("abcd")
            engine.over.add("first")
            await until(pilot, lambda: not app.training.running)
            app.training.queue.begin_next()
            assert engine.began == ["first"], "the queue is another's at the moment"
        await until(pilot, lambda: names(app.training.queue) in (["b", "c"], ["c"]))
        await until(pilot, lambda: not app.training.queue.work.busy)
        clear(app.training.queue)
        engine.over |= set("abcd")
        await until(pilot, lambda: not app.training.running)


async def test_what_could_not_begin_waits_again_as_soon_as_the_queue_is_free(
    tmp_path: Path,
) -> None:
    may_fail = threading.Event()

    def fit(*_: object) -> Iterator[Event]:
        may_fail.wait(20)
        raise Failure("the photos are gone.")
        yield

    app = BearApp(runs=tmp_path, fit=fit)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.training.queue.enqueue(recipe("first"))
        await until(pilot, lambda: app.training.running)
        with (tmp_path / ".queue" / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            may_fail.set()
            await until(pilot, lambda: app.training.queue.resting)
            assert names(app.training.queue) == []
        await until(
            pilot, lambda: any("in the queue again" in n.message for n in app._notifications)
        )
        assert names(app.training.queue) == ["first"]
