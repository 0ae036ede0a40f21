"""dataset.json read back, whatever has become of it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bear_tui.data.dataset import describe, open_dataset
from bear_tui.data.recorded import read_dataset
from bear_tui.errors import Unreadable
from tests.unit.data.photo_files import write_classes, write_photo

GOOD = {"path": "a/1.jpg", "label": "a", "split": "train", "sha256": "00"}


def test_what_was_described_is_read_back_below_where_the_photos_are_now(tmp_path: Path) -> None:
    write_classes(tmp_path / "data", {"a": 8, "b": 8})
    write_photo(tmp_path / "data" / "a" / os.fsdecode(b"caf\xe9.jpg"), 99)
    dataset = open_dataset(tmp_path / "data")
    document = describe(dataset)
    (tmp_path / "dataset.json").write_text(json.dumps(document))
    read = read_dataset(tmp_path / "dataset.json", tmp_path / "moved")
    assert read is not None
    found, digests = read
    for part in ("train", "validation", "test"):
        before = [photo.path.relative_to(dataset.root) for photo in getattr(dataset, part)]
        assert [p.path.relative_to(tmp_path / "moved") for p in getattr(found, part)] == before
    assert found.classes == dataset.classes
    assert sorted(digests.values()) == sorted(one["sha256"] for one in document["files"])


def test_no_file_is_no_dataset(tmp_path: Path) -> None:
    assert read_dataset(tmp_path / "dataset.json", tmp_path) is None


@pytest.mark.parametrize(
    "files",
    [
        "all",
        [7],
        [{**GOOD, "path": 7}],
        [{**GOOD, "split": "holdout"}],
        [{**GOOD, "path": "a\0b.jpg"}],
        [{**GOOD, "path": "a\ud800.jpg"}],
        [{"path": "a/1.jpg"}],
    ],
)
def test_what_is_no_description_is_refused_with_the_files_name(tmp_path: Path, files: Any) -> None:
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps({"root": "/", "fingerprint": "f", "files": files}))
    with pytest.raises(Unreadable, match=r"dataset\.json"):
        read_dataset(path, tmp_path)
