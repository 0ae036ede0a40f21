"""The app inside tmux, as most people over SSH have it: colours, size, detach and attach."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.terminal import own_folders, terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Tmux:
    """A tmux server of its own, with the app in its one pane."""

    def __init__(self, home: Path) -> None:
        self._socket = str(home / "tmux")
        app = [f"{name}={value}" for name, value in own_folders(str(home)).items()]
        app += [sys.executable, "-m", "bear_tui"]
        self("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "env", *app)

    def __call__(self, *arguments: str) -> str:
        """What a tmux command answers."""
        command = ["tmux", "-S", self._socket, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
        return done.stdout

    def attach(self) -> list[str]:
        """The command of a person who comes back."""
        return ["tmux", "-S", self._socket, "attach"]

    def shown(self) -> str:
        """What stands in the pane."""
        return self("capture-pane", "-p")

    def wait_for(self, text: str) -> str:
        """What stands there once `text` does."""
        end = time.monotonic() + 30
        while text not in (shown := self.shown()):
            assert time.monotonic() < end, f"`{text}` is not there:\n{shown}"
            time.sleep(0.05)
        return shown


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    one = Tmux(tmp_path)
    yield one
    one("kill-server")


def test_it_starts_and_has_colours(tmux: Tmux) -> None:
    tmux.wait_for("start from")
    styled = tmux("capture-pane", "-p", "-e")
    assert len(set(re.findall(r"[34]8;5;(\d+)", styled))) > 5
    assert "8;2;" not in styled, "nothing says that this tmux takes true colours"


def test_another_size_of_the_pane_is_filled(tmux: Tmux) -> None:
    tmux.wait_for("start from")
    for width, height in ((130, 40), (60, 18), (80, 24)):
        tmux("resize-window", "-x", str(width), "-y", str(height))
        end = time.monotonic() + 10
        while not filled(tmux.shown(), width, height):
            assert time.monotonic() < end, tmux.shown()
            time.sleep(0.05)


def filled(shown: str, width: int, height: int) -> bool:
    """Whether the header, the keys and a pane's right border are where they belong."""
    lines = shown.rstrip("\n").split("\n")
    right = max(len(line) for line in lines)
    return (len(lines), right) == (height, width) and "Dataset" in lines[0] and "quit" in lines[-1]


def test_who_detaches_and_attaches_again_finds_it_alive_and_painted(tmux: Tmux) -> None:
    tmux.wait_for("start from")
    here = "start from"
    for key, text in (("5", "No runs yet"), ("1", "start from")):
        with terminal(tmux.attach(), 80, 25, {}) as person:  # tmux takes a line for its status
            person.wait_for(here, 10)
            person.type(key)
            person.wait_for(text, 10)
            here = text
            person.type("\x02d")  # ctrl+b d
            assert person.wait_for_end(10) == 0
    with terminal(tmux.attach(), 80, 25, {}) as person:
        person.wait_for("start from", 10)
        person.hang_up()
    assert "start from" in tmux.shown(), "a connection that broke took nothing with it"
