"""Classes out of an instances JSON: who belongs where, in which order, and what is refused."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bear_tui.data.coco.selection import Instances, find_photos, read_instances, select
from bear_tui.errors import BadInput
from tests.unit.data.photo_files import write_photo

CATEGORIES = {1: "person", 2: "bear", 3: "dog", 4: "vase"}


def document(shown: dict[str, list[int]], crowds: tuple[str, ...] = ()) -> dict[str, Any]:
    """An instances JSON of photos with the categories on them."""
    images, annotations = [], []
    for number, (name, categories) in enumerate(shown.items()):
        images.append(
            {"id": number, "file_name": name, "license": 4, "coco_url": f"http://x/{name}"}
        )
        annotations += [
            {
                "image_id": number,
                "category_id": category,
                "iscrowd": int(name in crowds),
                "segmentation": [[1, 2, 3, 4]],
            }
            for category in categories
        ]
    return {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": id, "name": name} for id, name in CATEGORIES.items()],
        "licenses": [{"id": 4, "name": "Attribution License", "url": "http://by"}],
    }


def photos(tmp_path: Path, content: object) -> Instances:
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(content))
    return read_instances(path)


def test_photos_with_a_bear_are_bears_and_the_others_the_rest(tmp_path: Path) -> None:
    shown = {"a": [2], "b": [1], "c": [2, 1, 2], "d": [], "crowd": [2]}
    found = select(
        photos(tmp_path, document(shown, crowds=("crowd",))), {"bear": ["bear"]}, "rest", 1
    )
    names = {label: {p.file_name for p in of} for label, of in found.candidates.items()}
    assert names == {"bear": {"a", "c", "crowd"}, "rest": {"b", "d"}}
    assert found.candidates["bear"][0].origin["licence"] == {
        "id": 4,
        "name": "Attribution License",
        "url": "http://by",
    }


def test_a_photo_of_two_classes_is_in_neither(tmp_path: Path) -> None:
    shown = {"a": [2], "b": [3], "both": [2, 3], "c": [1]}
    found = select(photos(tmp_path, document(shown)), {"bear": ["bear"], "dog": ["dog"]}, "", 1)
    assert {label: len(of) for label, of in found.candidates.items()} == {"bear": 1, "dog": 1}
    assert [photo.file_name for photo in found.ambiguous] == ["both"]
    together = select(photos(tmp_path, document(shown)), {"animal": ["bear", "dog"]}, "rest", 1)
    assert len(together.candidates["animal"]) == 3


def test_the_rest_mixes_categories_and_the_seed_decides(tmp_path: Path) -> None:
    shown = {f"person{n}": [1] for n in range(300)} | {f"vase{n}": [4] for n in range(5)}
    shown |= {f"empty{n}": [] for n in range(5)} | {"bear": [2]}
    every = photos(tmp_path, document(shown))
    first = select(every, {"bear": ["bear"]}, "rest", 1).candidates["rest"]
    kinds = Counter(photo.file_name.rstrip("0123456789") for photo in first[:15])
    assert kinds == {"person": 5, "vase": 5, "empty": 5}
    assert len({photo.file_name for photo in first}) == len(first) == 310
    assert select(every, {"bear": ["bear"]}, "rest", 1).candidates["rest"] == first
    assert select(every, {"bear": ["bear"]}, "rest", 2).candidates["rest"] != first


def test_missing_photos_are_replaced_and_said(tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(6)]
    chosen = select(
        photos(tmp_path, document({"z.jpg": [1], **{name: [2] for name in names}})),
        {"bear": ["bear"]},
        "rest",
        1,
    )
    order = [photo.file_name for photo in chosen.candidates["bear"]]
    for number, name in enumerate([*order[1:], "z.jpg"]):
        write_photo(tmp_path / "images" / name, number)
    found = find_photos(chosen, tmp_path / "images", 3)
    assert sorted(p.path.name for p in found.inventory.photos if p.label == "bear") == sorted(
        order[1:4]
    )
    assert [(p.path.name, p.kind) for p in found.inventory.problems] == [(order[0], "unreadable")]


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("../../etc/passwd", "/etc/passwd"):
        chosen = select(photos(tmp_path, document({name: [2], "z": [1]})), {"b": ["bear"]}, "r", 1)
        with pytest.raises(BadInput, match="leads out"):
            find_photos(chosen, tmp_path / "images", None)


@pytest.mark.parametrize(
    "content", [[], {}, {"images": 1}, {"images": [{}], "annotations": [], "categories": []}]
)
def test_another_json_is_one_sentence(tmp_path: Path, content: object) -> None:
    with pytest.raises(BadInput, match="not an instances file of COCO"):
        photos(tmp_path, content)


def test_what_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"images": [')
    with pytest.raises(BadInput, match="not a JSON file"):
        read_instances(tmp_path / "broken.json")
    with pytest.raises(BadInput, match="no such file"):
        read_instances(tmp_path / "nowhere.json")
    every = photos(tmp_path, document({"a": [2], "b": [2]}))
    with pytest.raises(BadInput, match="near names are bear"):
        select(every, {"bear": ["beer"]}, "rest", 1)
    with pytest.raises(BadInput, match="no photo of the file shows anything else"):
        select(every, {"bear": ["bear"]}, "rest", 1)
    with pytest.raises(BadInput, match="none is here"):
        find_photos(
            select(photos(tmp_path, document({"a": [2], "b": [1]})), {"x": ["bear"]}, "r", 1),
            tmp_path,
            None,
        )
