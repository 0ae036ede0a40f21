import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bear_tui.errors import BadInput, Failure, Unreadable
from bear_tui.files import write_text
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.events import Event, RunCompleted, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.lock import HEARTBEAT_TIMEOUT
from bear_tui.run.runs import all_runs, find_run, new_run
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


def make(runs: Path, run: str, started: float | None = None) -> RunFolder:
    folder = RunFolder(runs / run)
    folder.create(RECIPE)
    if started is not None:
        with folder.lock(started):
            pass
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return make(tmp_path / "runs", "bears-mlp-1")


def test_a_run_of_before_there_was_a_choice_of_framing_was_padded(folder: RunFolder) -> None:
    recipe = default_recipe("/photos", "vgg16")
    lines = to_toml(recipe).splitlines(keepends=True)
    folder.recipe_file.write_text("".join(one for one in lines if "framing" not in one))
    assert folder.recipe() == replace(recipe, framing="pad")


def test_a_run_of_before_photos_were_resized_as_the_weights_expect_does_as_it_did(
    folder: RunFolder,
) -> None:
    recipe = default_recipe("/photos", "swin_t")
    lines = to_toml(recipe).splitlines(keepends=True)
    folder.recipe_file.write_text("".join(one for one in lines if "interpolation" not in one))
    assert folder.recipe() == replace(recipe, interpolation="draft")


def test_a_new_folder_holds_the_recipe_and_a_place_for_checkpoints(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "not" / "yet" / "bears-mlp-1")
    assert not folder.path.exists()
    folder.create(RECIPE)
    assert folder.run == "bears-mlp-1"
    assert folder.recipe() == RECIPE
    assert sorted(path.name for path in folder.path.iterdir()) == ["checkpoints", "recipe.toml"]


def test_a_run_is_never_made_over_another(folder: RunFolder) -> None:
    with pytest.raises(Failure, match=str(folder.path)):
        folder.create(replace(RECIPE, epochs=99))
    assert folder.recipe() == RECIPE


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(Failure, match=r"a file stands where a folder is needed"):
        RunFolder(tmp_path / "runs" / "bears-mlp-1").create(RECIPE)


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


def test_runs_are_listed_newest_first_and_other_things_left_out(tmp_path: Path) -> None:
    for run, started in (("b", 200.0), ("a", 100.0), ("c", 300.0), ("d", None)):
        make(tmp_path, run, started)
    (tmp_path / "notes").mkdir()
    (tmp_path / "readme.txt").touch()
    assert [folder.run for folder in all_runs(tmp_path)] == ["c", "b", "a", "d"]
    assert all_runs(tmp_path / "missing") == []
    assert all_runs(tmp_path / "readme.txt") == []


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for run, started in (("bears-mlp-1a", 100.0), ("bears-mlp-2b", 300.0), ("cats-1", 200.0)):
        make(tmp_path / "runs", run, started)
    make(tmp_path / "runs", "bears-mlp", 50.0)
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("cats-1", "cats-1"),
        ("cats", "cats-1"),
        ("c", "cats-1"),
        ("bears-mlp-2", "bears-mlp-2b"),
        ("bears-mlp", "bears-mlp"),  # an id, and also the beginning of two others
        ("last", "bears-mlp-2b"),
    ],
)
def test_a_run_is_found_by_id_beginning_or_last(name: str, run: str, runs: Path) -> None:
    assert find_run(name, runs) == RunFolder(runs / run)


def test_a_run_is_found_by_its_path(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert find_run(str(runs / "cats-1"), elsewhere).path == runs / "cats-1"
    monkeypatch.chdir(runs)
    assert find_run("./cats-1", elsewhere).path == runs / "cats-1"
    assert find_run("cats-1/", elsewhere).path == runs / "cats-1"


def test_an_ambiguous_beginning_is_refused_with_the_names(runs: Path) -> None:
    with pytest.raises(BadInput) as caught:
        find_run("bears-mlp-", runs)
    assert str(caught.value) == (
        "bears-mlp-: 2 runs begin so: bears-mlp-2b, bears-mlp-1a; type more of the name."
    )


@pytest.mark.parametrize("name", ["dogs", "", "../runs", "cats-10", "CATS", "a\x00b"])
def test_a_name_of_no_run_is_refused(name: str, runs: Path) -> None:
    with pytest.raises(BadInput, match=f"no such run in {runs}; `bear-tui runs` lists them"):
        find_run(name, runs)


def test_there_is_no_last_run_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no run in .* yet; `bear-tui train` makes one"):
        find_run("last", tmp_path)


@pytest.mark.parametrize(
    ("data", "name", "plain"),
    [
        ("/photos/bears", "", "bears-vgg16"),
        ("/photos/bears/", "", "bears-vgg16"),
        ("/photos/bears", "first try", "first-try"),
        ("/photos/bears", "../../etc/passwd", "etc-passwd"),
        ("/photos/bears", "--help", "help"),
        ("/photos/bears", ".hidden", "hidden"),
        ("/photos/bears", "..", "run"),
        ("/photos/bears", "Медведи", "run"),
        ("/photos/bears", "\x1b[2J\nx", "2J-x"),
        (os.fsdecode(b"/photos/caf\xe9"), "", "caf--vgg16"),
        ("/photos/bears", "x" * 500, "x" * 60),
        ("", "", "vgg16"),
    ],
)
def test_a_run_is_called_after_its_name_or_its_photos(
    data: str, name: str, plain: str, tmp_path: Path
) -> None:
    recipe = replace(default_recipe(data, "vgg16"), name=name)
    folder = new_run(tmp_path, recipe, "1f2e")
    assert folder.run == f"{plain}-1f2e"
    assert not folder.path.exists()
    folder.create(recipe)
    assert find_run(folder.run, tmp_path) == folder
    assert folder.recipe() == recipe


@given(st.text(st.characters(exclude_categories=())))
def test_no_name_leads_out_of_the_runs_folder(name: str) -> None:
    runs = Path("/runs")
    folder = new_run(runs, replace(RECIPE, name=name), "1f2e")
    assert folder.path.parent == runs
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*-1f2e", folder.run)
    assert len(folder.run) <= 65


def test_a_damaged_recipe_is_a_sentence_that_names_it(folder: RunFolder) -> None:
    write_text(folder.recipe_file, to_toml(RECIPE)[:-5] + "[[")
    with pytest.raises(BadInput, match=re.escape(str(folder.recipe_file))):
        folder.recipe()
