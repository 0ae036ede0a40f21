"""`bear-tui prepare --coco`: classes out of an instances JSON, photos from a folder or the web."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui import paths
from bear_tui.commands.output import progress_bar, say
from bear_tui.errors import BadInput

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import LocalPhotos, Selection


def coco_selection(arguments: argparse.Namespace) -> "Selection":
    """Return which photos of the instances JSON belong to which class."""
    from bear_tui.data.coco.selection import parse_classes, read_instances, select

    if arguments.source is not None:
        raise BadInput("Name either SOURCE or --coco, not both.")
    rest = arguments.rest or ""
    classes = parse_classes(arguments.classes or (), rest)
    return select(read_instances(Path(arguments.coco)), classes, rest, arguments.seed)


def coco_photos(arguments: argparse.Namespace, selection: "Selection") -> "LocalPhotos":
    """Return the selected photos on this disk, downloaded first if no folder is named."""
    from bear_tui.data.coco.download import local_photos

    images = None if arguments.images is None else Path(arguments.images)
    with progress_bar("downloading") as bar:
        photos = local_photos(selection, images, arguments.limit, bar)
    if images is None:
        say(f"{len(photos.inventory.photos):,} photos are in {paths.coco_folder()}.")
    return photos


def planned_counts(
    arguments: argparse.Namespace, selection: "Selection"
) -> dict[str, dict[str, int]]:
    """Return how many photos would be written if all can be downloaded."""
    parts = {"train": 0, "test": arguments.hold_out}
    if arguments.validation:
        parts = {"train": 0, "validation": arguments.validation, "test": arguments.hold_out}
    counts = {}
    for label, candidates in selection.candidates.items():
        photos = len(candidates[: arguments.limit])
        counts[label] = {**parts, "train": max(0, photos - sum(parts.values()))}
    if arguments.balance:
        fewest = min(of["train"] for of in counts.values())
        counts = {label: {**of, "train": fewest} for label, of in counts.items()}
    return counts
