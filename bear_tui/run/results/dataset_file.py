"""dataset.json: each photo of a run's dataset with label, split and content, read back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bear_tui import json_file


@dataclass(frozen=True)
class DatasetFile:
    """What a run was trained and tested on."""

    root: Path
    fingerprint: str | None
    files: list[dict[str, Any]]
    """Each with `path` below the root, `label`, `split` and `sha256`: texts, empty where untold."""


def read(path: Path) -> DatasetFile | None:
    """Return what dataset.json says, None where there is none. Raises Unreadable."""
    document = json_file.read_object(path)
    if document is None:
        return None
    document = {"root": "", "fingerprint": "", "files": [], **document}
    files = json_file.objects(document, "files", path)
    for at, entry in enumerate(files):
        for key in ("path", "label", "split", "sha256"):
            if type(entry.setdefault(key, "")) is not str:
                json_file.field(entry, key, str, f"{path}: entry {at} of `files`")
    return DatasetFile(
        Path(json_file.field(document, "root", str, path)),
        json_file.field(document, "fingerprint", str, path) or None,
        files,
    )
