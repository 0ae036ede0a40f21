"""What the screen costs, measured in a real pty: the first frame, and the speed of training.

    python -m tests.benchmarks.screen first-frame [--rounds 9]
    python -m tests.benchmarks.screen training [--rounds 6] [--epochs 6]

Training is timed by the seconds of its phases (as in the journal), the same run with and without
the app in turns; the ratio is taken pair by pair.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.terminal import terminal

COMMAND = [sys.executable, "-m", "bear_tui"]


def first_frame(rounds: int) -> None:
    """Seconds from starting the process to the header being painted."""
    seconds = []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as home, terminal(COMMAND, environment=_home(home)) as t:
            seconds.append(t.wait_for("Dataset", 20))
    seconds = sorted(seconds[1:])  # the first one warms the disk cache
    print(
        f"first frame: median {statistics.median(seconds):.3f} s, "
        f"min {seconds[0]:.3f}, max {seconds[-1]:.3f} ({rounds} rounds)"
    )


def training(rounds: int, epochs: int) -> None:
    """Speed of a training in the app over the speed of `train` without a screen."""
    ratios = []
    with tempfile.TemporaryDirectory() as home:
        recipe = Path(home) / "recipe.toml"
        subprocess.run(
            [*COMMAND, "sample", "--out", f"{home}/sample"], check=True, capture_output=True
        )
        from bear_tui.recipe import sample_recipe, to_toml

        made = sample_recipe(f"{home}/sample")
        recipe.write_text(to_toml(made).replace(f"epochs = {made.epochs}", f"epochs = {epochs}"))
        for number in range(rounds):
            order = (_without, _with) if number % 2 else (_with, _without)
            times = {function: function(home, recipe, number) for function in order}
            ratios.append(times[_without] / times[_with])
            print(
                f"pair {number + 1}: {times[_with]:.2f} s in the app, "
                f"{times[_without]:.2f} s without, speed ratio {ratios[-1]:.3f}",
                flush=True,
            )
    print(
        f"speed in the app / without: median {statistics.median(ratios):.3f}, "
        f"min {min(ratios):.3f}, max {max(ratios):.3f} ({rounds} pairs)"
    )


def _without(home: str, recipe: Path, number: int) -> float:
    runs = f"{home}/plain{number}"
    command = [*COMMAND, "train", "--recipe", str(recipe), "--runs", runs]
    subprocess.run(command, check=True, capture_output=True)
    return _seconds(runs)


def _with(home: str, recipe: Path, number: int) -> float:
    runs = f"{home}/app{number}"
    probe = Path(__file__).with_name("train_in_app.py")
    command = [sys.executable, str(probe), str(recipe), runs]
    with terminal(command, environment=_home(home)) as held:
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


def _home(home: str) -> dict[str, str]:
    names = ("DATA", "CACHE", "CONFIG", "STATE")
    return {f"XDG_{name}_HOME": f"{home}/{name.lower()}" for name in names}


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("first-frame", "training"))
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=6)
    arguments = parser.parse_args()
    if arguments.what == "first-frame":
        first_frame(arguments.rounds)
    else:
        training(arguments.rounds, arguments.epochs)


if __name__ == "__main__":
    main()
