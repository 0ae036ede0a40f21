"""What steps and class weights are worth where photos are few: a head on MobileNetV2's features.

    python -m tests.benchmarks.few_photos [--seeds 3] [--few 5,10,50,150] [--uneven 130:13]

Bears and other photos, as many a class as named, tested on 60 others a class. Each row is a mean
over the seeds: accuracy, calibration error as the network has it, seconds from command to result.
Then, with uneven classes, the recall of the rare one, with `--class-weights balanced` and without.
"""

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bear_tui.run.runs import all_runs
from tests.benchmarks.held_out import bear_tui
from tests.benchmarks.real_photos import SHARED, print_table
from tests.unit.documents import review_document

CLASSES = ("bear", "not_bear")
TESTED = 60


def split(folder: Path, counts: Sequence[int], seed: int) -> None:
    """A dataset with so many training photos of each class."""
    for name, count in zip(CLASSES, counts, strict=True):
        photos = sorted((SHARED / "photos" / name).iterdir())
        random.Random(seed).shuffle(photos)
        for part, chosen in (("test", photos[:TESTED]), ("train", photos[TESTED:][:count])):
            (folder / part / name).mkdir(parents=True)
            for photo in chosen:
                shutil.copy(photo, folder / part / name)


def trained(folder: Path, *options: object) -> tuple[dict[str, Any], float]:
    """The test of a run on the dataset in `folder`, and its seconds. Nothing kept is used."""
    runs = folder / f"runs-{len(list(folder.iterdir()))}"
    os.environ["XDG_CACHE_HOME"] = os.environ["BEAR_TUI_CACHE"] = str(runs / "cache")
    weights = next((SHARED / "weights").glob("mobilenet_v2*"))
    model = ("--model", "mobilenet_v2", "--weights", weights)
    start = time.perf_counter()
    bear_tui("train", "--data", folder, "--runs", runs, *model, *options)
    seconds = time.perf_counter() - start
    test: dict[str, Any] = review_document(all_runs(runs)[0])["test"]
    return test, seconds


def few(counts: Sequence[int], seeds: int, root: Path) -> list[list[str]]:
    """A row for ten epochs and one for the default, at each count."""
    rows = []
    for count in counts:
        for name, options in {"10 epochs": ("--epochs", 10), "default": ()}.items():
            found = []
            for seed in range(1, seeds + 1):
                folder = root / f"{count}-{name}-{seed}"
                split(folder, (count, count), seed)
                found.append(trained(folder, *options, "--seed", seed))
            error = [one["calibration"]["expected_calibration_error"] for one, _ in found]
            rows.append(
                [
                    str(count),
                    name,
                    f"{statistics.mean(one['accuracy'] for one, _ in found):.1%}",
                    f"{min(one['accuracy'] for one, _ in found):.1%}",
                    f"{statistics.mean(error):.3f}",
                    f"{statistics.mean(seconds for _, seconds in found):.1f}",
                ]
            )
            print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    return rows


def uneven(counts: Sequence[int], seeds: int, root: Path) -> list[list[str]]:
    """A row for each way to weight the classes."""
    rows = []
    for weights in ("none", "balanced"):
        found = []
        for seed in range(1, seeds + 1):
            folder = root / f"{weights}-{seed}"
            split(folder, counts, seed)
            options = ("--seed", seed, "--class-weights", weights)
            found.append(trained(folder, *options)[0])
        recalls = [[one["recall"] for one in test["per_class"]] for test in found]
        rare = min(range(2), key=lambda place: counts[place])
        rows.append(
            [
                ":".join(map(str, counts)),
                weights,
                f"{statistics.mean(test['accuracy'] for test in found):.1%}",
                f"{statistics.mean(one[rare] for one in recalls):.3f}",
                f"{statistics.mean(one[1 - rare] for one in recalls):.3f}",
            ]
        )
        print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    return rows


def main() -> int:
    """Two tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--few", default="5,10,50,150")
    parser.add_argument("--uneven", default="130:13")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = few([int(one) for one in chosen.few.split(",")], chosen.seeds, Path(folder))
        columns = ["photos a class", "trained for", "accuracy", "least"]
        print_table([*columns, "calibration error", "seconds"], rows)
        print()
        counts = [int(one) for one in chosen.uneven.split(":")]
        rows = uneven(counts, chosen.seeds, Path(folder))
    print_table(["classes", "weights", "accuracy", "rare recall", "other recall"], rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
