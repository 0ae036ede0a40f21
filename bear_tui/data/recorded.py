"""dataset.json read back: the photos of a run as they were when it began."""

from pathlib import Path

from bear_tui import json_file
from bear_tui.data.dataset import Dataset
from bear_tui.data.inventory import Photo
from bear_tui.data.layout import SPLITS
from bear_tui.json_file import field


def read_dataset(path: Path, root: Path) -> tuple[Dataset, dict[str, str]] | None:
    """The photos that the file names, below `root`, and the SHA-256 of each by its path, whether
    they are still there or not; None where there is no such file. Raises Unreadable.
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
        photo = Photo(root / file, label, split)
        parts.setdefault(split, []).append(photo)
        digests[photo.file] = digest
    labels = {photo.label for photos in parts.values() for photo in photos}
    train, validation, test = (tuple(parts[split]) for split in SPLITS)
    return Dataset(root, tuple(sorted(labels)), train, validation, test), digests
