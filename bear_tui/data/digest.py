"""Compute fingerprints of files and of whole datasets."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from bear_tui.data.patience import READING
from bear_tui.files import open_to_read


class FileEntry(TypedDict):
    """One photo of a dataset, as in dataset.json."""

    path: str
    """Relative to the dataset's root, with forward slashes."""
    label: str
    split: str
    sha256: str


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content. Raises OSError, also if it is no regular file."""
    return READING.read(lambda: _sha256_of(path))


def is_unchanged(path: Path, digest: str | None) -> bool:
    """Return whether a file can be read and has this SHA-256."""
    try:
        return sha256_of(path) == digest
    except OSError:
        return False


def _sha256_of(path: Path) -> str:
    # A pipe or a device would never end.
    with open_to_read(path, follow=True) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint_of(files: Sequence[FileEntry]) -> str:
    """Return one digest over all photos, labels and splits, in any order and at any place."""
    rows = sorted(
        json.dumps([file["path"], file["label"], file["split"], file["sha256"]]) for file in files
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
