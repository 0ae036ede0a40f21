"""Read dataset.json: the photos of a run as they were when it began."""

import os
from pathlib import Path

from bear_tui import json_file
from bear_tui.data.dataset import Dataset
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.folders.layout import SPLITS
from bear_tui.errors import Unreadable
from bear_tui.json_file import field
from bear_tui.text import safe


def read_dataset(path: Path, root: Path) -> tuple[Dataset, dict[str, str]] | None:
    """Return the photos that the file names, below `root`, and the SHA-256 of each by its path.

    The photos themselves may be gone. Returns None if there is no file. Raises Unreadable.
    """
    document = json_file.read_object(path)
    if document is None:
        return None
    parts: dict[str, list[Photo]] = {split: [] for split in SPLITS}
    digests: dict[str, str] = {}
    for entry in json_file.objects(document, "files", path):
        file, label, split, digest = (
            field(entry, key, str, path) for key in ("path", "label", "split", "sha256")
        )
        if split not in parts:
            raise Unreadable(f"{path}: `{safe(split, 40)}` is no split of a dataset.")
        photo = Photo(root / file, label, split)
        _require_name(photo.file, path)
        parts[split].append(photo)
        digests[photo.file] = digest
    labels = {photo.label for photos in parts.values() for photo in photos}
    train, validation, test = (tuple(parts[split]) for split in SPLITS)
    return Dataset(root, tuple(sorted(labels)), train, validation, test), digests


def _require_name(file: str, where: Path) -> None:
    """Raise Unreadable for a name that no file can have: the system's calls would raise."""
    try:
        usable = b"\0" not in os.fsencode(file)
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise Unreadable(f"{where}: `{safe(file, 80)}` cannot be the name of a file.")
