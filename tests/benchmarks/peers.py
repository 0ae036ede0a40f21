"""bear-tui against the tutorial's loop, fastai and Ultralytics: the same photos and epochs.

    python -m tests.benchmarks.peers --peers PYTHON [--model mobilenet_v2] [--rounds 3]

The body is frozen and only the last layer learns. Each is timed from the command to the saved
model, in turns, and its accuracy on the same test photos stands beside. Each begins without what an
earlier run has cached. PYTHON is that of an environment that has torch, fastai and ultralytics;
what it lacks is left out. All start from the same body; `resnet18` starts from random values and
has no accuracy to tell of. bear-tui computes in fp32 as its peers do, and in bf16 too where the CPU
has it. Fails where the faster of these is below 3 times the speed of each peer with kept values,
and 1.8 times with new views.
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

from bear_tui.engine.models import builder
from tests.benchmarks.real_photos import SHARED, make_dataset, print_table

OURS = "bear-tui"
FLOORS = {"kept values": 3.0, "new views": 1.8}
EPOCHS = 3


def commands(python: str, model: str, weights: str, data: str, out: str) -> dict[str, list[str]]:
    """Every contestant's command."""
    start = ["--model", model, "--weights", weights, "--epochs", str(EPOCHS)]
    ours = [sys.executable, "-m", "bear_tui", "train", "--data", data, *start]
    ours += ["--unfreeze", "head", "--device", "cpu", "--runs", f"{out}/runs"]
    ways = {
        "kept values": ["--augment", "none"],
        "new views": ["--augment", "light", "--views", "0"],
    }
    contest = {
        f"{OURS}, {way}, {precision}": [*ours, *options, "--precision", precision]
        for way, options in ways.items()
        for precision in precisions()
    }
    for peer in ("tutorial", "fastai", "ultralytics"):
        module = f"tests.benchmarks.{peer}_peer"
        contest[peer] = [python, "-m", module, data, *start, "--out", f"{out}/{peer}.pt"]
    return contest


def precisions() -> tuple[str, ...]:
    """bf16 only where the processor computes in it."""
    has_bf16 = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return ("fp32", "bf16") if has_bf16 else ("fp32",)


def run(command: list[str]) -> tuple[float, float | None]:
    """Seconds, and accuracy on the test photos where it is told. Raises where it failed."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"XDG_CACHE_HOME": cache}
        start = time.perf_counter()
        answer = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment
        )
        seconds = time.perf_counter() - start
    told = re.findall(r"accuracy ([0-9.]+)(%?)", answer.stdout)
    if not told:
        return seconds, None
    share, percent = told[-1]
    return seconds, float(share) / (100 if percent else 1)


def factors(medians: dict[str, float]) -> dict[str, float]:
    """How many times as fast each of ours is as the fastest of the others."""
    others = [median for name, median in medians.items() if not name.startswith(OURS)]
    ours = {name: median for name, median in medians.items() if name.startswith(OURS)}
    return {name: min(others, default=0.0) / median for name, median in ours.items()}


def main() -> int:
    """One table; 1 where a floor is not reached."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    files = list((SHARED / "weights").glob(f"{chosen.model}_*"))
    random = not files
    seconds: dict[str, list[float]] = {}
    accuracy: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as out:
        data = str(make_dataset(Path(out) / "photos"))
        if random:
            files = [Path(out) / "random.pth"]
            torch.save(builder.build(chosen.model, 2, 224).state_dict(), files[0])
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
    times = factors(medians)
    rows = []
    for name, median in medians.items():
        share = accuracy[name]
        factor = f"{times[name]:.1f}" if name in times else ""
        rows.append(
            [name, f"{median:.1f}", factor, "" if share is None or random else f"{share:.1%}"]
        )
    print_table([f"{chosen.model}, {EPOCHS} epochs", "seconds", "least factor", "accuracy"], rows)
    reached = {
        way: max((times[name] for name in times if way in name), default=0.0) for way in FLOORS
    }
    return 0 if all(reached[way] >= floor for way, floor in FLOORS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
