"""One odd entry of a COCO file costs itself, with a reason; no photo gets another's label."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bear_tui.cli import main
from bear_tui.data.coco.selection import LocalPhotos, find_photos, read_instances, select
from bear_tui.errors import BadInput
from tests.unit.data.coco_files import instances

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """Six bears, 0 to 5, and nine people."""
    return instances(tmp_path / "coco")


def changed(coco: Path, change: Change) -> Path:
    document = json.loads(coco.read_text())
    change(document)
    coco.write_text(json.dumps(document))
    return coco


def taken(coco: Path, rest: str = "rest") -> LocalPhotos:
    chosen = select(read_instances(coco), {"bear": ["bear"]}, rest, 1)
    return find_photos(chosen, coco.parent / "images", None)


def labels(found: LocalPhotos) -> dict[str, list[int]]:
    names: dict[str, list[int]] = {}
    for photo in found.inventory.photos:
        names.setdefault(photo.label, []).append(int(photo.path.stem))
    return names


def told(found: LocalPhotos) -> str:
    return "\n".join(problem.detail for problem in found.inventory.problems)


EVERY = {"bear": [*range(6)], "rest": [*range(6, 15)]}


def ids_as(kind: Callable[[int], object], key: str, *lists: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        for name in lists:
            for entry in document[name]:
                entry[key] = kind(entry[key])

    return change


@pytest.mark.parametrize(
    "change",
    [
        ids_as(str, "image_id", "annotations"),
        ids_as(float, "image_id", "annotations"),
        ids_as(lambda id: f"{id}.0", "image_id", "annotations"),
        ids_as(lambda id: f"{id:06}", "image_id", "annotations"),
        ids_as(str, "id", "images"),
        ids_as(str, "id", "categories"),
        ids_as(str, "category_id", "annotations"),
        ids_as(float, "category_id", "annotations"),
    ],
)
def test_ids_match_across_texts_and_numbers(coco: Path, change: Change) -> None:
    assert labels(taken(changed(coco, change))) == EVERY


def test_texts_with_the_same_number_are_different_ids(coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["images"][0]["id"], document["images"][14]["id"] = "07", "7"
        document["annotations"][0]["image_id"] = "07"
        document["annotations"][14]["image_id"] = "7"
        del document["images"][7], document["annotations"][7]

    found = labels(taken(changed(coco, change)))
    assert found == {"bear": EVERY["bear"], "rest": [6, *range(8, 15)]}


def test_annotations_of_no_image_are_counted_and_nothing_is_guessed(coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        for number in (0, 1, 14):
            document["annotations"][number]["image_id"] = f"file-{number}"

    found = taken(changed(coco, change))
    assert labels(found) == {"bear": [2, 3, 4, 5], "rest": [*range(6, 14)]}
    assert "3 of `annotations` are of an image that the file does not list" in told(found)
    assert told(found).count("it has no annotation") == 3


def test_where_no_annotation_matches_the_file_is_refused(coco: Path) -> None:
    changed(coco, ids_as(lambda id: f"image-{id}", "image_id", "annotations"))
    with pytest.raises(BadInput, match="none of its annotations belongs to an image that it lists"):
        taken(coco)


def of(place: int, name: str = "images", **values: object) -> Change:
    """The entry has these values; those that are None it has not."""

    def change(document: dict[str, Any]) -> None:
        entry = document[name][place]
        entry.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del entry[key]

    return change


def added(name: str, *entries: object) -> Change:
    return lambda document: document[name].extend(entries)


@pytest.mark.parametrize(
    ("change", "lost", "words"),
    [
        (of(0, file_name=None), [0], "image 0 has no file_name"),
        (of(0, file_name=7), [0], "image 0 has no file_name"),
        (of(0, file_name=" "), [0], "image 0 has no file_name"),
        (of(0, file_name="/etc/passwd"), [0], "leads out of the folder"),
        (of(0, file_name="../../etc/passwd"), [0], "leads out of the folder"),
        (of(0, file_name="..\\..\\etc\\passwd"), [0], "leads out of the folder"),
        (of(0, file_name="C:\\photos\\000000.jpg"), [0], "leads out of the folder"),
        (of(0, file_name="http://x/000000.jpg"), [0], "this is a web address, not a file"),
        (of(0, file_name="gone.jpg"), [0], "listed in the JSON but not here"),
        (of(0, file_name="a\0b"), [0], "leads out of the folder"),
        (of(0, file_name="x" * 5000), [0], "not here"),
        (of(0, file_name=""), [0], "no file_name"),
        (added("images", 7, None, []), [], "entry 15 of `images` is not an object"),
        (added("images", {"file_name": "a.jpg"}), [], "entry 15 of `images` (a.jpg) has no id"),
        (added("images", {"id": True, "file_name": "a.jpg"}), [], "has no id"),
        (added("images", {"id": [1], "file_name": "a.jpg"}), [], "has no id"),
        (added("images", {"id": 0, "file_name": "000014.jpg"}), [0], "image 0 is also 000014.jpg"),
        (added("images", {"id": 0, "file_name": "000000.jpg"}), [], "listed twice"),
        (added("images", {"id": 99, "file_name": "000000.jpg"}), [0], "the same photo"),
        (of(0, "annotations", category_id=None), [0], "one of its annotations has a category"),
        (of(0, "annotations", category_id=99), [0], "one of its annotations has a category"),
        (of(0, "annotations", category_id=[1]), [0], "one of its annotations has a category"),
        (added("annotations", 7, None), [], "2 of `annotations` are not objects"),
        (added("annotations", {"image_id": None, "category_id": 1}), [], "does not list"),
        (added("annotations", {"image_id": {}, "category_id": 1}), [], "does not list"),
        (
            added("annotations", *({"id": 5, "image_id": 0, "category_id": 23} for _ in range(3))),
            [],
            "2 of `annotations` have the id of another",
        ),
        (
            added("categories", {"id": 5}, {"name": "x"}, 3),
            [],
            "entry 2 of `categories` has no name",
        ),
        (added("categories", {"id": 5, "name": None}), [], "entry 2 of `categories` has no name"),
    ],
)
def test_an_odd_entry_costs_itself_and_is_told(
    coco: Path, change: Change, lost: list[int], words: str
) -> None:
    found = taken(changed(coco, change))
    left = {label: [n for n in of if n not in lost] for label, of in EVERY.items()}
    assert labels(found) == left
    assert words in told(found)


def test_backslashes_separate_folders_where_no_file_is_called_so(coco: Path) -> None:
    images = coco.parent / "images"
    (images / "train").mkdir()
    (images / "000000.jpg").rename(images / "train" / "000000.jpg")
    (images / "000001.jpg").rename(images / "train\\000001.jpg")
    changed(coco, of(0, file_name="train\\000000.jpg"))
    changed(coco, of(1, file_name="train\\000001.jpg"))
    found = taken(coco)
    paths = {photo.path for photo in found.inventory.photos if photo.label == "bear"}
    assert {images / "train" / "000000.jpg", images / "train\\000001.jpg"} < paths


@pytest.mark.parametrize("on_disk", ["b\xe4r.jpg", "b\udce4r.jpg"])
def test_a_name_in_latin_1_finds_its_file(coco: Path, on_disk: str) -> None:
    (coco.parent / "images" / "000000.jpg").rename(coco.parent / "images" / on_disk)
    coco.write_bytes(coco.read_bytes().replace(b"000000.jpg", b"b\xe4r.jpg"))
    found = taken(coco)
    assert coco.parent / "images" / on_disk in {photo.path for photo in found.inventory.photos}
    assert len(found.inventory.photos) == 15


def test_a_name_in_latin_1_that_is_not_here_says_so(coco: Path) -> None:
    coco.write_bytes(coco.read_bytes().replace(b"000000.jpg", b"b\xe4r.jpg"))
    found = taken(coco)
    assert len(found.inventory.photos) == 14
    assert "bär.jpg: listed in the JSON but not here; its name is not UTF-8" in told(found)


def test_a_category_in_latin_1_has_its_name(coco: Path) -> None:
    coco.write_bytes(coco.read_bytes().replace(b'"bear"', b'"b\xe4r"'))
    chosen = select(read_instances(coco), {"b": ["b\xe4r"]}, "rest", 1)
    assert len(chosen.candidates["b"]) == 6


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_of_json_are_read(coco: Path, encoding: str) -> None:
    coco.write_text(coco.read_text(), encoding=encoding)
    assert labels(taken(coco)) == EVERY


def test_two_categories_of_one_id_are_refused(coco: Path) -> None:
    changed(coco, added("categories", {"id": 23, "name": "dog"}))
    with pytest.raises(BadInput, match="category 23 is both bear and dog"):
        read_instances(coco)


def test_two_photos_of_one_name_are_both_downloaded(coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        for number, image in enumerate(document["images"]):
            image["file_name"] = "photo.jpg"
            image["coco_url"] = f"http://x/{number}/photo.jpg"

    chosen = select(read_instances(changed(coco, change)), {"bear": ["bear"]}, "rest", 1)
    assert {label: len(of) for label, of in chosen.candidates.items()} == {"bear": 6, "rest": 9}


def test_the_command_lists_what_it_could_not_use(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(coco, of(0, file_name="/etc/passwd"))
    changed(coco, of(1, file_name=None))
    chosen = ["--class", "bear=bear", "--rest", "rest", "--hold-out", "1", "--json"]
    command = ["prepare", "--coco", str(coco), *chosen, "--out", str(tmp_path / "out")]
    assert main([*command, "--images", str(coco.parent / "images")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["classes"] == {
        "bear": {"train": 3, "test": 1},
        "rest": {"train": 8, "test": 1},
    }
    details = [problem["detail"] for problem in document["excluded"]]
    assert any("leads out of the folder" in detail for detail in details)
    assert any("image 1 has no file_name" in detail for detail in details)
    assert main([*command[:-2], "--out", str(tmp_path / "new"), "--dry-run"]) == 0
    (problem,) = json.loads(capsys.readouterr().out)["excluded"]
    assert "image 1 has no file_name" in problem["detail"]
