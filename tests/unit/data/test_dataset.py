"""A dataset has photos of every class in every part, the same ones for the same seed."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from bear_tui.data.dataset import Dataset, describe, majority_share, open_dataset
from bear_tui.data.folders.inventory import Photo
from bear_tui.errors import BadInput, Failure
from tests.unit.data.photo_files import write_classes


def counted(photos: tuple[Photo, ...]) -> dict[str, int]:
    return dict(sorted(Counter(photo.label for photo in photos).items()))


def names(photos: tuple[Photo, ...], root: Path) -> set[str]:
    return {photo.path.relative_to(root).as_posix() for photo in photos}


def refused(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        open_dataset(folder)
    return str(caught.value)


def test_folders_that_are_split_already_are_taken_as_they_are(tmp_path: Path) -> None:
    write_classes(
        tmp_path, {f"{s}/{c}": n for s, n in (("train", 4), ("val", 2), ("test", 1)) for c in "ab"}
    )
    dataset = open_dataset(tmp_path)
    assert dataset.classes == ("a", "b")
    assert dataset.index == {"a": 0, "b": 1}
    assert counted(dataset.train) == {"a": 4, "b": 4}
    assert counted(dataset.validation) == {"a": 2, "b": 2}
    assert counted(dataset.test) == {"a": 1, "b": 1}


def test_without_validation_a_part_of_train_is_set_aside(tmp_path: Path) -> None:
    write_classes(tmp_path, {"train/a": 20, "train/b": 2, "test/a": 3, "test/b": 3})
    dataset = open_dataset(tmp_path, validation=0.25)
    assert counted(dataset.validation) == {"a": 5, "b": 1}
    assert counted(dataset.train) == {"a": 15, "b": 1}
    assert counted(dataset.test) == {"a": 3, "b": 3}
    assert {photo.split for photo in dataset.validation} == {"validation"}


@pytest.mark.parametrize("prefix", ["", "train/"])
def test_without_test_a_part_is_held_out_first(tmp_path: Path, prefix: str) -> None:
    write_classes(tmp_path, {f"{prefix}a": 20, f"{prefix}b": 3})
    dataset = open_dataset(tmp_path, validation=0.2)
    assert counted(dataset.test) == {"a": 3, "b": 1}
    assert counted(dataset.validation) == {"a": 3, "b": 1}
    assert counted(dataset.train) == {"a": 14, "b": 1}
    parts = [names(part, tmp_path) for part in (dataset.train, dataset.validation, dataset.test)]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 23


def test_validation_does_not_change_what_is_tested(tmp_path: Path) -> None:
    write_classes(tmp_path, {"a": 20, "b": 20})
    assert open_dataset(tmp_path, validation=0.1).test == open_dataset(tmp_path).test


def test_the_same_seed_splits_alike_and_another_does_not(tmp_path: Path) -> None:
    write_classes(tmp_path, {"a": 20, "b": 20})
    assert open_dataset(tmp_path, seed=3) == open_dataset(tmp_path, seed=3)
    assert open_dataset(tmp_path, seed=3).test != open_dataset(tmp_path, seed=4).test


def test_a_changed_class_does_not_reshuffle_another(tmp_path: Path) -> None:
    write_classes(tmp_path, {"a": 20, "b": 20})
    before = open_dataset(tmp_path)
    for path in list((tmp_path / "a").iterdir())[:10]:
        path.unlink()
    after = open_dataset(tmp_path)

    def of_b(dataset: Dataset) -> list[set[str]]:
        parts = (dataset.train, dataset.validation, dataset.test)
        return [{n for n in names(part, tmp_path) if n.startswith("b/")} for part in parts]

    assert of_b(before) == of_b(after)


def test_the_majority_share_is_what_a_model_has_to_beat(tmp_path: Path) -> None:
    write_classes(tmp_path, {"train/a": 9, "train/b": 3, "test/a": 3, "test/b": 1})
    assert majority_share(open_dataset(tmp_path).test) == 0.75


def test_a_description_does_not_depend_on_where_the_photos_lie(tmp_path: Path) -> None:
    first = write_classes(tmp_path / "first", {"a": 5, "b": 5, "caf\udce9": 5})
    shutil.copytree(first, tmp_path / "second")
    seen: list[tuple[int, int]] = []
    one = describe(open_dataset(first), lambda done, total: seen.append((done, total)))
    two = describe(open_dataset(tmp_path / "second"))
    assert one["root"] == str(first)
    assert one["classes"] == ["a", "b", "caf\udce9"]
    assert one["files"] == two["files"]
    assert one["fingerprint"] == two["fingerprint"]
    assert seen[-1] == (15, 15)
    assert {file["split"] for file in one["files"]} == {"train", "validation", "test"}


def test_the_fingerprint_changes_with_a_photo_a_label_or_a_split(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "set", {"a": 8, "b": 8})
    before = describe(open_dataset(root))["fingerprint"]
    assert describe(open_dataset(root, seed=2))["fingerprint"] != before
    (root / "a" / "a_000.jpg").rename(root / "b" / "a_000.jpg")
    moved = describe(open_dataset(root))["fingerprint"]
    assert moved != before
    (root / "b" / "a_000.jpg").write_bytes(b"other")
    assert describe(open_dataset(root))["fingerprint"] not in (before, moved)


def test_a_photo_that_vanished_is_one_sentence(tmp_path: Path) -> None:
    dataset = open_dataset(write_classes(tmp_path, {"a": 8, "b": 8}))
    dataset.train[0].path.unlink()
    with pytest.raises(Failure, match="no such file or folder"):
        describe(dataset)


def test_a_relative_folder_stays_right_after_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_classes(tmp_path / "set", {"a": 8, "b": 8})
    monkeypatch.chdir(tmp_path)
    assert open_dataset(Path("set")).root == tmp_path / "set"


def test_what_cannot_be_trained_on_is_refused_in_one_sentence(tmp_path: Path) -> None:
    assert "no such file or folder" in refused(tmp_path / "nowhere")
    assert "only one class was found (a)" in refused(write_classes(tmp_path / "1", {"a": 9}))
    empty = write_classes(tmp_path / "2", {"a": 9, "b": 0})
    assert refused(empty).startswith(f"{empty / 'b'}: no photos in this class")
    few = write_classes(tmp_path / "3", {"a": 9, "b": 2})
    assert "2 photos cannot be split into training and validation and test" in refused(few)
    few = write_classes(tmp_path / "4", {"train/a": 9, "train/b": 1, "test/a": 1, "test/b": 1})
    assert "1 photo cannot be split into training and validation" in refused(few)
    counts = {"train/a": 9, "train/b": 9, "test/a": 1, "test/b": 1, "test/teddy": 1}
    assert "train/ has no photos of teddy" in refused(write_classes(tmp_path / "5", counts))
    lone = write_classes(tmp_path / "6", {"test/a": 9, "test/b": 9})
    assert "there is no train/ folder" in refused(lone)
    half = write_classes(tmp_path / "7", {"train/a": 9, "train/b": 9, "test/a": 1})
    assert "no photos of this class in test" in refused(half)
    with pytest.raises(BadInput, match=r"--validation 1\.5"):
        open_dataset(tmp_path / "7", validation=1.5)
