"""How long the app lets a person wait: the first frame, keys, and how much it paints unasked."""

import contextlib
import itertools
import math
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from tests.benchmarks import train_in_app
from tests.benchmarks.terminal import Terminal, own_folders, terminal
from tests.engine.conftest import draw_photos

APP = [sys.executable, "-m", "bear_tui"]
ROUND = (
    ("2", "models"),
    ("3", "train acc"),
    ("?", "Keys of this screen"),
    ("?", "train acc"),
    ("5", "started"),
    ("4", "has no test yet"),
    ("1", "start from"),
    ("3", "train acc"),
)
"""Keys, and what each paints that was not there before."""


def first_frame() -> float:
    """Seconds from starting the process to the header being painted."""
    with tempfile.TemporaryDirectory() as home, terminal(APP, environment=own_folders(home)) as t:
        return t.wait_for("Dataset", 20)


def bare_first_frame() -> float:
    """Return the seconds from starting a bare Textual app to its text being painted."""
    command = [sys.executable, "-m", "tests.benchmarks.bare_app"]
    with terminal(command) as t:
        return t.wait_for("computed", 20)


def keys_during_import() -> list[float]:
    """Milliseconds of every key from the first frame until two seconds after torch is there."""
    with tempfile.TemporaryDirectory() as home, terminal(APP, environment=own_folders(home)) as t:
        t.wait_for("start from", 20)
        waits, end = [], math.inf
        for key, answer in itertools.cycle((("5", "No runs yet"), ("1", "start from"))):
            waits.append(_press(t, key, answer))
            if end == math.inf and "torchvision" in _mapped(t.pid):
                end = time.monotonic() + 2.0
            if time.monotonic() > end:
                return waits
    raise AssertionError("unreachable")


def keys(held: Terminal, count: int) -> list[float]:
    """Milliseconds from each of `count` keys to its answer, on all screens while a run trains."""
    return [_press(held, *step) for step in itertools.islice(itertools.cycle(ROUND), count)]


def output(held: Terminal, seconds: float) -> float:
    """KB a second that are painted while nobody presses anything."""
    held.painted = b""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        held.read(left)
    return len(held.painted) / 1000 / seconds


def p99(waits: list[float]) -> float:
    """The longest but for one in a hundred."""
    return sorted(waits)[math.ceil(len(waits) * 0.99) - 1]


@contextlib.contextmanager
def training(
    model: str, image_size: int, columns: int = 120, lines: int = 40
) -> Iterator[Terminal]:
    """The app, in which every layer of a model learns, for longer than is measured."""
    with tempfile.TemporaryDirectory() as home:
        for split, count in (("train", 48), ("test", 8)):
            draw_photos(Path(home, "photos", split, "bear"), count, (190, 70, 70), count)
            draw_photos(Path(home, "photos", split, "not_bear"), count, (70, 190, 70), count + 1)
        recipe = default_recipe(
            f"{home}/photos", model, weights="none", image_size=image_size, unfreeze="all"
        )
        file = Path(home, "recipe.toml")
        file.write_text(to_toml(replace(recipe, epochs=1000, batch_size=8, scheduler="none")))
        command = [sys.executable, train_in_app.__file__, str(file), f"{home}/runs"]
        with terminal(command, columns, lines, own_folders(home)) as held:
            held.wait_for("photos/s", 300)  # it learns
            yield held


def _press(held: Terminal, key: str, answer: str) -> float:
    held.painted = b""
    pressed = time.monotonic()
    held.type(key)
    held.wait_for(answer, 30)
    wait = (time.monotonic() - pressed) * 1000
    while held.read(0.02):  # a person's next key comes later; what is still painted is not its
        if time.monotonic() - pressed > 0.5:
            break
    return wait


def _mapped(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return ""
