"""Training, queueing, resuming and handing over, by sessions alone: no app, no screen."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bear_tui import itself
from bear_tui.errors import PhotosChanged
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.tui.session.autosave import OrderedWork
from bear_tui.tui.session.engine import Fit
from bear_tui.tui.session.observable import Observable
from bear_tui.tui.session.photos import PhotoSelection
from bear_tui.tui.session.settings import SavedSettings
from bear_tui.tui.session.training import TrainingSession
from tests.tui import scripted
from tests.tui.person import Person
from tests.tui.photo_folders import class_folders

RECIPE = default_recipe("/photos/bears", "mlp")


def fit(recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
    """Train until it is stopped."""
    if not folder.path.exists():
        folder.create(recipe)
    with folder.lock(time.time()):
        yield from scripted.running()
        end = time.monotonic() + 20
        while not control.obey() and time.monotonic() < end:
            time.sleep(0.01)
        yield RunStopped(control.obey())


def session(runs: Path, person: Person, fit: Fit = fit) -> TrainingSession:
    return TrainingSession(runs, person, OrderedWork(lambda call: call()), fit=fit)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def end(training: TrainingSession) -> None:
    training.stop("the test is over")
    assert training.local_run is not None
    assert training.local_run.join(30)


def begun(training: TrainingSession) -> bool:
    run = training.local_run
    return run is not None and run.snapshot.state.epoch == 4


def test_what_is_started_while_a_run_trains_begins_after_it(tmp_path: Path) -> None:
    person = Person()
    training = session(tmp_path, person)
    training.start(RECIPE)
    assert training.recipe.value == RECIPE
    until(lambda: begun(training))
    training.start(default_recipe("/photos/cats", "mlp"))
    training.queue.work.finish()
    assert person.said == ["information: Number 1 in the queue: it begins by itself (5 n)."]
    training.queue.begin_next()
    assert len(person.shown) == 1, "one at a time"
    end(training)
    training.queue.begin_next()
    until(lambda: begun(training))
    assert [folder.recipe().data for folder in person.shown] == ["/photos/bears", "/photos/cats"]
    end(training)


@pytest.mark.parametrize(
    ("answer", "trains", "waits"), [("", False, 0), ("beside", True, 0), ("queue", False, 1)]
)
def test_where_another_process_trains_the_person_decides(
    answer: str, trains: bool, waits: int, tmp_path: Path
) -> None:
    other = RunFolder(tmp_path / "other-1a2b")
    other.create(RECIPE)
    person = Person(answer)
    training = session(tmp_path, person)
    script = (
        "import sys, pathlib; from bear_tui.run.folder import RunFolder\n"
        "with RunFolder(pathlib.Path(sys.argv[1])).lock(1.0): print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(other.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        training.start(RECIPE)
        process.communicate(b"\n")
    assert person.asked == ["beside other-1a2b or later"]
    training.queue.work.finish()
    assert (training.local_run is not None, len(training.queue.waiting)) == (trains, waits)
    if trains:
        end(training)


@pytest.mark.parametrize("answer", ["", "again"])
def test_a_run_whose_photos_have_changed_is_resumed_only_when_the_person_says_so(
    answer: str, tmp_path: Path
) -> None:
    folder, person, changed = RunFolder(tmp_path / "stopped-1a2b"), Person(answer), [True]
    folder.create(RECIPE)

    def careful(recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
        if changed.pop():
            raise PhotosChanged("the photos have changed.")
        yield from fit(recipe, folder, control)

    training = session(tmp_path, person, careful)
    changed.insert(0, False)
    training.resume(folder)
    until(lambda: not training.running)
    refused = training.local_run
    training.resume(folder)
    assert person.asked == ["changed photos"]
    assert (training.local_run is refused) is (answer == "")
    if answer:
        until(lambda: begun(training))
        end(training)


_TAKES_OVER = """
import os, pathlib, sys, time
from bear_tui.run.folder import RunFolder
with RunFolder(pathlib.Path(sys.argv[1])).lock(time.time()):
    sys.stdin.read()
    time.sleep(1)
"""


def test_a_run_is_handed_over_when_the_other_process_trains_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(itself, "command", lambda *a: [sys.executable, "-c", _TAKES_OVER, a[1]])
    person, followed = Person(), threading.Event()
    training = session(tmp_path, person)
    training.start(RECIPE)
    until(lambda: begun(training))
    training.hand_over(followed.set)
    until(person.wait_no_more)  # it is saved
    assert training.busy
    assert not followed.is_set()
    until(person.wait_no_more)  # the other process trains
    assert followed.is_set()
    assert training.local_run is None
    assert "goes on in the background" in training.farewell
    assert person.shown[0] == person.shown[1], "the run is read again"
    until(lambda: not training.busy)


def test_a_run_that_no_process_takes_over_goes_on_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(itself, "command", lambda *_: [str(tmp_path / "no program")])
    person = Person()
    training = session(tmp_path, person)
    training.start(RECIPE)
    until(lambda: begun(training))
    training.leave()
    training.hand_over(lambda: pytest.fail("nobody took it over"))
    until(person.wait_no_more)
    assert any("No background process goes on with" in sentence for sentence in person.said)
    assert not training.leaving
    assert not training.farewell
    until(lambda: training.running and begun(training))
    end(training)


def test_the_folder_that_was_asked_for_last_is_used(tmp_path: Path) -> None:
    first, last = class_folders(tmp_path / "first"), class_folders(tmp_path / "last")
    settings = SavedSettings(tmp_path / "settings.json")
    started: list[Callable[[], None]] = []
    photos = PhotoSelection(
        settings, OrderedWork(lambda call: call()), started.append, lambda call: call()
    )
    told: list[object] = []
    photos.dataset.follow(lambda dataset: told.append(dataset and dataset.root))
    opened: list[str] = []
    photos.open(first, lambda: opened.append("first"), opened.append)
    photos.open(last, lambda: opened.append("last"), opened.append)
    photos.open_if_none(first)
    for read in reversed(started):
        read()
    assert opened == ["last"]
    assert told == [first, last], "the one that nobody asked for made way"
    assert SavedSettings(tmp_path / "settings.json").now.datasets == (str(last), str(first))


def test_followers_hear_of_changes_until_they_follow_no_more() -> None:
    values: list[int] = []
    observable = Observable(1)
    unfollow = observable.follow(values.append)
    observable.set(1)
    observable.set(2)
    observable.tell(2)
    unfollow()
    observable.set(3)
    assert values == [2, 2]
    assert observable.value == 3
