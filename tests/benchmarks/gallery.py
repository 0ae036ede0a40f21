"""How long a page of the gallery takes, from the key to the last byte painted, in a real pty.

    python -m tests.benchmarks.gallery [--turns 30] [--every 0.15] [--columns 120] [--lines 40]

A page counts as painted once nothing more comes for 40 ms.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bear_tui.data.sample import write_sample
from tests.benchmarks.terminal import Terminal, terminal
from tests.unit.sample_runs import Prediction, sample_run

_QUIET = 0.040


def painted(held: Terminal) -> tuple[float, int]:
    """When the last byte came, on the monotonic clock, and how many there were."""
    count = len(held.read(1.0))
    last = time.monotonic()
    while time.monotonic() - last < _QUIET:
        chunk = held.read(0.005)
        if chunk:
            last, count = time.monotonic(), count + len(chunk)
    return last, count


def main() -> None:
    """Turn pages as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--every", type=float, default=0.15, help="seconds between two keys")
    parser.add_argument("--columns", type=int, default=120)
    parser.add_argument("--lines", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_sample(root / "sample", 400, 1)
        photos = sorted((root / "sample").glob("*/*/*.*"))[:600]
        sample = root / "sample"
        told: list[Prediction] = [(str(one.relative_to(sample)), "bear", "other") for one in photos]
        run = sample_run(root / "runs" / "a-run", told, root=str(sample))
        command = [sys.executable, "-m", "bear_tui", "--run", str(run.path)]
        command += ["--runs", str(run.path.parent)]
        with terminal(
            command, arguments.columns, arguments.lines, {"COLORTERM": "truecolor"}
        ) as held:
            held.wait_for("mistakes", 30)
            held.type("\r")
            held.wait_for("page 1", 30)
            for _ in range(20):
                painted(held)
            seconds, sizes = [], []
            for turn in range(arguments.turns):
                key = "\x1b[6~" if turn < arguments.turns // 2 else "\x1b[5~"
                begun = time.monotonic()
                held.type(key)
                end, count = painted(held)
                seconds.append(end - begun)
                sizes.append(count)
                while time.monotonic() - begun < arguments.every:
                    held.read(0.005)
    median = statistics.median(seconds)
    print(
        f"{arguments.turns} pages at {arguments.columns}x{arguments.lines}: median "
        f"{median * 1000:.0f} ms, min {min(seconds) * 1000:.0f}, max {max(seconds) * 1000:.0f}; "
        f"{statistics.mean(sizes) / 1024:.0f} KiB a page"
    )


if __name__ == "__main__":
    main()
