"""The one trainer of a run: its lock, its signs of life, and what others see of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bear_tui.errors import Failure, Unreadable
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import Event, RunCompleted, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.lock import HEARTBEAT_TIMEOUT
from bear_tui.run.runs import all_runs
from tests.unit.sample_runs import untrained_run
from tests.unit.scripted import epochs, run_started, the_test

RECIPE = default_recipe("/photos/bears", "mlp")

TRAINER = """
import pathlib, sys
from bear_tui.run.folder import RunFolder

with RunFolder(pathlib.Path(sys.argv[1])).lock(now=1700000000.0):
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def trainer_elsewhere(folder: RunFolder) -> Iterator[subprocess.Popen[bytes]]:
    """A second process that trains this run, as far as the lock can tell."""
    command = [sys.executable, "-c", TRAINER, str(folder.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as trainer:
        assert trainer.stdout is not None
        assert trainer.stdout.readline() == b"locked\n"
        try:
            yield trainer
        finally:
            trainer.kill()


def journal(folder: RunFolder, events: list[Event]) -> None:
    writer = Journal(folder.journal_file)
    for event in events:
        writer.append(event)
    writer.close()


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return untrained_run(tmp_path / "runs", "bears-mlp-1")


def test_a_second_trainer_is_refused_and_told_who_the_first_is(folder: RunFolder) -> None:
    with trainer_elsewhere(folder) as trainer:
        assert folder.being_trained()
        with pytest.raises(Failure, match="trains this run already") as caught:
            folder.lock(1.0).__enter__()
        assert str(folder.path) in str(caught.value)
        assert f"process {trainer.pid} on {socket.gethostname()}" in str(caught.value)
        assert folder.started() == 1700000000.0, "the one refused changes nothing"


def test_viewers_are_told_why_the_trainer_waits(folder: RunFolder) -> None:
    journal(folder, [run_started(), *epochs(1, 1)])
    with folder.lock(1.0) as tell:
        size = folder.lock_file.stat().st_size
        tell("paused")
        assert (folder.state().status, folder.state().message) == ("paused", "")
        tell("the disk is full \x00 é" * 1000)
        assert folder.state().status == "paused"
        assert folder.state().message.startswith("the disk is full")
        assert folder.lock_file.stat().st_size == size, "it needs no more room than it has"
        tell("")
        assert folder.state().status == "running"
        tell("paused")
    assert folder.state().status == "interrupted", "nobody waits any more"


def test_two_trainers_in_one_process_are_refused_too(folder: RunFolder) -> None:
    with folder.lock(1.0), pytest.raises(Failure, match=str(os.getpid())):
        folder.lock(2.0).__enter__()


def test_the_lock_of_a_killed_trainer_is_free(folder: RunFolder) -> None:
    with trainer_elsewhere(folder) as trainer:
        trainer.send_signal(signal.SIGKILL)
        trainer.wait()
        assert not folder.being_trained()
        with folder.lock(1800000000.0):
            assert folder.being_trained()
        assert not folder.being_trained()
    assert folder.started() == 1800000000.0


def on_another_machine(folder: RunFolder, **told: object) -> None:
    """As the folder looks where the disk is shared and its locks are not."""
    owner = {"pid": 4711, "host": "gpu3", "started": 1.0, "waiting": "", **told}
    folder.lock_file.write_text(json.dumps(owner))


def test_a_trainer_on_another_machine_is_known_by_its_signs_of_life(folder: RunFolder) -> None:
    journal(folder, [run_started(2), *epochs(1, 1)])
    on_another_machine(folder)
    assert folder.being_trained()
    assert folder.state().status == "running"
    with pytest.raises(Failure, match="process 4711 on gpu3 trains this run already"):
        folder.lock(2.0).__enter__()
    on_another_machine(folder, waiting="paused")
    assert folder.state().status == "paused"


@pytest.mark.parametrize(("age", "told"), [(HEARTBEAT_TIMEOUT + 1, {}), (0.0, {"ended": True})])
def test_a_trainer_on_another_machine_is_gone_when_silent_or_when_it_said_so(
    folder: RunFolder, age: float, told: dict[str, object]
) -> None:
    journal(folder, [run_started(2), *epochs(1, 1)])
    on_another_machine(folder, **told)
    then = time.time() - age
    os.utime(folder.lock_file, (then, then))
    assert not folder.being_trained()
    assert folder.state().status == "interrupted"
    with folder.lock(2.0):
        assert folder.trainer().host == socket.gethostname()


def test_a_trainer_gives_signs_of_life_whatever_it_does(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bear_tui.run.lock.HEARTBEAT_TIMEOUT", 0.06)
    with folder.lock(1.0):
        os.utime(folder.lock_file, (5.0, 5.0))
        end = time.monotonic() + 10
        while folder.lock_file.stat().st_mtime == 5.0:
            assert time.monotonic() < end, "no sign of life"
            time.sleep(0.01)
    assert folder.trainer().ended


def test_a_run_is_interrupted_once_its_trainer_is_killed(folder: RunFolder) -> None:
    journal(folder, [run_started(), *epochs(1, 1)])
    with trainer_elsewhere(folder) as trainer:
        assert folder.state().status == "running"
        trainer.send_signal(signal.SIGKILL)
        trainer.wait()
    state = folder.state()
    assert (state.status, state.ended, state.epochs_done) == ("interrupted", True, 1)


def test_a_run_whose_trainer_died_before_the_first_event_is_interrupted(folder: RunFolder) -> None:
    assert folder.state().status == "interrupted"
    with folder.lock(1.0):
        assert folder.state().status == "waiting"


@pytest.mark.parametrize(
    ("end", "status"),
    [(RunCompleted(), "completed"), (RunStopped("q"), "stopped"), (RunFailed("e"), "failed")],
)
def test_a_run_that_ended_needs_no_trainer(folder: RunFolder, end: Event, status: str) -> None:
    journal(folder, [run_started(1), *epochs(1, 1), the_test(), end])
    assert folder.state().status == status


def test_the_lock_says_who_trains_and_since_when(folder: RunFolder) -> None:
    assert folder.started() is None
    with folder.lock(123456.5):
        owner = json.loads(folder.lock_file.read_text())
    assert (owner["pid"], owner["started"]) == (os.getpid(), 123456.5)
    assert owner["host"]
    with folder.lock(7.0):
        assert json.loads(folder.lock_file.read_text())["started"] == 7.0


def test_the_lock_has_room_for_any_reason_to_wait(folder: RunFolder) -> None:
    with folder.lock(7.0) as tell:
        tell("\U0001f43b" * 1000)
        assert folder.trainer().waiting.startswith("\U0001f43b")
        tell("")
        assert (folder.started(), folder.trainer().waiting) == (7.0, "")


@pytest.mark.parametrize("content", ["", "\0" * 4001])
def test_a_lock_that_was_never_written_to_tells_no_start(folder: RunFolder, content: str) -> None:
    folder.lock_file.write_text(content)
    assert folder.started() is None
    assert not folder.being_trained()


@pytest.mark.parametrize(
    "content",
    [
        *("{", "{}", "[]", "null", '{"started": "now"}', '{"started": null}', '{"started": NaN}'),
        *('{"started": 1e300}', '{"started": -1}', '{"started": true}', "[" * 30_000, "x" * 99_999),
    ],
)
def test_a_damaged_lock_is_named_and_keeps_no_trainer_out(folder: RunFolder, content: str) -> None:
    folder.lock_file.write_text(content)
    with pytest.raises(Unreadable, match=f"^{folder.lock_file}: "):
        folder.started()
    assert not folder.being_trained()
    assert all_runs(folder.path.parent) == [folder]
    with folder.lock(5.0):
        assert folder.being_trained()
    assert folder.started() == 5.0
