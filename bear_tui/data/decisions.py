"""What a person decided about photos: another class, or left out. No file is ever touched.

In a prepared folder decisions stand in its manifest, are followed whenever the folder is opened,
and can be taken back.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.data.digest import fingerprint_of
from bear_tui.data.inventory import Photo, Problem
from bear_tui.data.manifest import DecisionEntry, ManifestDocument, write_manifest
from bear_tui.data.naming import class_folder
from bear_tui.errors import BadInput
from bear_tui.files import explain, read_text


@dataclass(frozen=True)
class Decision:
    """One photo's fate."""

    path: Path
    label: str | None
    """The class it belongs to; None: to none, it is left out."""


def decide(
    photos: Iterable[Photo], decisions: Iterable[Decision]
) -> tuple[list[Photo], list[Problem]]:
    """The photos as decided, of two decisions the later one; and those that are left out."""
    last = {decision.path: decision for decision in decisions}
    kept: list[Photo] = []
    left: list[Problem] = []
    for photo in photos:
        decision = last.get(photo.path)
        if decision is None:
            kept.append(photo)
        elif decision.label is None:
            left.append(Problem(photo.path, "excluded", "left out by hand"))
        else:
            kept.append(Photo(photo.path, class_folder(decision.label), photo.split))
    return kept, left


def read_decisions(root: Path) -> tuple[Decision, ...]:
    """The decisions in a prepared folder's manifest; none of any other folder."""
    document = _manifest(root)
    if document is None:
        return ()
    found = document.get("decisions", [])
    return tuple(Decision(root / entry["path"], entry["label"]) for entry in found)


def write_decisions(root: Path, decisions: Sequence[Decision]) -> None:
    """Put these decisions in place of those in a prepared folder's manifest.

    Its fingerprint becomes that of the photos as decided. Raises BadInput where `root` is no
    prepared folder, Failure where the disk refuses.
    """
    document = _manifest(root)
    if document is None:
        raise BadInput(f"{root}: only a prepared folder keeps decisions; prepare it first.")
    last = {decision.path.relative_to(root).as_posix(): decision for decision in decisions}
    labels = {path: decision.label for path, decision in last.items()}
    document["decisions"] = [
        DecisionEntry(path=path, action="exclude" if label is None else "move", label=label)
        for path, label in labels.items()
    ]
    decided = [
        {**file, "label": labels.get(file["path"], file["label"])} for file in document["files"]
    ]
    document["fingerprint"] = fingerprint_of(
        [file for file in decided if file["label"] is not None]  # type: ignore[misc]
    )
    try:
        write_manifest(root / "manifest.json", document)
    except OSError as error:
        raise explain(error, root / "manifest.json") from error


def is_prepared(root: Path) -> bool:
    """Whether the folder has a manifest, which keeps decisions."""
    return _manifest(root) is not None


def _manifest(root: Path) -> ManifestDocument | None:
    try:
        document = json.loads(read_text(root / "manifest.json"))
    except (OSError, ValueError):
        return None
    ours = isinstance(document, dict) and {"version", "files", "fingerprint"} <= document.keys()
    return document if ours else None
