"""The app with a training in a real terminal, and what became of that training."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.events import StepCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_events
from bear_tui.run.runs import all_runs
from tests.benchmarks import train_in_app
from tests.benchmarks.terminal import Terminal

ENDLESS = 100_000
LEFT = b"\x1b[?1049l"
"""Leaves the alternate screen."""
CODE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")


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
