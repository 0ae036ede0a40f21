"""Signals of a cluster, of `ulimit -t` and of a hasty person, to real processes."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.queue_store import QueueStore
from bear_tui.run.runs import all_runs
from tests.benchmarks.terminal import terminal
from tests.cli.app_in_terminal import LEFT, in_app, started
from tests.engine.conftest import draw_photos

BEAR_TUI = (sys.executable, "-m", "bear_tui")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("signals") / "photos"
    for split, count in (("train", 12), ("test", 4)):
        draw_photos(root / split / "red", count, (190, 70, 70), count)
        draw_photos(root / split / "green", count, (70, 190, 70), count + 1)
    return root


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.mark.slow
def test_signals_of_a_cluster_save_and_end_a_run_that_goes_on(photos: Path, tmp_path: Path) -> None:
    basis = default_recipe(str(photos), "mlp", image_size=8)
    endless = replace(basis, epochs=100_000, batch_size=8, device="cpu", scheduler="none")
    run, waiting = RunFolder(tmp_path / "run"), QueueStore(tmp_path)
    run.create(endless)
    waiting.add(replace(endless, name="next"))
    epochs = 0
    for number, more in (
        (signal.SIGUSR1, ()),
        (signal.SIGUSR2, ("--then-queue",)),
        (signal.SIGXCPU, ("--json",)),
    ):
        command = [*BEAR_TUI, "resume", str(run.path), *more]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as trainer:
            wait_until(lambda before=epochs: run.state().epochs_done > before + 1)  # type: ignore[misc]
            for _ in range(3):  # SIGXCPU comes every second
                trainer.send_signal(number)
                time.sleep(0.05)
            assert trainer.wait(30) == 3
        state = run.state()
        assert (state.status, state.message) == ("stopped", f"stopped by {number.name}")
        assert state.epochs_done > epochs, "it went on where it stopped"
        epochs = state.epochs_done
    assert all_runs(tmp_path) == [run], "a signal ends the queue too"
    assert [one.name for one in waiting.recipes] == ["next"]


@pytest.mark.slow
def test_a_signal_before_a_background_training_begins_ends_its_queue_too(
    photos: Path, tmp_path: Path
) -> None:
    recipe = replace(default_recipe(str(photos), "mlp", image_size=8), epochs=1, device="cpu")
    run, waiting = RunFolder(tmp_path / "run"), QueueStore(tmp_path)
    run.create(recipe)
    waiting.add(replace(recipe, name="next"))
    command = [*BEAR_TUI, "resume", str(run.path), "--then-queue"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as trainer:
        time.sleep(0.6)  # it loads torch
        trainer.send_signal(signal.SIGUSR1)
        _, errors = trainer.communicate(timeout=30)
    assert (trainer.returncode, b"Traceback" in errors) == (3, False), errors
    assert all_runs(tmp_path) == [run]
    assert len(waiting.recipes) == 1


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGXCPU])
def test_the_app_saves_its_training_and_leaves(
    number: signal.Signals, photos: Path, tmp_path: Path
) -> None:
    with terminal(in_app(photos, tmp_path / "runs")) as held:
        folder = started(tmp_path / "runs", held)
        for _ in range(2):
            subprocess.run(["kill", f"-{number.name[3:]}", str(held.pid)], check=True)
            held.read(0.1)
        assert held.wait_for_end(20) == 0
        assert folder.state().status == "stopped"
        assert LEFT in held.painted


def test_a_signal_that_comes_while_the_trainer_waits_never_locks_it() -> None:
    # What a handler asks may interrupt the very code that waits to be asked.
    control = Control()
    control.pause()

    def stop(_number: int, _frame: object) -> None:
        control.resume()
        control.pause()

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    try:
        end = time.monotonic() + 0.5
        control.wait("a test", 0.5)
        assert time.monotonic() - end < 5
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


PROGRAM = """
import os, signal, sys
left = int(sys.argv.pop(1))
ours = False
def interrupt(event, words):
    global left, ours
    if event == "import":
        ours = ours or words[0] == "bear_tui.cli"
        left -= ours
        if ours and left == 0:
            os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(interrupt)
from bear_tui.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("command", "imports"),
    [
        *((("models",), imports) for imports in (1, 3, 10, 30, 60, 100, 140)),
        *((("train", "--sample", "--model", "m"), imports) for imports in (5, 120)),
        *((("layers", "mlp"), imports) for imports in (300, 600, 1200)),
    ],
)
def test_ctrl_c_while_modules_are_loaded_is_no_traceback(
    command: tuple[str, ...], imports: int
) -> None:
    whole = [sys.executable, "-c", PROGRAM, str(imports), *command]
    answer = subprocess.run(whole, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode in (-signal.SIGINT, 1 if command[0] != "train" else 3), answer.stderr
    assert answer.stderr in ("", "bear-tui: stopped.\n")


def test_python_dash_m_listens_from_its_first_line() -> None:
    program = "import bear_tui.__main__, os; os.kill(os.getpid(), 2); print('not reached')"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (answer.returncode, answer.stdout, answer.stderr) == (-signal.SIGINT, b"", b"")
