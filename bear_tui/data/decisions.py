"""What a person decided about photos: another class, or left out. No file is ever touched.

One shape, kept in two places: in the manifest of a prepared folder, where they are followed
whenever the folder is opened, and in a run's folder, from where they go into a recipe.
"""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from bear_tui import files, json_file
from bear_tui.data.digest import fingerprint_of
from bear_tui.data.folders.inventory import Inventory, Photo, take_inventory
from bear_tui.data.folders.layout import same_name
from bear_tui.data.folders.scan import Problem
from bear_tui.data.manifest import (
    NAME,
    DecisionEntry,
    read_manifest,
    require_one_decision,
    write_manifest,
)
from bear_tui.errors import BadInput, Unreadable

OUT = ""
"""The class of a photo that is left out."""

_GONE = "decided about but no longer here"


@dataclass(frozen=True)
class Decisions:
    """The decisions about the photos below one folder."""

    root: Path = Path()
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The class of each by its path below `root` in NFC, or OUT."""

    def __len__(self) -> int:
        return len(self.labels)

    def file(self, name: str) -> str:
        """The whole path of a photo that something was decided about, as `same_name` has it."""
        # As text: it is held against that of every photo.
        return same_name(os.path.join(self.root, name))  # noqa: PTH118

    def of(self, path: Path) -> str | None:
        """What was decided about a photo; None: nothing."""
        return self.labels.get(self._name(path)) if self.labels else None

    def with_label(self, path: Path, label: str | None) -> "Decisions":
        """The photo belongs to `label`, or is OUT; None takes back what was decided.

        Nothing is decided about a photo that lies elsewhere.
        """
        name = self._name(path)
        labels = {one: of for one, of in self.labels.items() if one != name}
        if label is not None and name:
            labels[name] = label
        return replace(self, labels=MappingProxyType(labels))

    def apply(self, photos: Iterable[Photo]) -> tuple[list[Photo], list[Problem]]:
        """The photos as decided, and those that are left out."""
        if not self.labels:
            return list(photos), []
        wanted = {self.file(name): label for name, label in self.labels.items()}
        kept: list[Photo] = []
        left: list[Problem] = []
        for photo in photos:
            label = wanted.get(same_name(photo.file))
            if label is None or label == photo.label:
                kept.append(photo)
            elif label == OUT:
                left.append(Problem(photo.path, "excluded", "left out by hand"))
            else:
                kept.append(Photo(photo.file, label, photo.split))
        return kept, left

    def _name(self, path: Path) -> str:
        """The path below the root; empty of a photo that lies elsewhere."""
        if not path.is_relative_to(self.root):
            return ""
        return same_name(path.relative_to(self.root).as_posix())


def decided_inventory(folder: Path, cancelled: threading.Event | None = None) -> Inventory:
    """What lies in a folder, as the decisions in its manifest have it. Raises BadInput, and
    Cancelled once `cancelled` is set.
    """
    return with_decisions(take_inventory(folder, cancelled))


def with_decisions(inventory: Inventory, decisions: Decisions | None = None) -> Inventory:
    """The same, as decided: by its manifest, or as given."""
    if decisions is None:
        decisions = read_decisions(inventory.root)
    if not decisions:
        return inventory
    photos = tuple(decisions.apply(inventory.photos)[0])
    there = {same_name(photo.file) for photo in inventory.photos}
    gone = sum(decisions.file(name) not in there for name in decisions.labels)
    left_out = {**inventory.left_out, **({_GONE: gone} if gone else {})}
    # A manifest may be edited by hand, and name a class that has no folder.
    classes = {*inventory.classes, *(photo.label for photo in photos)}
    return replace(inventory, photos=photos, classes=tuple(sorted(classes)), left_out=left_out)


def read_decisions(root: Path) -> Decisions:
    """The decisions in a prepared folder's manifest; none of any other folder.

    Raises Unreadable where there is a manifest that cannot be read.
    """
    document = read_manifest(root)
    found = document["decisions"] if document is not None else []
    labels = {same_name(entry["path"]): same_name(entry["label"] or OUT) for entry in found}
    return Decisions(root, labels)


def write_decisions(decisions: Decisions) -> None:
    """Put these decisions in place of those in a prepared folder's manifest.

    Its fingerprint becomes that of the photos as decided. Raises BadInput where it is no prepared
    folder, Failure where the disk refuses.
    """
    root, labels = decisions.root, decisions.labels
    document = read_manifest(root)
    if document is None:
        raise BadInput(f"{root}: only a prepared folder keeps decisions; prepare it first.")
    document["decisions"] = [
        DecisionEntry(path=path, action="exclude" if label == OUT else "move", label=label or None)
        for path, label in labels.items()
    ]
    decided = [
        {**file, "label": labels.get(same_name(file["path"]), file["label"])}
        for file in document["files"]
    ]
    document["fingerprint"] = fingerprint_of(
        [file for file in decided if file["label"] != OUT]  # type: ignore[misc]
    )
    try:
        write_manifest(root / NAME, document)
    except OSError as error:
        raise files.explain(error, root / NAME) from error


def is_prepared(root: Path) -> bool:
    """Whether the folder has a manifest, which keeps decisions. Raises Unreadable."""
    return read_manifest(root) is not None


def read_corrections(path: Path, root: Path) -> Decisions:
    """A run's decisions about photos below `root`; none where there is no such file.

    Raises Unreadable where it is there and cannot be read: saving would overwrite what it says.
    """
    labels: dict[str, str | None] = {}
    try:
        document = json_file.read_object(path)
        entries = [] if document is None else json_file.objects(document, "decisions", path)
        for at, entry in enumerate(entries):
            where = f"{path}: entry {at} of `decisions`"
            name = same_name(json_file.field(entry, "path", str, where))
            out = entry.get("class", OUT) is None
            label = None if out else json_file.field(entry, "class", str, where) or None
            require_one_decision(labels, name, label, where)
            labels[name] = label
    except Unreadable as error:
        raise Unreadable(
            f"{str(error).rstrip('.')}; restore the file, or remove it to decide anew."
        ) from None
    return Decisions(root, {name: same_name(label or OUT) for name, label in labels.items()})


def write_corrections(path: Path, decisions: Decisions) -> None:
    """Keep a run's decisions, all of them; OUT is written as null. Raises a sentence."""
    document = {
        "decisions": [
            {"path": photo, "class": label or None} for photo, label in decisions.labels.items()
        ]
    }
    try:
        files.write_text(path, json.dumps(document, indent=1) + "\n")
    except OSError as error:
        raise files.explain(error, path) from None
