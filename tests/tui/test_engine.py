"""The feed: a training in a thread, folded into one picture."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.tui.session.engine import Fit
from bear_tui.tui.session.local_run import LocalRun
from tests.tui import scripted

RECIPE = default_recipe("/photos", "mlp")


def status(feed: LocalRun) -> str:
    return feed.snapshot.state.status


def feed_of(fit: Fit, path: Path, clock: Callable[[], float] = time.monotonic) -> LocalRun:
    feed = LocalRun(RECIPE, RunFolder(path / "run"), fit, clock)
    feed.start()
    return feed


def test_the_snapshot_is_all_events_folded(tmp_path: Path) -> None:
    feed = feed_of(scripted.fit_of(scripted.completed()), tmp_path)
    assert feed.join(5)
    assert status(feed) == "completed"
    assert feed.snapshot.state.epochs_done == 3
    assert feed.snapshot.ended
    assert not feed.alive


def test_a_snapshot_read_stays_as_it_was(tmp_path: Path) -> None:
    go = threading.Event()

    def fit(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        yield scripted.started()
        go.wait(5)
        yield from scripted.epoch(1)

    feed = feed_of(fit, tmp_path)
    wait_until(lambda: status(feed) == "running")
    before = feed.snapshot
    go.set()
    feed.join(5)
    assert before.state.epochs_done == 0
    assert feed.snapshot.state.epochs_done == 1


def test_bad_input_is_a_sentence(tmp_path: Path) -> None:
    def fit(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        raise BadInput("--model bear: no such model.")
        yield

    feed = feed_of(fit, tmp_path)
    feed.join(5)
    assert feed.snapshot.error == "--model bear: no such model."
    assert feed.snapshot.ended


def test_what_nobody_expected_is_a_sentence_and_a_log(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()

    def fit(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        yield scripted.started()
        raise RuntimeError("nobody\nexpected \x1b[31mthis")

    feed = feed_of(fit, tmp_path)
    feed.join(5)
    log = tmp_path / "run" / "log.txt"
    assert status(feed) == "failed"
    assert "RuntimeError" in feed.snapshot.error
    assert "\x1b" not in feed.snapshot.error
    assert str(log) in feed.snapshot.error
    assert "Traceback" in log.read_text()


def test_what_nobody_expected_before_there_is_a_folder_goes_to_the_apps_log(tmp_path: Path) -> None:
    def fit(_recipe: Recipe, _folder: RunFolder, _control: Control) -> Iterator[Event]:
        raise RuntimeError("early")
        yield

    feed = feed_of(fit, tmp_path)
    feed.join(5)
    assert "app.log" in feed.snapshot.error
    assert not (tmp_path / "run").exists()


def test_pausing_shows_and_waits_and_is_not_counted_as_work(tmp_path: Path) -> None:
    now = [100.0]
    started = threading.Event()

    def fit(_recipe: Recipe, _folder: RunFolder, control: Control) -> Iterator[Event]:
        yield from scripted.running()
        started.set()
        while not control.obey():
            time.sleep(0.001)
        yield RunStopped(control.obey())

    feed = feed_of(fit, tmp_path, lambda: now[0])
    started.wait(5)
    now[0] = 110.0
    assert feed.elapsed_in_phase() == 10
    feed.pause()
    assert status(feed) == "paused"
    now[0] = 500.0
    assert feed.elapsed_in_phase() == 10
    feed.resume()
    now[0] = 505.0
    assert status(feed) == "running"
    assert feed.elapsed_in_phase() == 15
    feed.stop("enough")
    feed.join(5)
    assert feed.snapshot.state == replace(feed.snapshot.state, status="stopped", message="enough")


def test_a_paused_training_can_be_stopped(tmp_path: Path) -> None:
    feed = feed_of(scripted.fit_of(scripted.running(), hold=True), tmp_path)
    feed.pause()
    feed.stop("enough")
    assert feed.join(5)


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def test_what_happened_is_kept_with_pauses_where_they_were(tmp_path: Path) -> None:
    feed = feed_of(scripted.fit_of(scripted.running(), hold=True), tmp_path, clock=lambda: 7.0)
    wait_until(lambda: feed.snapshot.state.step == 12)
    feed.pause()
    feed.resume()
    feed.stop("enough")
    feed.join(5)
    what = [one.what for one in feed.snapshot.happened]
    assert what[0] == "began on cpu in fp32, 6 epochs"
    assert what[-3:] == ["saved after epoch 3", "paused", "went on"]
    assert feed.snapshot.happened[-1].seconds == pytest.approx(3 * 4.1)
