"""dataset.json read back: each photo of a run's dataset with its label, split and content."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from bear_tui import json_file
from bear_tui.errors import Unreadable

_KEYS = ("path", "label", "split", "sha256")


class DatasetPhoto(TypedDict):
    """One photo. Texts, empty if the file does not say."""

    path: str
    """Below the root."""
    label: str
    split: str
    sha256: str


@dataclass(frozen=True)
class DatasetFile:
    """What a run was trained and tested on."""

    root: Path
    fingerprint: str | None
    files: list[DatasetPhoto]


def read(path: Path) -> DatasetFile | None:
    """Return what dataset.json says, or None if there is none. Raises Unreadable."""
    document = json_file.read_object(path)
    if document is None:
        return None
    document = {"root": "", "fingerprint": "", "files": [], **document}
    photos = [
        _photo(entry, f"{path}: entry {number} of `files`")
        for number, entry in enumerate(json_file.objects(document, "files", path))
    ]
    return DatasetFile(
        Path(json_file.field(document, "root", str, path)),
        json_file.field(document, "fingerprint", str, path) or None,
        photos,
    )


def _photo(entry: dict[str, object], where: str) -> DatasetPhoto:
    path, label, split, sha256 = (
        json_file.field({key: "", **entry}, key, str, where) for key in _KEYS
    )
    return {"path": path, "label": label, "split": split, "sha256": sha256}


def hashes_by_path(path: Path) -> dict[str, str]:
    """Return the SHA-256 of each photo by its absolute path; none if there is no such file.

    Raises Unreadable.
    """
    dataset = read(path)
    if dataset is None:
        return {}
    return {str(dataset.root / photo["path"]): photo["sha256"] for photo in dataset.files}


def hashes_by_split(path: Path) -> dict[str, list[str]]:
    """Return the SHA-256 of each photo by split; none if there is no such file.

    Raises Unreadable.
    """
    hashes: dict[str, list[str]] = {}
    dataset = read(path)
    for photo in dataset.files if dataset is not None else ():
        hashes.setdefault(photo["split"], []).append(photo["sha256"])
    return hashes


def training_photos(path: Path) -> int:
    """Return how many photos a run trains on; 0 if the file is missing or unreadable."""
    try:
        return len(hashes_by_split(path).get("train", ()))
    except Unreadable:
        return 0
