"""What a person names to prepare, as one list of photos: folders, classes, an inventory."""

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
"""Class folders or split folders, or the folders of each class."""


@dataclass(frozen=True)
class Gathered:
    """All photos by their absolute paths; a label is the folder that the class will have."""

    photos: list[Photo]
    problems: list[Problem]
    class_names: dict[str, str]
    """The class's real name by its folder, where no file system could hold it."""
    left_out: Mapping[str, int]
    """Photos of the sources that are none of a class, by what they are."""


def gather(sources: Sources, out: Path) -> Gathered:
    """The photos of the sources, none twice. Raises BadInput where there are none, where two
    classes would share a folder, or where `out` lies among them.
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
    # Folders named twice, or one inside another, hold the same files.
    return Gathered(list(dict.fromkeys(photos)), problems, _odd(folders), left_out)


def _require_classes_left(inventory: Inventory) -> None:
    """Raise BadInput where nothing is left to tell apart without the folders that were refused."""
    refused = [one for one in inventory.problems if one.kind == "unreadable_folder"]
    left = {photo.label for photo in inventory.photos if photo.split in (None, "train")}
    if refused and len(left) < min(2, len(inventory.classes)):
        raise BadInput(
            f"{refused[0].path}: {refused[0].detail}; without it there are not two classes to "
            "train on."
        )


def _folders(names: Sequence[str] | Mapping[str, object]) -> dict[str, str]:
    """Each class's folder, no two the same on any file system."""
    folders: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in names:
        folder = class_folder(name)
        if folder.casefold() in taken:
            raise BadInput(
                f"The classes {taken[folder.casefold()]} and {name} would share one folder; "
                "rename one."
            )
        taken[folder.casefold()] = name
        folders[name] = folder
    return folders


def _odd(folders: Mapping[str, str]) -> dict[str, str]:
    return {folder: name for name, folder in folders.items() if folder != name}


def _require_outside(out: Path, source: Path) -> None:
    if Path(os.path.realpath(out)).is_relative_to(os.path.realpath(source)):
        sentence = f"this lies inside the source {source}; name a folder elsewhere."
        raise BadInput(sentence, "out", out)
