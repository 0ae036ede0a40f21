"""Write the sample photos: drawn bears, and other things drawn in the same way."""

import random
import threading
from pathlib import Path

from bear_tui.data.drawing.picture import draw_picture
from bear_tui.data.parallel import Progress, stop_if
from bear_tui.data.prepare.whole_folder import whole_folder
from bear_tui.errors import BadInput

CLASSES = ("bear", "not_bear")

_QUALITY = 90


def write_sample(
    out: Path,
    count: int = 240,
    seed: int = 1,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> None:
    """Draw `count` photos of each class into `out`, a sixth of them for the test.

    The same seed draws the same photos; a larger `count` only adds more. `out` appears whole or
    not at all. Raises BadInput if it is not empty or `count` is below 2, Cancelled once
    `cancelled` is set.
    """
    if count < 2:
        raise BadInput(
            f"--count {count}: name at least 2 photos a class, one of them for the test."
        )
    held_out = max(1, count // 6)
    with whole_folder(out) as folder:
        for split in ("train", "test"):
            for label in CLASSES:
                (folder / split / label).mkdir(parents=True)
        for number in range(count):
            split = "test" if number < held_out else "train"
            stop_if(cancelled)
            for place, label in enumerate(CLASSES):
                chance = random.Random(f"{seed} {label} {number}")
                path = folder / split / label / f"{label}_{number:04}.jpg"
                draw_picture(label == "bear", chance).save(path, quality=_QUALITY)
                if progress is not None:
                    progress(2 * number + place + 1, 2 * count)
