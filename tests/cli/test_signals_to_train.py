"""Signals to a training: before it begins, while it is stopped, and when its terminal is gone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bear_tui.api import launch
from bear_tui.cli import main
from bear_tui.run.events import Event
from bear_tui.run.runs import all_runs
from tests.benchmarks.terminal import terminal
from tests.cli.app_in_terminal import grows, in_app, started, steps, stop

pytestmark = pytest.mark.slow


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
    ready = launch.prepare_fit

    def swallowing(*given: Any) -> Callable[..., Iterator[Event]]:
        with suppress(BaseException):  # as some imports do
            signal.raise_signal(signal.SIGTERM)
        return ready(*given)

    monkeypatch.setattr(launch, "prepare_fit", swallowing)
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
