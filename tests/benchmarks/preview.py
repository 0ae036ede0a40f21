"""The preview under a held key: photos of 1280 x 960 leafed through in a real terminal.

    python -m tests.benchmarks.preview [--keys 150] [--rate 30] [--columns 80] [--lines 24]

Each photo says which it is in the pane's title, and its picture's caption names its file: a key is
answered when the caption of the photo that it asked for is painted. What comes later than the next
key is painted by nobody's wish, so the share of keys whose photo was ever painted says how well it
keeps up.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.photos import real_size_photos
from tests.benchmarks.terminal import Terminal, own_folders, terminal

_PHOTOS = 100
_CAPTION = re.compile(rb"(\d{6})\.jpg")


def measure(keys: int, rate: float, columns: int, lines: int) -> None:
    """Press and watch; a line of figures."""
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        real_size_photos(2 * _PHOTOS, 1280, photos)
        command = [sys.executable, "-m", "bear_tui"]
        home = own_folders(folder)
        with terminal(command, columns, lines, home) as held:
            held.wait_for("Dataset", 20)
            _open(held, photos)
            asked, painted = _leaf(held, keys, rate)
    waits = [painted[key] - at for key, at in asked.items() if key in painted]
    waits.sort()
    middle, worst = statistics.median(waits) * 1000, waits[int(len(waits) * 0.99)] * 1000
    print(
        f"{columns} x {lines}: {keys} keys at {rate:.0f} a second, {len(waits) / keys:.0%} "
        f"painted; key to paint p50 {middle:.0f} ms, p99 {worst:.0f} ms"
    )


def _open(held: Terminal, photos: Path) -> None:
    held.wait_for("COCO", 20)
    for keys in ("o", str(photos), "\r"):
        held.type(keys)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            held.read(0.1)
    held.wait_for("000000.jpg", 30)
    # The check paints its progress ten times a second; when it is quiet, it is done.
    while held.read(2):
        pass


def _leaf(held: Terminal, keys: int, rate: float) -> tuple[dict[str, float], dict[str, float]]:
    """When each photo was asked for, and when its caption was painted."""
    asked: dict[str, float] = {}
    painted: dict[str, float] = {}
    began, seen = time.monotonic(), len(held.painted)
    while len(asked) < keys or time.monotonic() < began + keys / rate + 2:
        now = time.monotonic()
        if len(asked) < keys and now >= began + len(asked) / rate:
            held.type("\x1b[C")
            # The first class holds the even numbers; the first key asks for its second photo.
            asked[f"{2 * (len(asked) + 1) % (2 * _PHOTOS):06}"] = now
        held.read(0.002)
        for found in _CAPTION.findall(held.painted[seen:]):
            painted.setdefault(found.decode(), time.monotonic())
        seen = max(seen, len(held.painted) - 20)
    return asked, painted


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=90)
    parser.add_argument("--rate", type=float, default=30)
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--lines", type=int, default=24)
    arguments = parser.parse_args()
    measure(arguments.keys, arguments.rate, arguments.columns, arguments.lines)


if __name__ == "__main__":
    main()
