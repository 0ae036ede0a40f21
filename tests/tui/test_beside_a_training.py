"""What reaches a real terminal while a real training goes on: little, in time, and nothing else."""

import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs
from tests.benchmarks.terminal import Terminal, own_folders, terminal
from tests.engine.conftest import draw_photos
from tests.tui import noisy_training

pytestmark = pytest.mark.slow

SECONDS = 4.0


@dataclass(frozen=True)
class Watched:
    """A training as its terminal saw it."""

    painted: str
    """From the first to the last byte."""
    meanwhile: str
    """Within `seconds` of training."""
    seconds: float
    log: str
    app_log: str


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    home = tmp_path_factory.mktemp("beside")
    for split, count in (("train", 120), ("test", 6)):
        draw_photos(home / "photos" / split / "red", count, (190, 70, 70), count)
        draw_photos(home / "photos" / split / "rose", count, (190, 75, 75), count + 1)
    recipe = replace(
        default_recipe(str(home / "photos"), "mlp", image_size=8),
        epochs=400,
        batch_size=8,
        device="cpu",
        scheduler="none",
    )
    (home / "recipe.toml").write_text(to_toml(recipe))
    command = [sys.executable, "-m", noisy_training.__name__]
    command += [str(home / "recipe.toml"), str(home / "runs")]
    # Unbuffered, Python takes C's buffer away too.
    environment = {**own_folders(str(home)), "PYTHONUNBUFFERED": ""}
    with terminal(command, 80, 24, environment) as held:
        folder = learning(held, home / "runs")
        while "moved" not in held.painted.decode("utf-8", "replace"):  # all is laid out
            held.read(0.05)
        seen, start = len(held.painted), time.monotonic()
        while time.monotonic() - start < SECONDS:
            held.read(0.05)
        seconds, until = time.monotonic() - start, len(held.painted)
        held.type("q")
        held.wait_for("A training is running", 20)
        held.type("jj\r")
        assert held.wait_for_end(30) == 0
        painted = held.painted
    assert folder.state().status == "stopped"
    return Watched(
        painted.decode("utf-8", "replace"),
        painted[seen:until].decode("utf-8", "replace"),
        seconds,
        folder.log_file.read_text(),
        (home / "state/bear-tui/app.log").read_text(),
    )


def learning(held: Terminal, runs: Path) -> RunFolder:
    """The run, once it has learned for two epochs and is drawn."""
    end = time.monotonic() + 60
    while not all_runs(runs) or all_runs(runs)[0].state().epochs_done < 2:
        assert time.monotonic() < end, "no training began"
        held.read(0.05)
    held.wait_for("running", 20)
    return all_runs(runs)[0]


def paintings(painted: str) -> tuple[int, int]:
    """How often the busiest place of a chart was painted, and the busiest of all else."""
    charts, texts = Counter[str](), Counter[str]()
    for place, text in re.findall(r"\x1b\[(\d+;\d+)H((?:(?!\x1b\[\d+;\d+H).)*)", painted, re.S):
        if text:  # the cursor is put back after each painting
            (charts if re.search("[\u2801-\u28ff]", text) else texts)[place] += 1
    return max(charts.values(), default=0), max(texts.values(), default=0)


def test_charts_are_painted_once_a_second_and_texts_twice(watched: Watched) -> None:
    charts, texts = paintings(watched.meanwhile)
    # The busiest place of a chart: an epoch changes few of them.
    assert 1 < charts <= watched.seconds / 2 + 1
    assert 1 < texts <= 2 * watched.seconds + 1


def test_ten_kilobytes_a_second_are_enough(watched: Watched) -> None:
    assert 100 < len(watched.meanwhile.encode()) / watched.seconds <= 10_000


def test_the_screen_is_not_painted_whole_unasked(watched: Watched) -> None:
    assert "\x1b[2J" not in watched.meanwhile, "nothing is cleared"
    assert "\r\n" not in watched.meanwhile, "no line follows a line"


def test_nothing_that_libraries_print_reaches_the_screen_or_the_shell(watched: Watched) -> None:
    assert "NOISE" not in watched.painted
    assert not re.search(r"\d%\|", watched.painted), "no bar"


def test_all_that_libraries_print_is_in_the_log_of_the_run(watched: Watched) -> None:
    missing = [noise for noise in noisy_training.NOISES if noise not in watched.log]
    assert not missing
    assert "NOISE" not in watched.app_log
