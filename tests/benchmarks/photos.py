"""What looking through folders of photos costs: listing many files, checking real-size photos.

    python -m tests.benchmarks.photos listing [--files 100000] [--rounds 5]
    python -m tests.benchmarks.photos check [--photos 10000] [--size 1280] [--folder DIR]

Listing is compared with a bare walk by scandir, in turns and in processor time, of which other work
on the machine takes nothing. The check runs in its own process, whose
processor time and largest memory the system counts.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.parallel import in_threads

_CHECK = """
import json, resource, sys, time
from pathlib import Path
from bear_tui.data.folders.check import check
from bear_tui.data.folders.inventory import take_inventory
before = time.process_time()
began = time.monotonic()
inventory = take_inventory(Path(sys.argv[1]))
listed = time.monotonic()
problems = check(inventory)
wall, busy = time.monotonic() - listed, time.process_time() - before
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([len(inventory.photos), len(problems), listed - began, wall, busy, memory]))
"""


def listing(files: int, rounds: int) -> None:
    """Seconds to list small files, over those of a bare walk."""
    with tempfile.TemporaryDirectory() as home:
        root = Path(home)
        for group in range(100):
            folder = root / f"class{group // 10}" / f"part{group % 10}"
            folder.mkdir(parents=True)
            for number in range(files // 100):
                (folder / f"photo_{number:05}.jpg").write_bytes(b"\xff\xd8\xff")
        ratios = []
        for number in range(rounds + 1):
            began = time.process_time()
            found = _bare_walk(os.fspath(root))
            middle = time.process_time()
            inventory = take_inventory(root)
            ended = time.process_time()
            if len(inventory.photos) != found:
                raise RuntimeError(f"{len(inventory.photos)} photos listed of {found}")
            if number:  # the first one warms the system's own memory of the folders
                ratios.append((ended - middle) / (middle - began))
                print(
                    f"bare walk {middle - began:.3f} s, listing {ended - middle:.3f} s", flush=True
                )
    print(
        f"listing / bare walk of {found:,} files: median {statistics.median(ratios):.2f}, "
        f"min {min(ratios):.2f}, max {max(ratios):.2f} ({rounds} rounds)"
    )


def _bare_walk(folder: str) -> int:
    files = []
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as scan:
            for entry in scan:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file():
                    files.append(entry.path)
    return len(files)


def check(photos: int, size: int, folder: Path) -> None:
    """Seconds, processor time and memory of checking photos of `size` x 3/4 `size` pixels."""
    made = real_size_photos(photos, size, folder)
    answer = subprocess.run(
        [sys.executable, "-c", _CHECK, str(folder)], check=True, capture_output=True, text=True
    )
    found, problems, listed, wall, busy, memory = json.loads(answer.stdout)
    print(
        f"check of {found:,} photos of {size} x {size * 3 // 4} ({made / found / 1000:.0f} kB "
        f"each): listed in {listed:.2f} s, checked in {wall:.1f} s ({found / wall:.0f} photos/s), "
        f"{busy / wall:.2f} cores busy of {os.cpu_count()}, at most {memory:.0f} MB, "
        f"{problems} problems; load of the machine {os.getloadavg()[0]:.1f}"
    )


def real_size_photos(count: int, size: int, folder: Path) -> int:
    """Photos in `folder`, made where they are missing; their bytes."""
    from bear_tui.data.drawing.picture import draw_picture

    def make(number: int) -> int:
        path = folder / f"class{number % 2}" / f"{number:06}.jpg"
        if not path.is_file():
            chance = random.Random(number)
            drawn = draw_picture(number % 2 == 0, chance)
            drawn.resize((size, size * 3 // 4)).save(path, quality=90)
        return path.stat().st_size

    for label in range(2):
        (folder / f"class{label}").mkdir(parents=True, exist_ok=True)
    return sum(in_threads(make, range(count)))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("listing", "check"))
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=1280)
    parser.add_argument("--folder", type=Path, help="keep the photos here")
    arguments = parser.parse_args()
    if arguments.what == "listing":
        listing(arguments.files, arguments.rounds)
        return
    with tempfile.TemporaryDirectory() as home:
        check(arguments.photos, arguments.size, arguments.folder or Path(home))


if __name__ == "__main__":
    main()
