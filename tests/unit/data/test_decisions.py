"""Decisions stand in the manifest, are followed when the folder is opened, and can be undone."""

import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from bear_tui.data.dataset import open_dataset
from bear_tui.data.decisions import (
    OUT,
    Decisions,
    decided_inventory,
    is_prepared,
    read_decisions,
    write_decisions,
)
from bear_tui.data.folders.check import check
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from bear_tui.errors import BadInput
from tests.unit.data.photo_files import write_classes


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    source = write_classes(tmp_path / "source", {"bear": 8, "cat": 8})
    carry_out(plan(take_inventory(source), tmp_path / "out", Quota(hold_out=2)))
    return tmp_path / "out"


def photos(root: Path) -> dict[str, set[str]]:
    """The files that each class has, in all splits."""
    dataset = open_dataset(root)
    found: dict[str, set[str]] = {label: set() for label in dataset.classes}
    for photo in (*dataset.train, *dataset.validation, *dataset.test):
        found[photo.label].add(photo.path.name)
    return found


def decide(root: Path, labels: dict[Path, str]) -> Decisions:
    """These decisions, in the manifest."""
    decisions = Decisions(root)
    for path, label in labels.items():
        decisions = decisions.with_label(path, label)
    write_decisions(decisions)
    return decisions


def digests(root: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob("*.jpg")}


def test_decisions_are_followed_kept_and_taken_back(prepared: Path) -> None:
    before, files = photos(prepared), digests(prepared)
    manifest = json.loads((prepared / "manifest.json").read_text())
    moved, left = sorted((prepared / "train" / "bear").iterdir())[:2]
    decisions = decide(prepared, {moved: "cat", left: OUT})
    after = photos(prepared)
    assert after["bear"] == before["bear"] - {moved.name, left.name}
    assert after["cat"] == before["cat"] | {moved.name}
    assert read_decisions(prepared) == decisions
    decided = json.loads((prepared / "manifest.json").read_text())
    assert decided["decisions"] == [
        {"path": f"train/bear/{moved.name}", "action": "move", "label": "cat"},
        {"path": f"train/bear/{left.name}", "action": "exclude", "label": None},
    ]
    assert decided["fingerprint"] != manifest["fingerprint"]
    assert digests(prepared) == files
    decide(prepared, {})
    assert photos(prepared) == before
    assert json.loads((prepared / "manifest.json").read_text()) == manifest


def test_preparing_again_carries_decisions_out(prepared: Path, tmp_path: Path) -> None:
    moved, left = sorted((prepared / "train" / "bear").iterdir())[:2]
    decide(prepared, {moved: "cat", left: OUT})
    planned = plan(take_inventory(prepared), tmp_path / "again")
    carry_out(planned)
    assert planned.counts() == {"bear": {"train": 4, "test": 2}, "cat": {"train": 7, "test": 2}}
    assert [(p.path, p.kind) for p in planned.excluded] == [(left, "excluded")]
    manifest = json.loads((tmp_path / "again" / "manifest.json").read_text())
    (entry,) = [file for file in manifest["files"] if file["source"] == str(moved)]
    assert entry["label"] == "cat"
    assert entry["done"].endswith("moved from bear by hand")


def test_decisions_before_preparing_are_carried_out_by_it(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 8, "cat": 8})
    wrong, spoilt = sorted((source / "cat").iterdir())[:2]
    decisions = Decisions(source).with_label(wrong, "bear").with_label(spoilt, OUT)
    planned = plan(take_inventory(source), tmp_path / "out", Quota(hold_out=2), decisions=decisions)
    assert planned.counts() == {"bear": {"train": 7, "test": 2}, "cat": {"train": 4, "test": 2}}


def test_a_folder_that_was_not_prepared_keeps_no_decisions(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 3, "cat": 3})
    assert not is_prepared(source)
    assert not read_decisions(source)
    with pytest.raises(BadInput, match="prepare it first"):
        write_decisions(Decisions(source))
    (source / "manifest.json").write_text('{"name": "something else"}')
    assert not read_decisions(source)
    assert len(photos(source)["bear"]) == 3


def test_a_photo_left_out_is_no_problem_and_one_moved_counts_in_its_new_class(
    prepared: Path,
) -> None:
    broken = prepared / "train" / "bear" / "broken.jpg"
    broken.write_text("no photo")
    moved, copied = sorted((prepared / "train" / "cat").iterdir())[:2]
    copy = prepared / "train" / "bear" / "copy.jpg"
    copy.write_bytes(copied.read_bytes())
    found = check(decided_inventory(prepared))
    assert {(p.path, p.kind) for p in found} == {
        (broken, "not_an_image"),
        (copied, "duplicate_across_classes"),
    }
    decide(prepared, {broken: OUT, copied: OUT, moved: "bear"})
    inventory = decided_inventory(prepared)
    assert check(inventory) == ()
    assert inventory.counts() == {"bear": {"train": 8, "test": 2}, "cat": {"train": 4, "test": 2}}


def test_a_class_that_only_the_manifest_names_is_one(prepared: Path) -> None:
    bear = min((prepared / "train" / "bear").iterdir())
    decide(prepared, {bear: "polar"})
    assert decided_inventory(prepared).counts()["polar"] == {"train": 1, "test": 0}


def test_nothing_is_decided_about_a_photo_of_another_folder(prepared: Path, tmp_path: Path) -> None:
    assert len(Decisions(prepared).with_label(tmp_path / "other.jpg", "cat")) == 0


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_decisions_are_followed_where_a_copy_has_its_names_as_macos_writes_them(
    tmp_path: Path, form: Literal["NFC", "NFD"]
) -> None:
    write_classes(tmp_path / "source", {"Bär": 8, "cat": 8})
    prepared = tmp_path / "out"
    carry_out(plan(take_inventory(tmp_path / "source"), prepared, Quota(hold_out=2)))
    left, moved = sorted((prepared / "train" / "Bär").iterdir())[:2]
    decide(prepared, {left: OUT, moved: "cat"})
    for folder in [*prepared.glob("*/B*")]:
        folder.rename(folder.with_name(unicodedata.normalize(form, folder.name)))
    dataset = open_dataset(prepared)
    assert len(dataset.train) + len(dataset.validation) == 11
    assert {photo.label for photo in (*dataset.train, *dataset.validation)} == {"Bär", "cat"}
    assert moved.name in photos(prepared)["cat"]
    assert decided_inventory(prepared).left_out == {}
    again = next(path for path in prepared.glob("train/B*/*") if path.name == left.name)
    decisions = read_decisions(prepared)
    assert decisions.of(again) == OUT
    write_decisions(decisions.with_label(again, None))
    assert len(open_dataset(prepared).train) + len(open_dataset(prepared).validation) == 12
