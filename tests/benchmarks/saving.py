"""What saving costs the training: the same epochs with and without checkpoints, in turns.

    python -m tests.benchmarks.saving [--rounds 5] [--epochs 4] [--midway SECONDS]

Trains the sample's ResNet18 on the sample photos. `--midway` saves also so often within epochs. Time
is that of the whole training, waits for the last write included.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

from bear_tui.data.sample import write_sample
from bear_tui.engine import saver
from bear_tui.engine.fit import fit
from bear_tui.engine.saver import Saver
from bear_tui.recipe import Recipe, sample_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import RunStarted, TestCompleted
from bear_tui.run.folder import RunFolder


def seconds(recipe: Recipe, path: Path) -> float:
    """Of the epochs alone, model building and the test left out."""
    start = end = 0.0
    for event in fit(recipe, RunFolder(path), Control()):
        if isinstance(event, RunStarted):
            start = time.perf_counter()
        if not isinstance(event, TestCompleted) and not end:
            last = time.perf_counter()
        if isinstance(event, TestCompleted):
            end = last
    return (end or last) - start


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--midway", type=float, default=300.0)
    arguments = parser.parse_args()
    saver.SAVE_EVERY = arguments.midway
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_sample(root / "sample", 240, 1)
        recipe = replace(sample_recipe(str(root / "sample")), epochs=arguments.epochs, device="cpu")
        for number in range(arguments.rounds):
            times = {}
            for saving in (True, False) if number % 2 else (False, True):
                path = root / f"{number}-{saving}"
                if saving:
                    times[saving] = seconds(recipe, path)
                    continue
                # No test either: there is no best checkpoint to test.
                with mock.patch.object(Saver, "begin"), mock.patch.object(Saver, "due", False):
                    times[saving] = seconds(recipe, path)
            ratios.append(times[True] / times[False] - 1)
            print(f"with {times[True]:.2f} s, without {times[False]:.2f} s, {ratios[-1]:+.1%}")
    print(f"saving costs {statistics.median(ratios):+.1%} (median of {arguments.rounds} pairs)")


if __name__ == "__main__":
    main()
