"""A process that was told of others which never come, or told only half."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bear_tui.recipe import Recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.runs import all_runs

pytestmark = pytest.mark.slow


def command(recipe: Recipe, folder: Path) -> list[str]:
    (folder / "recipe.toml").write_text(to_toml(recipe))
    train = [sys.executable, "-m", "bear_tui", "train", "--recipe", str(folder / "recipe.toml")]
    return [*train, "--runs", str(folder / "runs")]


def train_with(
    variables: dict[str, str], recipe: Recipe, folder: Path
) -> subprocess.CompletedProcess[str]:
    """A training in an environment with these variables, to its end."""
    return subprocess.run(
        command(recipe, folder),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def test_variables_that_are_half_there_or_empty_change_nothing(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    half = {
        "RANK": "1",
        "WORLD_SIZE": "",
        "LOCAL_RANK": "x",
        "LOCAL_WORLD_SIZE": "",
        "MASTER_ADDR": " ",
    }
    answer = train_with(half, recipe_for(epochs=1), tmp_path)
    assert answer.returncode == 0, answer.stderr
    (run,) = all_runs(tmp_path / "runs")
    assert run.state().status == "completed"
    assert "RANK=1 without WORLD_SIZE, MASTER_ADDR, MASTER_PORT: ignored" in answer.stderr


def test_variables_without_sense_are_a_sentence(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    odd = {"RANK": "7", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}
    answer = train_with(odd, recipe_for(epochs=1), tmp_path)
    assert answer.returncode == 2
    assert answer.stderr.startswith("bear-tui: RANK=7: a number from 0 to 1 is needed")
    assert len(answer.stderr.splitlines()) == 1
    assert not all_runs(tmp_path / "runs")


@pytest.mark.parametrize(("rank", "number"), [(0, signal.SIGTERM), (1, signal.SIGINT)])
def test_others_that_never_come_are_named_and_a_signal_ends_the_wait(
    rank: int, number: signal.Signals, recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    address = "127.0.0.1"
    with socket.socket() as free:
        free.bind((address, 0))
        port = free.getsockname()[1]
    told = {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": address, "MASTER_PORT": str(port)}
    with subprocess.Popen(
        command(recipe_for(epochs=1), tmp_path),
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **told},
    ) as waiting:
        assert waiting.stderr is not None
        for line in waiting.stderr:
            if "waits for 1 other at" in line:
                break
        assert f"process {rank} of 2" in line
        assert f"{address}:{port}; ctrl+c ends the wait" in line
        asked = time.monotonic()
        waiting.send_signal(number)
        rest = waiting.stderr.read()
        assert waiting.wait(30) == 3
    assert time.monotonic() - asked < 10
    assert rest.splitlines()[-1] == "stopped before the training began; nothing was changed."
    assert "Traceback" not in rest
    assert not all_runs(tmp_path / "runs")


def test_a_port_that_is_taken_is_a_sentence(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
        answer = subprocess.run(
            command(recipe_for(epochs=1), tmp_path),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, **told, "MASTER_PORT": str(port)},
        )
    assert answer.returncode == 1
    assert f"127.0.0.1:{port}, and cannot: " in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr
