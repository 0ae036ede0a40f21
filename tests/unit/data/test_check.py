"""`check` names every problem by its kind, worst first."""

import threading
from pathlib import Path

import pytest
from PIL import Image

from bear_tui.data.folders.check import check
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.parallel import Cancelled
from tests.unit.data.photo_files import picture, write_classes, write_photo


def found(root: Path) -> dict[str, str]:
    return {
        problem.path.relative_to(root).as_posix(): problem.kind
        for problem in check(take_inventory(root))
    }


def test_good_photos_have_no_problems(tmp_path: Path) -> None:
    write_classes(tmp_path, {"bear": 0, "cat": 0})
    for number in range(3):
        write_photo(tmp_path / "bear" / f"{number}.jpg", number, 64, 48)
        write_photo(tmp_path / "cat" / f"{number}.png", number + 10, 64, 48)
    assert found(tmp_path) == {}


def test_each_kind_of_problem_is_named(tmp_path: Path) -> None:
    for label in ("bear", "cat"):
        write_photo(tmp_path / label / "good.jpg", 10 + len(label), 64, 48)
    bear = tmp_path / "bear"
    picture(1, 64, 48).save(bear / "webp.JPG", "WEBP")
    picture(2, 64, 48).save(bear / "no_ending", "PNG")
    picture(3, 64, 48).save(bear / "moves.gif", save_all=True, append_images=[picture(4, 64, 48)])
    write_photo(bear / "small.png", 5, 31, 64)
    (bear / "text.jpg").write_text("hello")
    (bear / "empty.jpg").touch()
    (bear / "also_empty.jpg").touch()
    cut = write_photo(bear / "cut.jpg", 6, 64, 48)
    cut.write_bytes(cut.read_bytes()[:-200])
    (tmp_path / "dog").mkdir()
    assert found(tmp_path) == {
        "dog": "empty_class",
        "bear/also_empty.jpg": "unreadable",
        "bear/empty.jpg": "unreadable",
        "bear/cut.jpg": "truncated",
        "bear/text.jpg": "not_an_image",
        "bear/no_ending": "extension_mismatch",
        "bear/webp.JPG": "extension_mismatch",
        "bear/moves.gif": "animated",
        "bear/small.png": "tiny",
    }
    kinds = list(found(tmp_path).values())
    assert (kinds[0], kinds[-1]) == ("empty_class", "tiny")


def test_copies_are_named_by_how_much_harm_they_do(tmp_path: Path) -> None:
    for name in ("train/bear/a", "train/bear/b", "test/bear/a", "test/bear/d", "train/cat/x"):
        write_photo(tmp_path / f"{name}.jpg", 1, 64, 48)
    write_photo(tmp_path / "test/cat/x.jpg", 2, 64, 48)
    assert found(tmp_path) == {
        "train/bear/a.jpg": "duplicate_across_splits",
        "test/bear/d.jpg": "duplicate",
        "train/bear/b.jpg": "duplicate_across_splits",
        "train/cat/x.jpg": "duplicate_across_classes",
    }


def near_copies(path: Path) -> dict[str, Path]:
    """A photo half as large, saved anew, as PNG, and grey."""
    with Image.open(path) as image:
        image.load()
    made = {name: path.with_name(f"{path.stem}_{name}") for name in ("half", "anew", "png", "grey")}
    image.resize((image.width // 2, image.height // 2)).save(made["half"], "JPEG")
    image.save(made["anew"], "JPEG", quality=40)
    image.save(made["png"], "PNG")
    image.convert("L").save(made["grey"], "JPEG")
    return made


def test_near_copies_are_found_wherever_they_lie(tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "test/bear/a.jpg", 1, 200, 150)
    write_photo(tmp_path / "test/cat/b.jpg", 2, 200, 150)
    copies = near_copies(photo)
    for name, folder in (("half", "train/bear"), ("anew", "train/cat"), ("grey", "train/bear")):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        copies[name].rename(tmp_path / folder / f"{name}.jpg")
    copies["png"].rename(photo.with_name("again.png"))
    problems = {
        problem.path.relative_to(tmp_path).as_posix(): problem
        for problem in check(take_inventory(tmp_path))
    }
    assert {path: problem.kind for path, problem in problems.items()} == {
        "test/bear/again.png": "duplicate",
        "train/bear/half.jpg": "duplicate_across_splits",
        "train/bear/grey.jpg": "duplicate_across_splits",
        "train/cat/anew.jpg": "duplicate_across_classes",
    }
    assert problems["test/bear/again.png"].detail == (
        "looks the same as test/bear/a.jpg, in another size, quality or colour; keep one of them"
    )


def test_blank_pictures_are_no_copies_of_each_other(tmp_path: Path) -> None:
    for label, grey in (("bear", 40), ("cat", 200)):
        (tmp_path / label).mkdir()
        Image.new("RGB", (64, 64), (grey, grey, grey)).save(tmp_path / label / "blank.png")
    assert found(tmp_path) == {}


def test_progress_counts_every_photo(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    inventory = take_inventory(write_classes(tmp_path, {"bear": 30, "cat": 30}))
    check(inventory, lambda done, total: seen.append((done, total)))
    assert seen == [(done, 60) for done in range(1, 61)]


def test_a_check_can_be_stopped(tmp_path: Path) -> None:
    inventory = take_inventory(write_classes(tmp_path, {"bear": 100, "cat": 100}))
    stop = threading.Event()
    seen: list[int] = []

    def progress(done: int, _total: int) -> None:
        seen.append(done)
        stop.set()

    with pytest.raises(Cancelled):
        check(inventory, progress, stop)
    assert seen == [1]
