"""How well MobileNetV2 with real weights tells bears, on 80 photos held out, by what learns.

    python -m tests.benchmarks.held_out [--splits 3] [--epochs 10]

Each split holds out 40 other photos a class; from command to result, as a person would. It fails
where a run is right on less than 0.97 of them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.real_photos import SHARED, print_table

FLOOR = 0.97
WAYS = {"head": "head", "last stage": "features.1[4-8],head", "all": "all"}


def bear_tui(*arguments: object) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "bear_tui", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def result(data: Path, runs: Path, unfreeze: str, epochs: int) -> dict[str, Any]:
    """Of a run, trained and tested."""
    weights = next((SHARED / "weights").glob("mobilenet_v2*"))
    chosen = ("--model", "mobilenet_v2", "--weights", weights, "--unfreeze", unfreeze)
    bear_tui("train", "--data", data, "--runs", runs, *chosen, "--epochs", epochs)
    shown: dict[str, Any] = json.loads(bear_tui("show", "last", "--runs", runs, "--json"))
    return shown


def main() -> int:
    """One table; 1 where a run is below the floor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    chosen = parser.parse_args()
    rows, good = [], True
    photos = [f"--class={name}={SHARED / 'photos' / name}" for name in ("bear", "not_bear")]
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, chosen.splits + 1):
            data, runs = Path(folder) / f"data-{seed}", Path(folder) / "runs"
            bear_tui("prepare", "--out", data, *photos, "--hold-out", 40, "--seed", seed)
            for name, unfreeze in WAYS.items():
                start = time.perf_counter()
                shown = result(data, runs, unfreeze, chosen.epochs)
                seconds = time.perf_counter() - start
                accuracy = shown["test"]["accuracy"]
                tested = sum(one["support"] for one in shown["test"]["per_class"])
                good = good and accuracy >= FLOOR
                last = shown["history"][-1]["validation_accuracy"]
                rows.append(
                    [
                        str(seed),
                        name,
                        f"{accuracy:.2%}",
                        str(tested),
                        f"{last:.1%}",
                        f"{seconds:.0f}",
                    ]
                )
                print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    print_table(["split", "learns", "accuracy", "photos", "last validation", "seconds"], rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
