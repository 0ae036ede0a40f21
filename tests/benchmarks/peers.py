"""bear-tui against the tutorial's loop, fastai and Ultralytics: the same photos and epochs.

    python -m tests.benchmarks.peers --peers PYTHON [--model mobilenet_v2] [--rounds 3]

The body is frozen and only the last layer learns. Each is timed from the command to the saved
model, in turns, and its accuracy on the same test photos stands beside. PYTHON is that of an
environment that has torch, fastai and ultralytics; what it lacks is left out. The models of the
real weights start all alike; `resnet18` starts from random values and has no accuracy to tell of.
Fails below 3 times the speed of each peer with kept values, and 1.8 times with new views.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from bear_tui.engine import models
from tests.benchmarks.real_photos import SHARED, make_dataset, print_table

FLOORS = {"bear-tui, kept values": 3.0, "bear-tui, new views": 1.8}
EPOCHS = 3


def commands(python: str, model: str, weights: str, data: str, out: str) -> dict[str, list[str]]:
    """Every contestant's command."""
    start = ["--model", model, "--weights", weights, "--epochs", str(EPOCHS)]
    ours = [sys.executable, "-m", "bear_tui", "train", "--data", data, *start]
    ours += ["--unfreeze", "head", "--device", "cpu", "--runs", f"{out}/runs"]
    module = "tests.benchmarks"
    plain = ["--epochs", str(EPOCHS), "--out", f"{out}/ultralytics.pt"]
    return {
        "bear-tui, kept values": [*ours, "--augment", "none"],
        "bear-tui, new views": [*ours, "--augment", "light", "--views", "0"],
        "tutorial": [python, "-m", f"{module}.tutorial", data, *start, "--out", f"{out}/t.pt"],
        "fastai": [python, "-m", f"{module}.fastai_peer", data, *start, "--out", f"{out}/f.pt"],
        "Ultralytics": [python, "-m", f"{module}.ultralytics_peer", data, *plain],
    }


def run(command: list[str]) -> tuple[float, float | None]:
    """Seconds, and accuracy on the test photos where it is told. Raises where it failed."""
    start = time.perf_counter()
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    seconds = time.perf_counter() - start
    told = re.findall(r"accuracy ([0-9.]+)(%?)", answer.stdout)
    if not told:
        return seconds, None
    share, percent = told[-1]
    return seconds, float(share) / (100 if percent else 1)


def main() -> int:
    """One table; 1 where a floor is not reached."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    files = list((SHARED / "weights").glob(f"{chosen.model}_*"))
    seconds: dict[str, list[float]] = {}
    accuracy: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as out:
        data = str(make_dataset(Path(out) / "photos"))
        if not files:
            files = [Path(out) / "random.pth"]
            torch.save(models.build(chosen.model, 2, 224).state_dict(), files[0])
        contest = commands(chosen.peers, chosen.model, str(files[0]), data, out)
        for _ in range(chosen.rounds):
            for name, command in list(contest.items()):
                try:
                    taken, accuracy[name] = run(command)
                    seconds.setdefault(name, []).append(taken)
                    print(f"{name}: {taken:.1f} s", file=sys.stderr, flush=True)
                except subprocess.CalledProcessError as error:
                    print(f"{name} left out: {error.stderr.strip().splitlines()[-1]}")
                    del contest[name]
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    peers = [name for name in medians if name not in FLOORS]
    good = True
    rows = []
    for name, median in medians.items():
        share = accuracy[name]
        shown = "" if share is None or "random" in str(files[0]) else f"{share:.1%}"
        factor = min((medians[peer] / median for peer in peers), default=0.0)
        good = good and factor >= FLOORS.get(name, 0.0)
        least = f"{factor:.1f}" if name in FLOORS else ""
        rows.append([name, f"{median:.1f}", least, shown])
    print_table([f"{chosen.model}, {EPOCHS} epochs", "seconds", "least factor", "accuracy"], rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
