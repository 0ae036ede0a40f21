"""Gather the photos to prepare into one list: from a folder, or from folders of each class."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.data.folders.inventory import Inventory, Photo
from bear_tui.data.folders.scan import Problem, Walk
from bear_tui.data.prepare.naming import class_folder
from bear_tui.errors import BadInput
from bear_tui.paths import absolute

Sources = Inventory | Mapping[str, Path | Sequence[Path]]
"""The inventory of a folder, or the folders of each class."""


@dataclass(frozen=True)
class Gathered:
    """All photos with absolute paths; a label is the name of the class's new folder."""

    photos: list[Photo]
    problems: list[Problem]
    class_names: dict[str, str]
    """The class's real name by its folder, if no file system could hold that name."""
    left_out: Mapping[str, int]
    """How many photos of the sources are in no class, by the reason."""


def gather(sources: Sources, out: Path) -> Gathered:
    """Return the photos of the sources, none twice.

    Raises BadInput if there are none, if two classes would share a folder, or if `out` lies
    inside a source.
    """
    if isinstance(sources, Inventory):
        _require_outside(out, sources.root)
        folders = _folders(sources.classes)
        photos = [
            Photo(absolute(photo.path), folders[photo.label], photo.split)
            for photo in sources.photos
        ]
        empty = [problem for problem in sources.problems if problem.kind == "empty_class"]
        if not photos or (empty and not sources.splits):
            where = empty[0].path if empty else sources.root
            raise BadInput(f"{where}: there are no photos here; add some or remove the class.")
        _require_classes_left(sources)
        return Gathered(photos, list(sources.problems), _odd(folders), sources.left_out)
    folders = _folders(sources)
    photos, problems = [], []
    left_out: Counter[str] = Counter()
    for name, places in sources.items():
        for place in [places] if isinstance(places, Path) else places:
            _require_outside(out, place)
            walk = Walk()
            paths, refused = walk.below(absolute(place))
            problems += refused
            left_out += walk.left_out
            photos += [Photo(path, folders[name], None) for path in paths]
            if not paths and refused:
                raise BadInput(f"{refused[0].path}: {refused[0].detail}.")
            if not paths:
                raise BadInput(f"{place}: there are no photos here for the class {name}.")
    # A folder named twice, or inside another, gives the same files again.
    return Gathered(list(dict.fromkeys(photos)), problems, _odd(folders), left_out)


def _require_classes_left(inventory: Inventory) -> None:
    """Raise BadInput if fewer than two classes are left without the unreadable folders."""
    refused = [problem for problem in inventory.problems if problem.kind == "unreadable_folder"]
    left = {photo.label for photo in inventory.photos if photo.split in (None, "train")}
    if refused and len(left) < min(2, len(inventory.classes)):
        raise BadInput(
            f"{refused[0].path}: {refused[0].detail}; without it there are not two classes to "
            "train on."
        )


def _folders(names: Sequence[str] | Mapping[str, object]) -> dict[str, str]:
    """Return the folder of each class. Raises BadInput if any file system would mix up two."""
    folders: dict[str, str] = {}
    owners: dict[str, str] = {}
    for name in names:
        folder = class_folder(name)
        if folder.casefold() in owners:
            raise BadInput(
                f"The classes {owners[folder.casefold()]} and {name} would share one folder; "
                "rename one."
            )
        owners[folder.casefold()] = name
        folders[name] = folder
    return folders


def _odd(folders: Mapping[str, str]) -> dict[str, str]:
    return {folder: name for name, folder in folders.items() if folder != name}


def _require_outside(out: Path, source: Path) -> None:
    if Path(os.path.realpath(out)).is_relative_to(os.path.realpath(source)):
        sentence = f"this lies inside the source {source}; name a folder elsewhere."
        raise BadInput(sentence, "out", out)
