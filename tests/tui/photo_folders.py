"""Small folders of real photos, and waiting for work in threads."""

import random
from pathlib import Path
from typing import Any

from PIL import Image
from textual.pilot import Pilot

from bear_tui.tui.app import BearApp

HOSTILE = "e\x1b[31mvil[red]\u202egnp"
"""A name with a terminal code, markup and a bidi mark."""

_COLOURS = {"bear": (120, 72, 30), "not_bear": (40, 110, 60)}


def photo(path: Path, colour: tuple[int, int, int] = (90, 90, 90), width: int = 48) -> Path:
    """Save a landscape photo in two halves; each path gets other pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (width, 36), colour)
    image.paste((230, 220, 200), (0, 0, width // 2, 36))
    # Each file shows something else: copies and near copies would be reported as duplicates.
    patches = random.Random(f"{path.parent.name}/{path.name}")
    for left in range(width // 2, width, 3):
        for top in range(0, 36, 3):
            red, green, blue = (value + patches.randrange(-30, 30) for value in colour)
            image.paste((red, green, blue), (left, top, left + 3, top + 3))
    image.save(path)
    return path


def class_folders(
    root: Path, count: int = 12, names: tuple[str, ...] = ("bear", "not_bear")
) -> Path:
    """Save `count` photos for each class, in a folder each."""
    for name in names:
        for number in range(count):
            colour = _COLOURS.get(name, (90, 90, 90))
            photo(
                root / name / f"{name}_{number:02}.png",
                (*colour[:2], (colour[2] + 9 * number) % 256),
            )
    return root


async def settle(pilot: Pilot[Any], turns: int = 3) -> None:
    """Wait until workers and queued work are done, and what their messages start as well."""
    app = pilot.app
    lines = (app.writes, app.training.queue.work) if isinstance(app, BearApp) else ()
    for _ in range(turns):
        await pilot.pause()
        for _ in range(1000):
            # The directory tree's loader waits for ever for something to load.
            workers = [worker for worker in pilot.app.workers if worker.name != "_loader"]
            idle = all(worker.is_finished for worker in workers)
            if idle and not any(line.busy for line in lines):
                break
            await pilot.pause(0.01)
    await pilot.pause()
