"""Photos that show the same stand on one side of the split, whatever their names and bytes."""

import json
from pathlib import Path

import pytest
from PIL import Image

from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.prepare.plan import Plan, plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from bear_tui.errors import BadInput
from tests.unit.data.photo_files import picture, write_classes, write_photo


def saved_anew(path: Path, name: str) -> Path:
    """The same photo with other bytes, beside it."""
    with Image.open(path) as image:
        image.save(path.with_name(name), quality=70)
    return path.with_name(name)


def sides(planned: Plan, stem: str) -> set[str]:
    """The splits in which a photo or a copy of it stands."""
    return {s.photo.split or "" for s in planned.steps if s.photo.path.stem.startswith(stem)}


def doubled(root: Path, count: int) -> Path:
    """`count` photos a class, and of each a copy saved anew."""
    for group, label in enumerate(("bear", "cat")):
        for number in range(count):
            path = write_photo(root / label / f"{number:02}.jpg", 100 * group + number, 80, 60)
            saved_anew(path, f"{number:02}_again.jpg")
    return root


@pytest.mark.parametrize("seed", range(1, 6))
def test_near_copies_never_stand_on_both_sides(tmp_path: Path, seed: int) -> None:
    planned = plan(
        take_inventory(doubled(tmp_path / "in", 10)),
        tmp_path / "out",
        Quota(hold_out=4, validation=2),
        seed=seed,
    )
    for label in ("bear", "cat"):
        assert planned.counts()[label] == {"train": 14, "validation": 2, "test": 4}
    for number in range(10):
        for label in ("bear", "cat"):
            found = {
                step.photo.split
                for step in planned.steps
                if step.photo.label == label and step.photo.path.stem.startswith(f"{number:02}")
            }
            assert len(found) == 1
    assert planned.excluded == ()
    assert planned.kept_together == 40


def test_the_hold_out_is_exact_even_where_groups_do_not_fit_in_it(tmp_path: Path) -> None:
    planned = plan(take_inventory(doubled(tmp_path / "in", 6)), tmp_path / "out", Quota(hold_out=3))
    assert planned.counts() == {"bear": {"train": 8, "test": 3}, "cat": {"train": 8, "test": 3}}
    assert [problem.kind for problem in planned.excluded] == ["duplicate_across_splits"] * 2


def test_near_copies_in_two_classes_stand_on_one_side(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "in", {"bear": 12, "cat": 12})
    for number in range(12):
        copy = saved_anew(root / "bear" / f"bear_{number:03}.jpg", "copy.jpg")
        copy.rename(root / "cat" / f"bear_{number:03}_copy.jpg")
    planned = plan(take_inventory(root), tmp_path / "out", Quota(hold_out=5))
    assert {label: of["test"] for label, of in planned.counts().items()} == {"bear": 5, "cat": 5}
    assert all(len(sides(planned, f"bear_{number:03}")) == 1 for number in range(12))


def test_a_class_of_nothing_but_copies_cannot_be_split(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "in", {"bear": 1, "cat": 6})
    for number in range(4):
        with Image.open(root / "bear" / "bear_000.jpg") as image:
            image.save(root / "bear" / f"again_{number}.jpg", quality=60 + number)
    with pytest.raises(BadInput, match="bear: nothing is left to train on"):
        plan(take_inventory(root), tmp_path / "out", Quota(hold_out=2))


def test_of_a_split_source_the_copy_in_train_is_left_out(tmp_path: Path) -> None:
    counts = {f"{split}/{label}": 4 for split in ("train", "test") for label in ("a", "b")}
    root = write_classes(tmp_path / "in", counts)
    leaked = saved_anew(root / "test" / "a" / "a_000.jpg", "leaked.jpg")
    leaked.rename(root / "train" / "a" / "leaked.jpg")
    planned = plan(take_inventory(root), tmp_path / "out")
    assert [(p.path.name, p.kind) for p in planned.excluded] == [
        ("leaked.jpg", "duplicate_across_splits")
    ]
    assert planned.counts()["a"] == {"train": 4, "test": 4}


def test_a_jpeg_that_needs_nothing_is_copied_and_keeps_all_it_had(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "in", {"bear": 3, "cat": 3})
    plain = root / "bear" / "plain.jpg"
    picture(50, 64, 64).save(plain, quality=30)
    turned = Image.Exif()
    turned[0x0112] = 3
    picture(51, 64, 64).save(root / "bear" / "turned.jpg", exif=turned)
    picture(52, 64, 64).save(root / "bear" / "other.png")
    picture(53, 64, 64).convert("CMYK").save(root / "bear" / "print.jpg")
    out = tmp_path / "out"
    carry_out(plan(take_inventory(root), out, Quota(hold_out=0)))
    done = {
        Path(file["source"]).name: file["done"]
        for file in json.loads((out / "manifest.json").read_text())["files"]
    }
    assert (out / "train" / "bear" / "plain.jpg").read_bytes() == plain.read_bytes()
    assert done["plain.jpg"] == "JPEG of 64 x 64, copied as it is"
    assert done["turned.jpg"] == "JPEG of 64 x 64"
    assert done["other.png"] == "PNG of 64 x 64"
    for name in ("turned.jpg", "other.jpg", "print.jpg"):
        with Image.open(out / "train" / "bear" / name) as image:
            assert (image.mode, image.getexif().get(0x0112)) == ("RGB", None)


def test_small_photos_are_enlarged_only_when_asked(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "in", {"bear": 3, "cat": 3})
    for name, enlarge, size in (("as", False, (40, 40)), ("up", True, (96, 96))):
        out = tmp_path / name
        carry_out(plan(take_inventory(root), out, Quota(1), size=96, enlarge=enlarge))
        assert {Image.open(path).size for path in out.rglob("*.jpg")} == {size}


def test_the_real_name_of_a_class_is_kept_in_the_manifest(tmp_path: Path) -> None:
    write_classes(tmp_path, {"one": 3, "two": 3})
    classes = {"black/white: bear?": tmp_path / "one", "two": tmp_path / "two"}
    out = tmp_path / "out"
    carry_out(plan(classes, out, Quota(hold_out=1)))
    assert sorted(path.name for path in (out / "train").iterdir()) == ["black_white_ bear_", "two"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["class_names"] == {"black_white_ bear_": "black/white: bear?"}
