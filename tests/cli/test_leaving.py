"""Leaving an app that trains: real terminals, real signals, real processes."""

import json
import os
import re
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bear_tui.run.control import ask
from bear_tui.run.queue_store import QueueStore
from bear_tui.run.runs import all_runs
from tests.benchmarks.terminal import terminal
from tests.cli.app_in_terminal import (
    CODE,
    ENDLESS,
    LEFT,
    MODE,
    completes,
    grows,
    in_app,
    modes,
    painted,
    started,
    stop,
    wait_until,
)

pytestmark = pytest.mark.slow


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
