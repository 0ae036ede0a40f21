"""An inventory finds every photo, knows its class, and ends whatever the folder looks like."""

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bear_tui.data.dataset import open_dataset
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.folders.scan import photos_below
from bear_tui.data.parallel import Cancelled
from bear_tui.data.photos.formats import first_bytes
from bear_tui.errors import BadInput
from tests.unit.data.photo_files import picture, write_classes, write_photo


def refused(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        take_inventory(folder)
    return str(caught.value)


def test_class_folders_are_counted(tmp_path: Path) -> None:
    inventory = take_inventory(write_classes(tmp_path, {"cat": 2, "bear": 3}))
    assert inventory.classes == ("bear", "cat")
    assert inventory.counts() == {"bear": {"all": 3}, "cat": {"all": 2}}
    assert inventory.problems == ()
    assert inventory.hidden == 0
    paths = [photo.path for photo in inventory.photos]
    assert paths == sorted(paths)
    assert {photo.split for photo in inventory.photos} == {None}


@pytest.mark.parametrize("name", ["validation", "val", "valid"])
def test_split_folders_are_counted(tmp_path: Path, name: str) -> None:
    counts = {"train/bear": 3, "train/cat": 2, "test/bear": 1, "test/cat": 1, f"{name}/bear": 1}
    inventory = take_inventory(write_classes(tmp_path, counts))
    assert inventory.counts() == {
        "bear": {"train": 3, "validation": 1, "test": 1},
        "cat": {"train": 2, "validation": 0, "test": 1},
    }
    assert [(p.path, p.kind) for p in inventory.problems] == [
        (tmp_path / name / "cat", "empty_class")
    ]


def test_folders_inside_a_class_count_for_it(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 1, "bear/brown/old": 2, "cat": 1})
    assert take_inventory(tmp_path).counts() == {"bear": {"all": 3}, "cat": {"all": 1}}


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    inventory = take_inventory(write_classes(tmp_path, {"train": 2, "bus": 2}))
    assert inventory.counts() == {"bus": {"all": 2}, "train": {"all": 2}}


def test_hidden_files_and_junk_are_left_out_and_counted(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 1, "cat": 1, ".ipynb_checkpoints": 1, "__MACOSX": 1})
    write_classes(tmp_path, {"bear/.thumbs": 1})
    for name in ("._bear_000.jpg", ".DS_Store", "Thumbs.db", ".hidden.jpg"):
        write_photo(tmp_path / "bear" / "x.jpg").rename(tmp_path / "bear" / name)
    write_photo(tmp_path / "stray.jpg")
    inventory = take_inventory(tmp_path)
    assert inventory.counts() == {"bear": {"all": 1}, "cat": {"all": 1}}
    assert inventory.hidden == 8


def test_odd_names_are_judged_by_their_first_bytes(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 0, "cat": 1})
    photo = write_photo(tmp_path / "photo.jpg").read_bytes()
    bear = tmp_path / "bear"
    photos = {"a", "b.php?w=1500", "c.jpg;w=960", "d.JPG", "e.jpg?v=1", "f.42"}
    for name in photos:
        (bear / name).write_bytes(photo)
    for name in ("note", "notes.txt", "BMX club", "weights.pth", "page.php?id=1"):
        (bear / name).write_bytes(b"BM, no photo but a text of some length")
    # A name that says photo is believed, so that `check` can say what is wrong with it.
    (bear / "lost.jpg?v=2").write_bytes(b"<html>")
    found = {photo.path.name for photo in take_inventory(tmp_path).photos if photo.label == "bear"}
    assert found == photos | {"lost.jpg?v=2"}


@pytest.mark.parametrize("read", [take_inventory, partial(open_dataset, validation=0.5)])
def test_looking_through_a_folder_ends_when_it_is_asked_to(
    tmp_path: Path, read: Callable[..., object]
) -> None:
    write_classes(tmp_path, {"bear": 2, "cat": 2})
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        read(tmp_path, cancelled=cancelled)


def test_no_first_byte_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    answers: list[OSError] = []

    def look() -> None:
        try:
            first_bytes(tmp_path / "pipe")
        except OSError as error:
            answers.append(error)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(10)
    assert len(answers) == 1, "it waits for somebody who writes"


def test_symlinks_are_followed_and_loops_end(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "set", {"bear": 2, "cat": 1})
    write_classes(tmp_path / "elsewhere", {"dogs": 2}, first=5000)
    (root / "dog").symlink_to(tmp_path / "elsewhere" / "dogs")
    (root / "bear" / "up").symlink_to(root)
    (root / "bear" / "self").symlink_to(root / "bear")
    (root / "cat" / "loop.jpg").symlink_to(root / "cat" / "loop.jpg")
    (root / "cat" / "gone.jpg").symlink_to(root / "cat" / "nowhere.jpg")
    counts = take_inventory(root).counts()
    assert counts["dog"] == {"all": 2}
    assert counts["cat"] == {"all": 3}
    # `up` makes all classes part of this one; each real folder counts once.
    assert counts["bear"]["all"] == 2 + 3 + 2


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 1, "cat": 1})
    os.mkfifo(tmp_path / "bear" / "pipe.jpg")
    os.mkfifo(tmp_path / "bear" / "pipe")
    assert take_inventory(tmp_path).counts()["bear"] == {"all": 1}


def test_an_empty_class_is_named(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 1, "cat": 0})
    inventory = take_inventory(tmp_path)
    assert inventory.counts()["cat"] == {"all": 0}
    assert [(p.path, p.kind) for p in inventory.problems] == [(tmp_path / "cat", "empty_class")]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 1, "cat": 1})
    # Deeper than a path may be long: not even root can list the end of it by its path.
    here = os.open(tmp_path / "cat", os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=here)
        deeper = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    problems = take_inventory(tmp_path).problems
    assert [problem.kind for problem in problems] == ["unreadable_folder"]
    assert "name too long" in problems[0].detail


def test_names_that_are_no_utf8_are_found(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 1, "caf\udce9": 1, "熊 🐻": 1})
    assert set(take_inventory(tmp_path).classes) == {"bear", "caf\udce9", "熊 🐻"}


def test_what_is_no_dataset_is_refused_in_one_sentence(tmp_path: Path) -> None:
    assert "no such file or folder" in refused(tmp_path / "nowhere")
    photo = write_photo(tmp_path / "flat" / "photo.jpg")
    assert "this is a file" in refused(photo)
    assert "photos lie directly in this folder" in refused(photo.parent)
    (tmp_path / "empty").mkdir()
    assert "no class folders" in refused(tmp_path / "empty")
    write_photo(tmp_path / "unsorted" / "train" / "cat.0.jpg")
    write_photo(tmp_path / "unsorted" / "test" / "1.jpg")
    assert "one folder per class inside it" in refused(tmp_path / "unsorted")
    write_classes(tmp_path / "half", {"train/bear": 1, "train/cat": 1})
    write_photo(tmp_path / "half" / "test" / "1.jpg")
    assert f"{tmp_path / 'half' / 'test'}: photos lie directly" in refused(tmp_path / "half")


def test_a_folder_can_be_one_class(tmp_path: Path) -> None:
    write_classes(tmp_path, {"brown": 2, "black/old": 1, ".hidden": 1})
    picture().save(tmp_path / "top.png")
    photos, problems, hidden = photos_below(tmp_path)
    assert [path.name for path in photos] == [
        "old_000.jpg",
        "brown_000.jpg",
        "brown_001.jpg",
        "top.png",
    ]
    assert problems == []
    assert hidden == 1
