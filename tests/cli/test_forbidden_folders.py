"""A folder that may not be read: named with what to do, and gone on without where that is right."""

import json
import subprocess
import sys
from pathlib import Path

from tests.permissions import as_anyone, forbidden
from tests.unit.data.photo_files import write_classes

DETAIL = "permission denied: nothing in it was read; change its mode or move it elsewhere"


def bear_tui(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*as_anyone(), sys.executable, "-m", "bear_tui", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_check_and_prepare_name_a_forbidden_folder_and_go_on_without_it(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 8, "bear/old": 3, "cat": 8})
    entry = {"path": str(source / "bear" / "old"), "kind": "unreadable_folder", "detail": DETAIL}
    with forbidden(source / "bear" / "old"):
        checked = bear_tui("check", source, "--json")
        prepared = bear_tui("prepare", source, "--out", tmp_path / "out", "--json")
        trained = bear_tui("train", "--data", source, "--runs", tmp_path / "runs")
    assert checked.returncode == 0, checked.stderr
    document = json.loads(checked.stdout)
    assert document["classes"] == {"bear": {"all": 8}, "cat": {"all": 8}}
    assert [one for one in document["problems"] if one["kind"] != "tiny"] == [entry]
    assert prepared.returncode == 0, prepared.stderr
    document = json.loads(prepared.stdout)
    assert document["classes"] == {"bear": {"train": 3, "test": 5}, "cat": {"train": 3, "test": 5}}
    assert document["excluded"] == [entry]
    assert trained.returncode == 2
    assert trained.stderr == (
        f"bear-tui: {entry['path']}: {DETAIL}, or prepare a copy, which leaves it out.\n"
    )
    assert not (tmp_path / "runs").exists()


def test_a_link_into_a_forbidden_folder_is_named_too(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 8, "cat": 8})
    elsewhere = write_classes(tmp_path / "elsewhere", {"more": 2})
    (source / "bear" / "more").symlink_to(elsewhere / "more")
    (source / "bear" / "one.jpg").symlink_to(elsewhere / "more" / "more_000.jpg")
    (source / "bear" / "notes.txt").symlink_to(elsewhere / "notes.txt")
    with forbidden(elsewhere):
        checked = bear_tui("check", source, "--json")
    assert checked.returncode == 0, checked.stderr
    problems = json.loads(checked.stdout)["problems"]
    found = [(Path(one["path"]).name, one["kind"]) for one in problems if one["kind"] != "tiny"]
    assert found == [("more", "unreadable_folder"), ("one.jpg", "unreadable")]


def test_a_class_that_may_not_be_read_leaves_two_others_or_is_a_sentence(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 8, "cat": 8, "dog": 8})
    out, others = tmp_path / "out", tmp_path / "others"
    with forbidden(source / "cat"):
        prepared = bear_tui("prepare", source, "--out", out, "--json")
        classes = (f"--class=bear={source / 'bear'}", f"--class=cat={source / 'cat'}")
        named = bear_tui("prepare", *classes, "--out", others)
        (source / "dog").rename(tmp_path / "dog")
        alone = bear_tui("prepare", source, "--out", others)
    assert prepared.returncode == 0, prepared.stderr
    assert list(json.loads(prepared.stdout)["classes"]) == ["bear", "dog"]
    assert named.returncode == alone.returncode == 2
    assert named.stderr == f"bear-tui: {source / 'cat'}: {DETAIL}.\n"
    assert alone.stderr == (
        f"bear-tui: {source / 'cat'}: {DETAIL}; without it there are not two classes to train on.\n"
    )
    assert not others.exists()


def test_a_forbidden_train_folder_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    counts = {"train/bear": 8, "train/cat": 8, "test/bear": 2, "test/cat": 2}
    source = write_classes(tmp_path / "source", counts)
    with forbidden(source / "train"):
        prepared = bear_tui("prepare", source, "--out", tmp_path / "out")
        trained = bear_tui("train", "--data", source, "--runs", tmp_path / "runs")
    assert prepared.returncode == trained.returncode == 2
    assert f"{source / 'train'}: permission denied" in prepared.stderr
    assert f"{source / 'train'}: permission denied" in trained.stderr
