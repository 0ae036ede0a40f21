"""A screen that breaks ends no training of its process: that goes on, and can be stopped."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal, own_folders, terminal
from tests.tui import broken_screen
from tests.tui.broken_screen import OTHERS, SCREENS, WIDGETS

pytestmark = [pytest.mark.slow, pytest.mark.replaces("crash", "driver")]  # a process a kind

F12 = "\x1b[24~"
LEFT = b"\x1b[?1049l"


def read_until(held: Terminal, condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen: {held.painted[-500:]!r}"
        held.read(0.05)


@pytest.mark.parametrize("kind", [*WIDGETS, *SCREENS, *OTHERS])
def test_a_screen_that_breaks_leaves_a_training_that_goes_on_without_it(
    tmp_path: Path, kind: str
) -> None:
    steps, saved = tmp_path / "steps", tmp_path / "saved"
    command = [sys.executable, broken_screen.__file__, kind, str(tmp_path)]
    surroundings = {**own_folders(str(tmp_path)), "PYTHONPATH": str(Path(__file__).parents[2])}
    with terminal(command, environment=surroundings) as held:
        before = held.settings()
        read_until(held, lambda: b"running" in held.painted and steps.is_file())
        held.type(F12)
        read_until(held, lambda: LEFT in held.painted)
        read_until(held, lambda: b"goes on without the screen" in held.painted)
        done = steps.stat().st_size
        read_until(held, lambda: steps.stat().st_size > done + 50)
        assert held.settings() == before
        said = held.painted.rpartition(LEFT)[2]
        assert b"the screen broke" in said
        assert b"Traceback" not in said
        assert not saved.exists()
        os.kill(held.pid, signal.SIGTERM)
        assert held.wait_for_end(10) == 1
        assert saved.read_text() == "asked by SIGTERM"
