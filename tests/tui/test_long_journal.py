"""A journal of thousands of events: read to its end at once, and no key waits for that."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import HANDED_OVER
from bear_tui.run.events import Event, RunStopped, to_json
from bear_tui.run.folder import RunFolder
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.session.remote_run import RemoteRun
from bear_tui.tui.session.run_list import read_runs
from tests.tui import scripted
from tests.tui.app_screen import shown, until


def told(runs: Path, events: Sequence[Event], name: str = "long-1a2b") -> RunFolder:
    """A run whose journal holds these."""
    folder = RunFolder(runs / name)
    folder.create(default_recipe("/photos/bears", "mlp"))
    folder.journal_file.write_text("".join(f"{to_json(event)}\n" for event in events))
    return folder


async def test_a_long_run_that_is_done_never_stands_as_running(tmp_path: Path) -> None:
    folder = told(tmp_path, scripted.completed(epochs=600))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.navigation.watch_run(folder)
        start, seen, longest = time.monotonic(), [], 0.0
        while "completed" not in shown(app):
            looked = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - looked)
            seen.append(shown(app))
            assert time.monotonic() - start < 9, seen[-1]
        assert not any("running" in screen or "starting" in screen for screen in seen)
        assert longest < 0.5, "the screen waits for the journal"
        await until(pilot, lambda: "600" in shown(app))


async def test_of_two_long_runs_the_one_opened_last_is_shown(tmp_path: Path) -> None:
    first = told(tmp_path, scripted.completed(epochs=100), "first-1a2b")
    second = told(
        tmp_path, [*scripted.completed(epochs=100)[:-2], RunStopped("enough")], "other-1a2b"
    )
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        for folder in (first, second, first, second):
            app.navigation.watch_run(folder)
            await pilot.pause()
        await until(pilot, lambda: "stopped" in shown(app))
        await pilot.pause(0.5)
        assert "other-1a2b" in shown(app)
        assert "completed" not in shown(app)


async def test_what_came_while_another_screen_was_seen_is_drawn_with_the_rest(
    tmp_path: Path,
) -> None:
    events = scripted.completed(epochs=120)
    folder = told(tmp_path, events[:500])
    app = BearApp(runs=tmp_path)
    with folder.lock(time.time()):
        async with app.run_test(size=(120, 40)) as pilot:
            app.navigation.watch_run(folder)
            await until(pilot, lambda: "● running" in shown(app))
            await pilot.press("5")
            await until(pilot, lambda: isinstance(app.screen, RunsScreen))
            with folder.journal_file.open("a") as file:
                file.writelines(f"{to_json(event)}\n" for event in events[500:])
            await pilot.press("3")
            await until(pilot, lambda: "completed" in shown(app), 8)


def test_a_journal_that_cannot_be_read_ends_the_reading(tmp_path: Path) -> None:
    folder = told(tmp_path, [])
    folder.journal_file.unlink()
    folder.journal_file.mkdir()
    follower = RemoteRun(folder)
    polls = itertools.count()
    follower.read_to_end(cancelled=lambda: next(polls) > 100)
    assert follower.snapshot.error
    assert next(polls) < 100
    assert [one.error for one in read_runs(tmp_path)] == [follower.snapshot.error]


async def test_what_breaks_the_reading_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = told(tmp_path, scripted.completed(epochs=100))

    def breaks(_follower: RemoteRun, _cancelled: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(RemoteRun, "read_to_end", breaks)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.navigation.watch_run(folder)
        await until(pilot, lambda: "RuntimeError: no such thing" in shown(app))


async def test_a_run_that_a_process_has_taken_over_is_running_before_it_tells_so(
    tmp_path: Path,
) -> None:
    folder = told(tmp_path, [*scripted.running(), RunStopped(HANDED_OVER)])
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "stopped" in shown(app))
        with folder.lock(time.time()):
            assert folder.state().status == "running"
            await pilot.press("f5")
            await until(pilot, lambda: "● running" in shown(app))
            app.navigation.watch_run(folder)
            await until(pilot, lambda: isinstance(app.screen, TrainScreen))
            await until(pilot, lambda: "● running" in shown(app))
