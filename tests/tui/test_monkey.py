"""Random keys at the app, and that what they are to find is found."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.monkey.__main__ import play
from tests.monkey.actions import Action, actions
from tests.monkey.app import surroundings

_FAULTY = """
import sys, time
from pathlib import Path
from textual.events import Key
from bear_tui.tui import app
from bear_tui.tui.screens.modes import STYLES
from bear_tui.tui.run_app import show_app

class Faulty(app.BearApp):
    CSS_PATH = [str(Path(app.__file__).parent / style) for style in STYLES]

    async def on_event(self, event):
        if isinstance(event, Key) and event.key == "x":
            {fault}
        await super().on_event(event)

sys.exit(show_app(Faulty))
"""


@pytest.mark.replaces("driver", "key_queue")
@pytest.mark.slow
def test_random_keys_break_nothing_and_lose_no_training(tmp_path: Path) -> None:
    report = play(tmp_path, actions(7, str(tmp_path)), seconds=12.0)
    assert not report.faults, report.words()
    assert report.done > 40
    assert report.answers


@pytest.mark.replaces("driver", "key_queue")
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("raise RuntimeError('a bad key')", "RuntimeError: a bad key"),
        ("time.sleep(6)", "no key was answered for"),
        ("import os; os._exit(7)", "an app ended with 7"),
    ],
)
def test_a_fault_that_a_key_brings_is_told(tmp_path: Path, fault: str, told: str) -> None:
    script = tmp_path / "faulty.py"
    script.write_text(_FAULTY.format(fault=fault))
    keys = itertools.chain([Action("x", wait=0.2)], itertools.repeat(Action("j", wait=0.05), 60))
    command = [sys.executable, str(script)]
    report = play(tmp_path, keys, seconds=20.0, patience=2.0, command=command)
    assert any(told in one for one in report.faults), report.words()


def test_the_same_seed_is_the_same_keys() -> None:
    first, again, other = (
        list(itertools.islice(actions(seed, "/home"), 500)) for seed in (3, 3, 4)
    )
    assert first == again != other


def test_what_a_monkey_does_stays_in_its_folder(tmp_path: Path) -> None:
    """In its own process and in those that it starts."""
    home, outside = tmp_path / "home", tmp_path / "outside"
    home.mkdir()
    outside.mkdir()
    (outside / "kept").write_text("kept")
    tries = """
import os, pathlib, shutil, subprocess, sys, urllib.request
here, outside = map(pathlib.Path, sys.argv[1:])
def refused(do):
    try:
        do()
    except OSError:
        return
    raise SystemExit("it was not refused")
(here / "mine").write_text("mine")
(here / "mine").rename(here / "moved")
shutil.copytree(here, here / "sub" / "copy", ignore=lambda *_: ["sub"])
shutil.rmtree(here / "sub")
refused(lambda: (outside / "new").write_text("new"))
refused(lambda: (outside / "kept").unlink())
refused(lambda: (outside / "kept").rename(here / "kept"))
refused(lambda: (here / "moved").rename(outside / "kept"))
refused(lambda: (here / ".." / "outside" / "folder").mkdir())
refused(lambda: shutil.rmtree(outside))
(here / "link").symlink_to(outside)
refused(lambda: (here / "link" / "new").write_text("new"))
refused(lambda: urllib.request.urlopen("http://example.org/", timeout=1))
if "child" not in os.environ:
    (here / "link").unlink()
    subprocess.run([sys.executable, "-c", os.environ["TRIES"], *sys.argv[1:]], check=True,
                   env={**os.environ, "child": "1"})
"""
    subprocess.run(
        [sys.executable, "-c", tries, str(home), str(outside)],
        check=True,
        env={**os.environ, **surroundings(home), "TRIES": tries},
    )
    assert [path.name for path in outside.iterdir()] == ["kept"]
    assert (outside / "kept").read_text() == "kept"
