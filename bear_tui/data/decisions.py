"""A person's decisions about photos: another class, or left out. They change no photo file.

A prepared folder keeps them in its manifest, which applies whenever the folder is opened. A run
keeps them in its folder, from which they go into a recipe.
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
    """The class of each photo, or OUT, by its path below `root` in NFC."""

    def __len__(self) -> int:
        return len(self.labels)

    def file(self, name: str) -> str:
        """Return the whole path of the photo `name`, in NFC."""
        # As text: it is compared with the path of every photo.
        return same_name(os.path.join(self.root, name))  # noqa: PTH118

    def of(self, path: Path) -> str | None:
        """Return the class that was decided for a photo, OUT, or None for no decision."""
        return self.labels.get(self._name(path)) if self.labels else None

    def with_label(self, path: Path, label: str | None) -> "Decisions":
        """Return decisions in which the photo has `label` or is OUT; None forgets the decision.

        A photo outside `root` changes nothing.
        """
        name = self._name(path)
        labels = {known: of for known, of in self.labels.items() if known != name}
        if label is not None and name:
            labels[name] = label
        return replace(self, labels=MappingProxyType(labels))

    def apply(self, photos: Iterable[Photo]) -> tuple[list[Photo], list[Problem]]:
        """Return the photos with their decided classes, and those that are left out."""
        if not self.labels:
            return list(photos), []
        labels = {self.file(name): label for name, label in self.labels.items()}
        included: list[Photo] = []
        excluded: list[Problem] = []
        for photo in photos:
            label = labels.get(same_name(photo.file))
            if label is None or label == photo.label:
                included.append(photo)
            elif label == OUT:
                excluded.append(Problem(photo.path, "excluded", "left out by hand"))
            else:
                included.append(Photo(photo.file, label, photo.split))
        return included, excluded

    def _name(self, path: Path) -> str:
        """Return the path below the root, or "" for a photo outside it."""
        if not path.is_relative_to(self.root):
            return ""
        return same_name(path.relative_to(self.root).as_posix())


def decided_inventory(folder: Path, cancelled: threading.Event | None = None) -> Inventory:
    """Return a folder's inventory with the decisions of its manifest applied.

    Raises BadInput, and Cancelled once `cancelled` is set.
    """
    return with_decisions(take_inventory(folder, cancelled))


def with_decisions(inventory: Inventory, decisions: Decisions | None = None) -> Inventory:
    """Apply `decisions` to an inventory; without them, those of its manifest."""
    if decisions is None:
        decisions = read_decisions(inventory.root)
    if not decisions:
        return inventory
    photos = tuple(decisions.apply(inventory.photos)[0])
    present = {same_name(photo.file) for photo in inventory.photos}
    gone = sum(decisions.file(name) not in present for name in decisions.labels)
    left_out = {**inventory.left_out, **({_GONE: gone} if gone else {})}
    # A person may edit the manifest, and name a class that has no folder.
    classes = {*inventory.classes, *(photo.label for photo in photos)}
    return replace(inventory, photos=photos, classes=tuple(sorted(classes)), left_out=left_out)


def read_decisions(root: Path) -> Decisions:
    """Return the decisions in a prepared folder's manifest; none for any other folder.

    Raises Unreadable if the manifest is there and cannot be read.
    """
    document = read_manifest(root)
    entries = document["decisions"] if document is not None else []
    labels = {same_name(entry["path"]): same_name(entry["label"] or OUT) for entry in entries}
    return Decisions(root, labels)


def write_decisions(decisions: Decisions) -> None:
    """Replace the decisions in a prepared folder's manifest.

    The fingerprint becomes that of the photos as decided. Raises BadInput if the folder is not a
    prepared one, Failure if the disk refuses.
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
    """Return whether the folder has a manifest, which keeps decisions. Raises Unreadable."""
    return read_manifest(root) is not None


def read_corrections(path: Path, root: Path) -> Decisions:
    """Return a run's decisions about photos below `root`; none if there is no file.

    Raises Unreadable if the file is there and cannot be read: saving would overwrite it.
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
    """Write all decisions of a run; OUT becomes null. Raises Failure if the disk refuses."""
    document = {
        "decisions": [
            {"path": photo, "class": label or None} for photo, label in decisions.labels.items()
        ]
    }
    try:
        files.write_text(path, json.dumps(document, indent=1) + "\n")
    except OSError as error:
        raise files.explain(error, path) from None
