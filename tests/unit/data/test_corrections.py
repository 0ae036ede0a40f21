"""Decisions about photos: kept in a file, applied to a dataset, undone by taking them away."""

import os
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from bear_tui.data.corrections import corrected
from bear_tui.data.dataset import Dataset, describe, open_dataset
from bear_tui.data.decisions import Decisions, read_corrections, write_corrections
from bear_tui.errors import BadInput, Failure


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    for split, count in (("train", 3), ("validation", 1), ("test", 2)):
        for label in ("bear", "other"):
            folder = tmp_path / "photos" / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                (folder / f"{number}.jpg").write_bytes(f"{split}{label}{number}".encode())
    return open_dataset(tmp_path / "photos")


def labels(dataset: Dataset, split: str) -> dict[str, str]:
    return {
        photo.path.relative_to(dataset.root).as_posix(): photo.label
        for photo in getattr(dataset, split)
    }


def test_a_photo_gets_another_class_and_one_goes_and_the_rest_stays(dataset: Dataset) -> None:
    seen = corrected(dataset, (("train/bear/1.jpg", "other"), ("test/other/0.jpg", "")))
    before, after = labels(dataset, "train"), labels(seen, "train")
    assert {name for name in before if before[name] != after[name]} == {"train/bear/1.jpg"}
    assert after["train/bear/1.jpg"] == "other"
    assert set(labels(dataset, "test")) - set(labels(seen, "test")) == {"test/other/0.jpg"}
    assert labels(seen, "validation") == labels(dataset, "validation")
    assert [photo.split for photo in seen.train] == ["train"] * 6
    assert seen.corrections == (("train/bear/1.jpg", "other"), ("test/other/0.jpg", ""))


def test_no_corrections_are_the_dataset_itself(dataset: Dataset) -> None:
    assert corrected(dataset, ()) is dataset


def test_a_corrected_dataset_has_another_fingerprint_and_the_files_stay(dataset: Dataset) -> None:
    before = {path: path.read_bytes() for path in dataset.root.rglob("*.jpg")}
    seen = corrected(dataset, (("train/bear/1.jpg", "other"),))
    assert describe(seen)["fingerprint"] != describe(dataset)["fingerprint"]
    assert {path: path.read_bytes() for path in dataset.root.rglob("*.jpg")} == before


@pytest.mark.parametrize(
    ("corrections", "sentence"),
    [
        ([("train/bear/9.jpg", "other")], "no photo train/bear/9.jpg"),
        ([("train/bear/1.jpg", "polar")], "no class `polar`"),
        ([(f"train/bear/{n}.jpg", "") for n in range(3)], "no train photo of bear"),
        ([(f"test/{name}/{n}.jpg", "") for n in (0, 1) for name in ("bear", "other")], "no test"),
    ],
)
def test_what_cannot_be_corrected_is_a_sentence(
    dataset: Dataset, corrections: list[tuple[str, str]], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        corrected(dataset, tuple(corrections))


def test_a_test_without_photos_of_a_class_is_allowed(dataset: Dataset) -> None:
    seen = corrected(dataset, (("test/bear/0.jpg", ""), ("test/bear/1.jpg", "other")))
    assert set(labels(seen, "test").values()) == {"other"}


def test_decisions_come_back_from_their_file_in_order(tmp_path: Path) -> None:
    decisions = {"train/b/2.jpg": "a", os.fsdecode(b"train/caf\xe9.jpg"): "", "x\n.jpg": "[/]"}
    path = tmp_path / "corrections.json"
    write_corrections(path, Decisions(tmp_path, decisions))
    found = read_corrections(path, tmp_path)
    assert list(found.labels.items()) == list(decisions.items())
    assert found.root == tmp_path


def test_no_file_holds_no_decisions(tmp_path: Path) -> None:
    assert not read_corrections(tmp_path / "corrections.json", tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("{", "cut short"),
        ("\ufeff{}", "byte order mark"),
        ("[]", "must hold an object"),
        ("{}", "`decisions` is missing"),
        ('{"decisions": {}}', "`decisions` must be a list"),
        ('{"decisions": [3]}', "entry 0 of `decisions`"),
        ('{"decisions": [{"path": 3, "class": "a"}]}', "`path` must be a text"),
        ('{"decisions": [{"path": "a.jpg"}]}', "`class` is missing"),
        ('{"decisions": [{"path": "a.jpg", "class": 7}]}', "`class` must be a text"),
        ('{"decisions": [{"path": "../a.jpg", "class": "b"}]}', "names no file of the folder"),
        (
            '{"decisions": [{"path": "a", "class": "b"}, {"path": "a", "class": null}]}',
            "another decision",
        ),
    ],
)
def test_a_damaged_file_is_refused_by_name(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "corrections.json"
    path.write_text(content)
    with pytest.raises(BadInput) as caught:
        read_corrections(path, tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert "restore the file" in str(caught.value)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"corrections\.json: "):
        write_corrections(tmp_path / "gone" / "corrections.json", Decisions(tmp_path, {"a": "b"}))


@pytest.mark.parametrize(("wrote", "has"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_recipes_corrections_fit_photos_whose_names_another_system_wrote(
    dataset: Dataset, wrote: Literal["NFC", "NFD"], has: Literal["NFC", "NFD"]
) -> None:
    name = "grün.jpg"
    folder = dataset.root / "train" / "bear"
    (folder / "1.jpg").rename(folder / unicodedata.normalize(has, name))
    path = f"train/bear/{unicodedata.normalize(wrote, name)}"
    seen = corrected(open_dataset(dataset.root), ((path, ""),))
    assert len(seen.train) == 5
