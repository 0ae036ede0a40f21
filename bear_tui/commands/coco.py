"""`bear-tui prepare --coco`: classes out of an instances JSON, photos from a folder or the web."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui import paths
from bear_tui.commands.output import progress_bar, say
from bear_tui.errors import BadInput

if TYPE_CHECKING:
    from bear_tui.data.coco import Found, Selection


def coco_selection(arguments: argparse.Namespace) -> "Selection":
    """Which photos of the JSON belong to which class."""
    from bear_tui.data.coco import read_instances, select

    if arguments.source is not None:
        raise BadInput("Name either SOURCE or --coco, not both.")
    classes: dict[str, list[str]] = {}
    for text in arguments.classes or ():
        name, separator, category = text.partition("=")
        if not (name and separator and category):
            raise BadInput(f"--class {text}: write NAME=CATEGORY, such as bear=bear.")
        classes.setdefault(name, []).append(category)
    rest = arguments.rest or ""
    if not classes or len({*classes, rest} - {""}) < 2:
        raise BadInput(
            "--coco: name what to tell apart, such as --class bear=bear --rest not_bear."
        )
    if rest in classes:
        raise BadInput(f"--rest {rest}: a class has this name already; choose another.")
    return select(read_instances(Path(arguments.coco)), classes, rest, arguments.seed)


def coco_photos(arguments: argparse.Namespace, selection: "Selection") -> "Found":
    """The selected photos on this disk; downloaded first where no folder is named."""
    from bear_tui.data.coco import find_photos

    if arguments.images is not None:
        return find_photos(selection, Path(arguments.images), arguments.limit)
    from bear_tui.data.coco_download import download

    folder = paths.coco_folder()
    with progress_bar("downloading") as bar:
        found = download(selection, folder, arguments.limit, progress=bar)
    say(f"{len(found.inventory.photos):,} photos are in {folder}.")
    return found


def planned_counts(
    arguments: argparse.Namespace, selection: "Selection"
) -> dict[str, dict[str, int]]:
    """What would be written if every photo can be had, without downloading any."""
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
