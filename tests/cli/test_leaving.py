"""Leaving a training in every way there is: real terminals, real signals, real processes."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bear_tui.api import launch
from bear_tui.cli import main
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.control import ask
from bear_tui.run.events import Event, StepCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_events
from bear_tui.run.queue_store import QueueStore
from bear_tui.run.runs import all_runs
from tests.benchmarks import train_in_app
from tests.benchmarks.terminal import Terminal, terminal
from tests.engine.conftest import draw_photos

pytestmark = pytest.mark.slow

ENDLESS = 100_000
LEFT = b"\x1b[?1049l"
"""Leaves the alternate screen."""
CODE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("leaving") / "photos"
    for split, count in (("train", 24), ("test", 6)):
        draw_photos(root / split / "[red]", count, (190, 70, 70), count)
        draw_photos(root / split / "a\x1b]0;x\x07b", count, (70, 190, 70), count + 1)
    # A file name that is no UTF-8.
    (root / "train/[red]/000.png").rename(root / "train/[red]" / os.fsdecode(b"\xe9.png"))
    return root


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    """A folder of runs; trainers that are left on it are killed."""
    yield tmp_path / "runs"
    for folder in all_runs(tmp_path / "runs"):
        if folder.being_trained():
            with suppress(ProcessLookupError, ValueError):
                os.kill(int(folder.trainer().process), signal.SIGKILL)


def in_app(photos: Path, runs: Path, epochs: int = ENDLESS) -> list[str]:
    """The command that opens the app and starts a training at once."""
    recipe = replace(
        default_recipe(str(photos), "mlp", image_size=8),
        epochs=epochs,
        batch_size=8,
        device="cpu",
        scheduler="none",
    )
    file = runs.parent / "recipe.toml"
    file.write_text(to_toml(recipe))
    return [sys.executable, train_in_app.__file__, str(file), str(runs)]


def wait_until(
    condition: Callable[[], bool], seconds: float = 40.0, held: Terminal | None = None
) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        if held is None:
            time.sleep(0.05)
        else:
            held.read(0.05)


def modes(painted: bytes) -> set[int]:
    """The modes of the terminal that are on after all of this."""
    last = {int(mode): how for mode, how in MODE.findall(painted)}
    return {mode for mode, how in last.items() if how == b"h"}


def painted(held: Terminal, what: bytes, since: int) -> bool:
    return what in held.painted[since:]


def started(runs: Path, held: Terminal) -> RunFolder:
    """The run, once it has learned for two epochs."""
    wait_until(
        lambda: bool(all_runs(runs)) and all_runs(runs)[0].state().epochs_done >= 2, 60, held
    )
    return all_runs(runs)[0]


def steps(folder: RunFolder) -> int:
    return sum(isinstance(event, StepCompleted) for event in read_events(folder.journal_file))


def stop(folder: RunFolder) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "bear_tui",
        "stop",
        folder.run,
        "--runs",
        str(folder.path.parent),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def grows(folder: RunFolder, held: Terminal | None = None) -> bool:
    """Whether the run gets on."""
    before = folder.state().epochs_done
    with suppress(AssertionError):
        wait_until(lambda: folder.state().epochs_done > before, held=held)
        return True
    return False


def completes(runs: Path, name: str) -> bool:
    """Whether the run called so is trained to its end."""

    def done() -> bool:
        return any(
            folder.run.startswith(f"{name}-") and folder.state().status == "completed"
            for folder in all_runs(runs)
        )

    with suppress(AssertionError):
        wait_until(done)
    return done()


def test_a_terminal_that_hangs_up_leaves_a_training_that_completes(
    photos: Path, runs: Path
) -> None:
    with terminal(in_app(photos, runs, epochs=60)) as held:
        folder = started(runs, held)
        QueueStore(runs).add(replace(folder.recipe(), epochs=2, name="next"))
        held.hang_up()
        # A second app shows it, and what became of it.
        command = [sys.executable, "-m", "bear_tui", "watch", folder.run, "--runs", str(runs)]
        with terminal(command) as other:
            other.wait_for(folder.run, 30)
            wait_until(lambda: folder.state().status == "completed", 60, other)
            other.wait_for("completed", 20)
    assert json.loads(folder.results_file.read_text())["test"]["accuracy"] == 1.0
    assert completes(runs, "next"), "what waited for it is trained too"


def test_a_terminal_that_hangs_up_while_a_training_is_handed_over_loses_none(
    photos: Path, runs: Path
) -> None:
    with terminal(in_app(photos, runs)) as held:
        folder = started(runs, held)
        held.type("d")
        wait_until(folder.handed_over, held=held)
        held.hang_up()
        assert grows(folder)
        assert stop(folder).returncode == 0
        assert folder.state().status == "stopped"


def test_what_hung_up_can_be_stopped_from_elsewhere(photos: Path, runs: Path) -> None:
    with terminal(in_app(photos, runs)) as held:
        folder = started(runs, held)
        held.hang_up()
        assert grows(folder)
        answer = stop(folder)
        assert answer.returncode == 0, answer.stderr
        assert "stopped after" in answer.stderr
        assert folder.state().message == "stopped with `bear-tui stop`"
        # Nobody is left to be asked.
        again = stop(folder)
        assert again.returncode == 2
        assert "no process trains it; it is stopped" in again.stderr


def test_sigterm_saves_within_10_seconds_and_leaves_a_clean_terminal(
    photos: Path, runs: Path
) -> None:
    with terminal(in_app(photos, runs)) as held:
        before = held.settings()
        folder = started(runs, held)
        asked = time.monotonic()
        os.kill(held.pid, signal.SIGTERM)
        held.wait_for_end(10)
        assert time.monotonic() - asked < 10
        assert folder.state().status == "stopped"
        assert held.settings() == before
        assert LEFT in held.painted
        assert b"\x1b]0;x\x07" not in held.painted, "a class name is shown, not obeyed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_an_app_that_trains_nothing_leaves_a_clean_terminal(
    runs: Path, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "bear_tui", "--runs", str(runs)]
    with terminal(command) as held:
        before = held.settings()
        held.wait_for("start from", 30)
        assert held.settings() != before, "keys are read one by one"
        os.kill(held.pid, number)
        assert held.wait_for_end(10) == 0
        assert held.settings() == before
        assert modes(held.painted) == {7, 25}, "lines wrap, the cursor is shown, no mouse, no focus"
        after = held.painted.rpartition(LEFT)[2]
        assert MODE.sub(b"", after) == b"", "no word on the shell's screen"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_an_app_that_trains_leaves_a_clean_terminal_and_a_run_as_promised(
    photos: Path, runs: Path, number: signal.Signals
) -> None:
    with terminal(in_app(photos, runs)) as held:
        before = held.settings()
        folder = started(runs, held)
        os.kill(held.pid, number)
        wait_until(lambda: LEFT in held.painted, 10, held)
        if number == signal.SIGHUP:  # as if the terminal were gone: the training is not to end
            wait_until(lambda: held.settings() == before, 10, held)
            assert grows(folder, held)
            assert stop(folder).returncode == 0
        assert held.wait_for_end(10) == 0
        assert folder.state().status == "stopped"
        assert held.settings() == before
        assert modes(held.painted) == {7, 25}
        assert b"Traceback" not in held.painted


def test_ctrl_c_says_how_to_leave_and_the_app_goes_on(runs: Path) -> None:
    with terminal([sys.executable, "-m", "bear_tui", "--runs", str(runs)]) as held:
        held.wait_for("start from", 30)
        seen = len(held.painted)
        held.type("\x03\x03")
        sentence = b"ctrl+q leaves bear-tui from anywhere"  # painted in pieces
        wait_until(lambda: sentence in CODE.sub(b"", held.painted[seen:]), 10, held)
        seen = len(held.painted)
        held.type("5")
        wait_until(partial(painted, held, b"No runs yet", seen), 10, held)
        assert LEFT not in held.painted
        held.type("\x11")
        assert held.wait_for_end(10) == 0
        assert LEFT in held.painted


def test_d_hands_over_to_the_background_and_the_app_watches(photos: Path, runs: Path) -> None:
    with terminal(in_app(photos, runs)) as held:
        before = held.settings()
        folder = started(runs, held)
        held.type("d")
        wait_until(lambda: folder.trainer().process != str(held.pid), held=held)
        wait_until(folder.being_trained, held=held)
        background = int(folder.trainer().process)
        assert os.getsid(background) == background, "a session of its own"
        assert grows(folder)
        held.type("q")
        assert held.wait_for_end(20) == 0
        assert held.settings() == before
        assert b"goes on in the background" in held.painted.rpartition(LEFT)[2]
        assert grows(folder), "it outlives the app"
        ask(folder.control_file, "epochs", 99_999)
        wait_until(lambda: folder.state().epochs == 99_999)
        assert stop(folder).returncode == 0
        assert folder.state().status == "stopped"
        log = folder.log_file.read_text()
        assert "test accuracy" not in log
        assert log.count("99,999 epochs in all") == 1, "not by two ways into one file"


def test_q_keep_running_leaves_and_the_run_goes_on(photos: Path, runs: Path) -> None:
    with terminal(in_app(photos, runs)) as held:
        folder = started(runs, held)
        held.type("q")
        held.wait_for("A training is running", 20)
        held.type("j\r")
        assert held.wait_for_end(30) == 0
        assert b"bear-tui stop" in held.painted.rpartition(LEFT)[2]
        wait_until(folder.being_trained)
        assert grows(folder)
        waiting, background = QueueStore(runs), int(folder.trainer().process)
        for name, epochs in (("next", 2), ("endless", ENDLESS), ("later", 2)):
            waiting.add(replace(folder.recipe(), epochs=epochs, name=name))
        assert stop(folder).returncode == 0
        assert completes(runs, "next"), "the background goes on with what waits"
        wait_until(lambda: all_runs(runs)[0].run.startswith("endless-"))
        endless = all_runs(runs)[0]
        assert grows(endless)
        assert endless.trainer().process == str(background)
        wait_until(lambda: "epoch 1/" in endless.log_file.read_text())  # each has its own log
        os.kill(background, signal.SIGTERM)
        wait_until(lambda: endless.state().status == "stopped")
        time.sleep(0.5)
        assert [one.name for one in waiting.recipes] == ["later"], "a signal ends the queue too"


def test_ctrl_z_and_fg_and_the_training_goes_on(photos: Path, runs: Path) -> None:
    with terminal(["bash", "--norc", "-i"], environment={"PS1": "shell> "}) as held:
        held.wait_for("shell>", 20)
        held.type(" ".join(f"'{word}'" for word in in_app(photos, runs)) + "\r")
        folder = started(runs, held)
        seen = len(held.painted)
        held.type("\x1a")
        wait_until(lambda: b"shell>" in held.painted[seen:].partition(LEFT)[2], 60, held)
        after = " ".join(held.painted[seen:].partition(LEFT)[2].decode().split())
        assert f"{folder.run} goes on in the background" in after, "what the shell shows last"
        wait_until(folder.being_trained, held=held)
        assert grows(folder), "while the app is suspended"
        seen = len(held.painted)
        held.type("fg\r")
        wait_until(lambda: re.search(rb"epoch \d+/", held.painted[seen:]) is not None, 60, held)
        wait_until(partial(painted, held, b"Dataset", seen), 20, held)  # what never changes, too
        assert grows(folder, held)
        assert stop(folder).returncode == 0
        seen = len(held.painted)
        held.type("q")  # the shell's end would not end it
        wait_until(lambda: LEFT in held.painted[seen:], 60, held)
        wait_until(lambda: b"shell>" in held.painted[seen:].rpartition(LEFT)[2], 60, held)


@pytest.mark.parametrize("how", ["\x1a", "SIGSTOP"])
def test_a_screen_that_was_suspended_is_painted_whole_again(runs: Path, how: str) -> None:
    app = f"{sys.executable} -m bear_tui --runs {runs}"
    with terminal(["bash", "--norc", "-i"], environment={"PS1": "shell> "}) as held:
        held.wait_for("shell>", 20)
        before = held.settings()
        held.type(f"{app}\r")
        held.wait_for("start from", 30)
        for _ in range(2):
            seen = len(held.painted)
            if how == "SIGSTOP":
                os.kill(os.tcgetpgrp(held.handle), signal.SIGSTOP)
            else:
                held.type(how)
            wait_until(partial(painted, held, b"shell>", seen), 20, held)
            seen = len(held.painted)
            held.type("fg\r")
            wait_until(partial(painted, held, b"start from", seen), 20, held)
        seen = len(held.painted)
        held.type("q")
        wait_until(lambda: b"shell>" in held.painted[seen:], 20, held)
        assert held.settings() == before


def test_a_stop_while_a_run_is_handed_over_reaches_the_next_trainer(
    photos: Path, runs: Path
) -> None:
    with terminal(in_app(photos, runs)) as held:
        folder = started(runs, held)
        held.type("d")
        wait_until(lambda: folder.handed_over() and not folder.being_trained(), held=held)
        answer = stop(folder)
        assert answer.returncode == 0, answer.stderr
        assert "stopped after" in answer.stderr
        assert folder.state().message == "stopped with `bear-tui stop`"
        assert folder.trainer().process != str(held.pid), "the one that took it over"


@contextmanager
def keyless(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process on a terminal that sends no SIGHUP: not the one its session is tied to."""
    ours, its = os.openpty()
    with subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, start_new_session=True, env=_on_a_terminal()
    ) as process:
        os.close(its)
        try:
            yield process, ours
        finally:
            process.kill()
            with suppress(OSError):
                os.close(ours)


def _on_a_terminal() -> dict[str, str]:
    return {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}


def drain(ours: int, done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Read what is painted until `done`."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        if select.select([ours], [], [], 0.05)[0]:
            os.read(ours, 65536)


def test_the_end_of_the_keys_without_a_signal_ends_the_app(runs: Path) -> None:
    with keyless([sys.executable, "-m", "bear_tui", "--runs", str(runs)]) as (app, ours):
        painted = b""
        while b"start from" not in painted:
            painted += os.read(ours, 65536)
        os.close(ours)
        assert app.wait(20) == 0


def test_the_end_of_the_keys_without_a_signal_leaves_the_training(photos: Path, runs: Path) -> None:
    with keyless(in_app(photos, runs)) as (app, ours):
        drain(ours, lambda: bool(all_runs(runs)) and all_runs(runs)[0].state().epochs_done >= 2)
        folder = all_runs(runs)[0]
        os.close(ours)
        assert grows(folder)
        ask(folder.control_file, "pause")
        wait_until(lambda: folder.state().status == "paused")
        time.sleep(1.0)  # the screen is gone by now
        before = _processor_time(app.pid)
        time.sleep(1.0)
        assert _processor_time(app.pid) - before < 0.3, "nothing spins"
        assert stop(folder).returncode == 0
        assert app.wait(20) == 0


def _processor_time(pid: int) -> float:
    """Seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("after", [0.4, 1.0, 1.6, 2.5])
def test_sigterm_before_the_training_begins_ends_with_a_sentence_and_writes_nothing(
    photos: Path, runs: Path, after: float
) -> None:
    recipe = in_app(photos, runs)[2]
    command = [sys.executable, "-m", "bear_tui", "train", "--recipe", recipe, "--runs", str(runs)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as trainer:
        time.sleep(after)
        trainer.send_signal(signal.SIGTERM)
        _, errors = trainer.communicate(timeout=30)
    assert trainer.returncode == 3, errors
    begun = all_runs(runs)
    sentences = [line for line in errors.splitlines() if not line.startswith(b"How the folder")]
    if begun:
        assert len(sentences) == 1
        assert b"stopping after this step" in sentences[0]
    else:  # the trainer may be at work already and not have written anything
        assert b"before the training began" in sentences[-1]
        assert len(sentences) <= 2
    assert [folder.state().status for folder in begun] == ["stopped"] * len(begun)


def test_a_signal_that_an_import_swallows_still_ends_a_training_that_has_not_begun(
    photos: Path, runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = launch.ready

    def swallowing(*given: Any) -> Callable[..., Iterator[Event]]:
        with suppress(BaseException):  # as some imports do
            signal.raise_signal(signal.SIGTERM)
        return ready(*given)

    monkeypatch.setattr(launch, "ready", swallowing)
    recipe = in_app(photos, runs)[2]
    assert main(["train", "--recipe", recipe, "--runs", str(runs)]) == 3
    assert "stopped before the training began" in capsys.readouterr().err
    assert not all_runs(runs)


def test_a_stopped_process_goes_on_when_continued(photos: Path, runs: Path) -> None:
    with terminal(in_app(photos, runs)) as held:
        folder = started(runs, held)
        os.kill(held.pid, signal.SIGSTOP)
        time.sleep(0.3)
        before = steps(folder)
        time.sleep(0.5)
        assert steps(folder) == before
        assert folder.state().status == "running", "its lock is held"
        os.kill(held.pid, signal.SIGCONT)
        assert grows(folder)


def test_a_hang_up_of_train_without_the_app_ends_nothing(photos: Path, runs: Path) -> None:
    recipe = in_app(photos, runs)[2]
    command = [sys.executable, "-m", "bear_tui", "train", "--recipe", recipe, "--runs", str(runs)]
    with terminal(command) as held:
        folder = started(runs, held)
        held.hang_up()
        assert grows(folder)
        assert stop(folder).returncode == 0
        assert folder.state().status == "stopped"
