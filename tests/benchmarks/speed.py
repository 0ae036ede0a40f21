"""What the screen costs a training: the same run with the app and without it, in turns."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bear_tui.recipe import sample_recipe
from bear_tui.recipe_file import to_toml
from tests.benchmarks import train_in_app
from tests.benchmarks.terminal import own_folders, terminal

_EPOCHS = 6


def ratios(pairs: int) -> list[float]:
    """Speed in the app over speed without, pair by pair, by the seconds of the runs' own phases."""
    found = []
    with tempfile.TemporaryDirectory() as home:
        sample = [sys.executable, "-m", "bear_tui", "sample", "--out", f"{home}/sample"]
        subprocess.run(sample, check=True, capture_output=True)
        recipe = Path(home) / "recipe.toml"
        recipe.write_text(to_toml(replace(sample_recipe(f"{home}/sample"), epochs=_EPOCHS)))
        for number in range(pairs):
            ways: list[Callable[[str, Path, int], float]] = [_without, _with]
            if number % 2:  # a machine that gets slower or quicker favours neither
                ways.reverse()
            times = {way: way(home, recipe, number) for way in ways}
            found.append(times[_without] / times[_with])
    return found


def _without(home: str, recipe: Path, number: int) -> float:
    runs = f"{home}/plain{number}"
    command = [sys.executable, "-m", "bear_tui", "train", "--recipe", str(recipe), "--runs", runs]
    subprocess.run(command, check=True, capture_output=True)
    return _seconds(runs)


def _with(home: str, recipe: Path, number: int) -> float:
    runs = f"{home}/app{number}"
    command = [sys.executable, train_in_app.__file__, str(recipe), runs]
    with terminal(command, environment=own_folders(home)) as held:
        end = time.monotonic() + 600
        while not list(Path(runs).glob("*/results.json")):
            held.read(0.2)
            if held.ended:
                raise RuntimeError(f"the app ended: {held.painted[-500:].decode(errors='replace')}")
            if time.monotonic() > end:
                raise TimeoutError("the training in the app did not end within 600 s")
    return _seconds(runs)


def _seconds(runs: str) -> float:
    results = next(Path(runs).glob("*/results.json"))
    return float(json.loads(results.read_text())["seconds"])
