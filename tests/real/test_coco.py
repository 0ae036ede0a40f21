"""A real piece of COCO: who has a bear is what the JSON says, told by another reading of it."""

import json
from pathlib import Path

import pytest

from bear_tui.data.coco.selection import find_photos, read_instances, select
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out

pytestmark = pytest.mark.real


@pytest.mark.parametrize("part", ["train2017", "val2017"])
def test_no_photo_with_a_bear_is_in_the_rest(part: str, shared: Path, tmp_path: Path) -> None:
    path = shared / "coco" / "annotations" / f"instances_{part}.json"
    document = json.loads(path.read_text())
    (bear,) = (entry["id"] for entry in document["categories"] if entry["name"] == "bear")
    with_bear = {a["image_id"] for a in document["annotations"] if a["category_id"] == bear}
    names = {image["file_name"]: image["id"] for image in document["images"]}
    chosen = select(read_instances(path), {"bear": ["bear"]}, "not_bear", 1)
    found = find_photos(chosen, shared / "coco" / part, None)
    labels = {names[photo.path.name]: photo.label for photo in found.inventory.photos}
    assert {id for id, label in labels.items() if label == "bear"} == with_bear
    assert len(with_bear) >= 1
    assert len(labels) == len(names) == 80
    out = tmp_path / "out"
    carry_out(plan(found.inventory, out, Quota(hold_out=0), origins=found.origins))
    written = json.loads((out / "manifest.json").read_text())["files"]
    in_rest = {names[Path(f["source"]).name] for f in written if f["label"] == "not_bear"}
    assert not in_rest & with_bear
    assert len(written) == 80
    assert all("licence" in file["origin"] for file in written)


def test_a_small_rest_shows_many_kinds_of_things(shared: Path) -> None:
    every = read_instances(shared / "coco" / "annotations" / "instances_train2017.json")
    rest = select(every, {"bear": ["bear"]}, "not_bear", 1).candidates["not_bear"]
    shown = set().union(*(photo.categories for photo in rest[:20]))
    plain = set().union(*(photo.categories for photo in every.photos[:20]))
    assert len(shown) > len(plain)
