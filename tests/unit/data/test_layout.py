"""Folders are read as they were meant, or refused with the path that was probably meant."""

import os
import socket
import unicodedata
from pathlib import Path

import pytest

from bear_tui.cli import main
from bear_tui.data.dataset import describe, open_dataset
from bear_tui.data.digest import sha256_of
from bear_tui.data.folders.inventory import Inventory, take_inventory
from bear_tui.errors import BadInput
from tests.unit.data.photo_files import write_classes, write_photo

NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))


def inventory(root: Path, *folders: str, photos: int = 2) -> Inventory:
    return take_inventory(write_classes(root, dict.fromkeys(folders, photos)))


def refused(root: Path, *folders: str, photos: int = 2) -> str:
    with pytest.raises(BadInput) as caught:
        inventory(root, *folders, photos=photos)
    return str(caught.value)


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("Training", "Testing"),
        ("TRAIN", "TEST"),
        ("Train", "test"),
        ("training_set", "test_set"),
        ("Training Data", "Test Data"),
        ("train-images", "test-images"),
        ("trainset", "testset"),
        ("TrainData", "TestData"),
        ("seg_train", "seg_test"),
        ("train2017", "test2017"),
    ],
)
def test_usual_names_of_splits_are_known(tmp_path: Path, train: str, test: str) -> None:
    found = inventory(
        tmp_path, *(f"{part}/{of}" for part in (train, test) for of in ("bear", "cat"))
    )
    assert found.counts() == {name: {"train": 2, "test": 2} for name in ("bear", "cat")}


@pytest.mark.parametrize(
    "name", ["val", "Valid", "Validation", "VAL", "validation_set", "val_data", "valset"]
)
def test_usual_names_of_validation_are_known(tmp_path: Path, name: str) -> None:
    found = inventory(tmp_path, "train/bear", "train/cat", f"{name}/bear", f"{name}/cat")
    assert found.splits == ("train", "validation")


@pytest.mark.parametrize(
    "names",
    [
        ("steam_train", "bullet_train"),
        ("train", "bus"),
        ("train", "test", "bus"),
        ("Valid", "Fake"),
        ("training shoes", "sandals"),
        ("validated", "rejected"),
    ],
)
def test_what_may_be_a_class_is_one(tmp_path: Path, names: tuple[str, ...]) -> None:
    found = inventory(tmp_path, *names)
    assert found.classes == tuple(sorted(names))
    assert found.splits == ()


def test_folders_inside_of_classes_that_sound_like_splits_stay_classes(tmp_path: Path) -> None:
    found = inventory(tmp_path, "steam_train/old", "bullet_train/new", "bus")
    assert found.classes == ("bullet_train", "bus", "steam_train")


def test_a_class_called_train_inside_of_train_is_one(tmp_path: Path) -> None:
    found = inventory(tmp_path, "train/train", "train/bus", "test/train", "test/bus")
    assert found.classes == ("bus", "train")


def test_a_class_whose_name_macos_has_written_is_the_same_class(tmp_path: Path) -> None:
    found = inventory(tmp_path, f"train/{NFC}", f"test/{NFD}", "train/tea", "test/tea")
    assert found.counts() == {NFC: {"train": 2, "test": 2}, "tea": {"train": 2, "test": 2}}
    assert found.problems == ()
    assert all(photo.path.is_file() for photo in found.photos)
    assert len(open_dataset(tmp_path).test) == 4


def test_a_split_that_lies_in_itself_is_looked_into(tmp_path: Path) -> None:
    """As Kaggle's zip files have it."""
    parts = ("training_set/training_set", "test_set/test_set")
    found = inventory(tmp_path, *(f"{part}/{of}" for part in parts for of in ("bear", "cat")))
    assert found.counts() == {name: {"train": 2, "test": 2} for name in ("bear", "cat")}


def test_photos_of_a_folder_beside_the_splits_are_counted(tmp_path: Path) -> None:
    folders = ("train/bear", "train/cat", "test/bear", "test/cat", "dog", "docs/pictures")
    found = inventory(tmp_path, *folders, photos=3)
    (tmp_path / "empty").mkdir()
    assert found.classes == ("bear", "cat")
    assert found.left_out == {"in dog/": 3, "in docs/": 3}
    assert any("3 in dog/" in sentence for sentence in open_dataset(tmp_path).reading)


def test_a_train_beside_classes_is_asked_about(tmp_path: Path) -> None:
    said = refused(tmp_path, "train/steam", "train/diesel", "bus", "plane")
    assert said.startswith(f"{tmp_path}: train/ holds folders of photos")
    assert f"name {tmp_path / 'train'} to use that alone" in said


@pytest.mark.parametrize("name", ["test", "Validation"])
def test_a_test_beside_the_classes_is_no_class(tmp_path: Path, name: str) -> None:
    said = refused(tmp_path, "bear", "cat", f"{name}/bear", f"{name}/cat")
    assert f"{name}/ holds folders, as a split does, and bear, cat beside it photos" in said
    assert f"put those into {tmp_path / 'train'}" in said


def test_a_class_in_other_letters_is_asked_about(tmp_path: Path) -> None:
    write_classes(tmp_path, dict.fromkeys(("train/Bear", "train/cat", "test/bear", "test/cat"), 2))
    with pytest.raises(BadInput, match="Bear in train/ is bear in another split"):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    "inside", [("bear", "cat"), ("train/bear", "train/cat", "test/bear", "test/cat")]
)
@pytest.mark.parametrize("around", ["animals", "download/animals"])
def test_the_folder_inside_of_one_around_everything_is_named(
    tmp_path: Path, inside: tuple[str, ...], around: str
) -> None:
    write_photo(tmp_path / "__MACOSX" / "animals" / "bear.jpg")
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / "docs").mkdir()
    said = refused(tmp_path, *(f"{around}/{one}" for one in inside))
    assert f"all photos lie in {tmp_path / around}," in said
    assert "did you mean that folder?" in said


@pytest.mark.parametrize(
    "outer", [("Part A", "Part B"), ("2019", "2020"), ("fold1", "fold2", "f3")]
)
def test_parts_that_hold_the_same_classes_are_no_classes(
    tmp_path: Path, outer: tuple[str, ...]
) -> None:
    said = refused(tmp_path, *(f"{part}/{one}" for part in outer for one in ("bear", "cat", "dog")))
    assert "hold the same folders (bear, cat, dog)" in said
    assert f"did you mean {tmp_path / sorted(outer)[0]}?" in said


@pytest.mark.parametrize("inside", [("bear", "cat"), ("train", "test")])
def test_a_stray_photo_beside_the_same_folders_makes_no_classes_of_the_outer_ones(
    tmp_path: Path, inside: tuple[str, str]
) -> None:
    write_photo(tmp_path / "a" / "contact sheet.jpg")
    said = refused(tmp_path, *(f"{part}/{one}" for part in "ab" for one in inside), photos=5)
    assert "a, b" in said
    assert str(tmp_path / "a") in said


def test_parts_need_not_be_complete(tmp_path: Path) -> None:
    assert "hold the same folders" in refused(
        tmp_path, "a/bear", "a/cat", "a/dog", "b/bear", "b/cat"
    )


def test_splits_inside_of_classes_are_put_the_other_way_round(tmp_path: Path) -> None:
    said = refused(tmp_path, "bear/train", "bear/test", "cat/train", "cat/test")
    assert "put it the other way round" in said
    assert str(tmp_path / "test" / "bear") in said


@pytest.mark.parametrize(
    "folders",
    [
        ("bear/brown", "bear/black", "cat/black"),
        ("bear/images", "cat/images"),
        ("bear/brown", "bear", "cat/brown", "cat/black"),
        ("bear/2019/may", "cat/2020/june"),
    ],
)
def test_folders_inside_of_classes_are_parts_of_them(
    tmp_path: Path, folders: tuple[str, ...]
) -> None:
    assert inventory(tmp_path, *folders).classes == ("bear", "cat")


@pytest.mark.parametrize(
    ("pictures", "boxes"),
    [
        (("images/train", "images/val"), ("labels/train", "labels/val")),
        (("images",), ("labels",)),
        (("train/images", "valid/images", "test/images"), ("train/labels", "valid/labels")),
        (("JPEGImages",), ("Annotations", "ImageSets")),
        (("images", "masks"), ("data",)),
    ],
)
def test_a_detectors_folders_are_no_classes(
    tmp_path: Path, pictures: tuple[str, ...], boxes: tuple[str, ...]
) -> None:
    for name in boxes:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.txt").write_text("0 0.5 0.5 0.1 0.1")
    assert "of a detector" in refused(tmp_path, *pictures)


def test_class_folders_beside_labels_are_named(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    said = refused(tmp_path, "images/bear", "images/cat")
    assert f"did you mean {tmp_path / 'images'}?" in said


def test_parts_without_classes_are_no_classes(tmp_path: Path) -> None:
    """COCO as it is downloaded."""
    (tmp_path / "annotations").mkdir()
    assert "photos lie directly in this folder" in refused(tmp_path, "train2017", "val2017")


def test_photos_left_out_are_counted_by_kind(tmp_path: Path) -> None:
    root = write_classes(tmp_path, {"bear": 2, "cat": 2, ".ipynb_checkpoints": 3, "cat/.thumbs": 1})
    bear = root / "bear"
    for name in ("a.jxl", "b.JXL", "c.cr3", "._d.jpg", "Thumbs.db", "notes.txt"):
        (bear / name).write_bytes(b"something")
    write_photo(root / "cat" / "x.jpg").rename(root / "cat" / ".hidden.jpg")
    write_photo(root / "stray.jpg")
    os.mkfifo(bear / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as open_socket:
        open_socket.bind(str(bear / "s"))
    (bear / "round").symlink_to(bear)
    (bear / "gone").symlink_to(bear / "nowhere")
    assert take_inventory(root).left_out == {
        ".jxl": 2,
        ".cr3": 1,
        "hidden": 5,
        "outside of class folders": 1,
        "pipe": 1,
        "socket": 1,
        "link in a circle": 1,
        "broken link": 1,
    }


def test_links_to_pipes_and_devices_are_neither_waited_for_nor_read(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "set", {"bear": 4, "cat": 4})
    os.mkfifo(tmp_path / "pipe")
    (root / "bear" / "pipe.jpg").symlink_to(tmp_path / "pipe")
    (root / "bear" / "zero.jpg").symlink_to("/dev/zero")
    assert take_inventory(root).left_out == {"pipe": 1, "device": 1}
    assert len(describe(open_dataset(root))["files"]) == 8
    with pytest.raises(OSError, match=r"pipe\.jpg"):
        sha256_of(root / "bear" / "pipe.jpg")


def test_a_raw_file_beside_its_jpeg_is_no_second_photo(tmp_path: Path) -> None:
    root = write_classes(tmp_path, {"bear": 2, "cat": 2})
    for name in ("bear_000.nef", "bear_000.CR2", "bear_000.dng"):
        # A raw file begins like a TIFF and opens as its preview.
        write_photo(root / "bear" / "preview.tif").rename(root / "bear" / name)
    found = take_inventory(root)
    assert len(found.photos) == 4
    assert found.left_out == {".nef": 1, ".cr2": 1, ".dng": 1}


def test_what_is_hidden_and_no_photo_is_not_told(tmp_path: Path) -> None:
    root = write_classes(tmp_path, {"bear": 2, "cat": 2})
    for name in (".DS_Store", "Thumbs.db", "._bear_000.jpg"):
        (root / "bear" / name).write_bytes(b"something")
    write_classes(root, {".git/annex": 4})
    assert take_inventory(root).left_out == {}


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (
            ("train/a", "train/b", "test/a", "test/b"),
            "train/ and test/ found; 15% of train is set aside for validation.",
        ),
        (
            ("Training/a", "Training/b", "val/a", "val/b", "test/a", "test/b"),
            "Training/ (train), val/ (validation) and test/ found.",
        ),
        (
            ("train/a", "train/b", "val/a", "val/b"),
            "train/ and val/ (validation) found; 15% of train is set aside for test.",
        ),
        (
            ("a", "b"),
            "class folders found, no train/ and test/; 15% of each class is set aside for the "
            "test, and 15% of the rest for validation.",
        ),
    ],
)
def test_check_says_how_the_folder_was_read(
    tmp_path: Path,
    folders: tuple[str, ...],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_classes(tmp_path, dict.fromkeys(folders, 4))
    write_photo(tmp_path / "stray.jpg", 99)
    assert main(["check", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"How the folder was read: {words}" in said
    assert "Photos left out: 1 outside of class folders." in said


def test_the_fraction_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    write_classes(tmp_path, dict.fromkeys(("train/a", "train/b", "test/a", "test/b"), 9))
    assert "12.5% of train is set aside" in open_dataset(tmp_path, 0.125).reading[0]


@pytest.mark.parametrize("by_class", [False, True])
def test_prepare_says_what_it_left_out(
    tmp_path: Path, by_class: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_classes(tmp_path / "set", {"bear": 4, "cat": 4})
    (root / "bear" / "one.jxl").write_bytes(b"something")
    classes = [f"--class={name}={root / name}" for name in ("bear", "cat")]
    sources = classes if by_class else [str(root)]
    assert main(["prepare", *sources, "--out", str(tmp_path / "out"), "--hold-out", "1"]) == 0
    assert "Photos left out: 1 .jxl." in capsys.readouterr().err
