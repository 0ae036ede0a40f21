"""Swapped labels among real photos: how many of them come first, with weights and without.

    python -m tests.benchmarks.suspects [--weights none|mobilenet] [--seeds 5]

Of 400 real photos of bears and other things 12 labels are swapped by the seed.
"""

import argparse
import random
import time
from collections.abc import Sequence

from bear_tui.data.folders.inventory import Photo, take_inventory
from bear_tui.engine.suspects.inspection import inspect
from bear_tui.engine.suspects.label_auditor import LabelAuditor
from tests.benchmarks.real_photos import SHARED, print_table

CLASSES = ("bear", "not_bear")
PHOTOS, SWAPPED = 400, 12


def mislabelled(seed: int) -> tuple[list[Photo], set[str]]:
    """The photos with the labels they are said to have, and the files whose label is wrong."""
    everything = take_inventory(SHARED / "photos").photos
    chance = random.Random(seed)
    chosen = chance.sample([photo for photo in everything if photo.label in CLASSES], PHOTOS)
    swapped = {chosen[place].file for place in chance.sample(range(PHOTOS), SWAPPED)}
    return [_swapped(photo) if photo.file in swapped else photo for photo in chosen], swapped


def _swapped(photo: Photo) -> Photo:
    return Photo(photo.file, CLASSES[1 - CLASSES.index(photo.label)], photo.split)


def measure(auditor: LabelAuditor, seeds: Sequence[int]) -> None:
    """A row a seed."""
    rows = []
    for seed in seeds:
        photos, swapped = mislabelled(seed)
        began = time.monotonic()
        order = [one.photo.file for one in inspect(photos, CLASSES, auditor, seed)]
        seconds = time.monotonic() - began
        first = [str(len(swapped & set(order[:count]))) for count in (12, 24, 48)]
        rows.append([str(seed), *first, f"{seconds:.0f} s"])
    print_table(["seed", "in 12", "in 24", "in 48", "took"], rows)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", choices=("none", "mobilenet"), default="none")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    auditor = LabelAuditor()
    if arguments.weights != "none":
        (file,) = (SHARED / "weights").glob("mobilenet_v2*.pth")
        auditor = LabelAuditor("mobilenet_v2", str(file))
    measure(auditor, range(arguments.seeds))


if __name__ == "__main__":
    main()
