"""Of photos that no folder parts, those that show the same stand on one side; the rest as ever."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bear_tui.data.dataset import Dataset, open_dataset, split_as, split_by_seed
from bear_tui.data.lookalikes import lookalikes, similar_groups
from bear_tui.data.photos import hash_cache
from bear_tui.data.photos.photo import read_photo
from tests.unit.data.photo_files import write_classes, write_photo


def with_copies(root: Path, layout: str, count: int) -> Path:
    """`count` photos a class, of each two copies: smaller, and of less quality."""
    for group, label in enumerate(("bear", "cat")):
        for number in range(count):
            folder = root / layout / label
            folder.mkdir(parents=True, exist_ok=True)
            random = np.random.default_rng(100 * group + number)
            patches = Image.fromarray(random.integers(0, 256, (12, 16), np.uint8))
            image = patches.resize((160, 120), Image.Resampling.BICUBIC)
            image.save(folder / f"{number:02}.png")
            image.save(folder / f"m{number:02}.jpg", quality=60)
            image.resize((80, 60)).save(folder / f"z{number:02}.webp", quality=80)
    return root


def together(root: Path, seed: int = 1) -> Dataset:
    opened = open_dataset(root, 0.2, seed)
    return split_by_seed(opened, 0.2, seed, similar_groups(opened))


def sides(dataset: Dataset) -> dict[str, set[str]]:
    """The parts in which a photo and its copies stand."""
    found: dict[str, set[str]] = {}
    for photo in (*dataset.train, *dataset.validation, *dataset.test):
        name = f"{photo.label}{photo.path.stem[-2:]}"
        found.setdefault(name, set()).add(photo.split or "")
    return found


@pytest.mark.parametrize("layout", ["", "train"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_copies_never_stand_on_both_sides(tmp_path: Path, layout: str, seed: int) -> None:
    with_copies(tmp_path, layout, 12)
    dataset = together(tmp_path, seed)
    assert all(len(parts) == 1 for parts in sides(dataset).values())
    assert lookalikes(dataset) == []
    count = Counter(p.split for p in (*dataset.train, *dataset.validation, *dataset.test))
    assert count.total() == 72
    assert 9 <= count["validation"] <= 15
    assert 9 <= count["test"] <= 15
    scattered = open_dataset(tmp_path, 0.2, seed)
    assert any(len(parts) > 1 for parts in sides(scattered).values()), "names alone part copies"


def test_a_test_folder_stays_as_it_is(tmp_path: Path) -> None:
    with_copies(tmp_path, "train", 8)
    write_classes(tmp_path, {"test/bear": 3, "test/cat": 3}, first=5000)
    dataset = together(tmp_path)
    assert {photo.path.parents[1].name for photo in dataset.test} == {"test"}
    assert all(len(parts) == 1 for name, parts in sides(dataset).items() if "test" not in parts)


def test_where_folders_name_every_part_no_photo_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_classes(tmp_path, {f"{s}/{c}": 3 for s in ("train", "val", "test") for c in "ab"})
    monkeypatch.setattr(hash_cache, "read_photo", lambda *_: pytest.fail("opened"))
    opened = open_dataset(tmp_path)
    assert split_by_seed(opened, 0.2, 1, similar_groups(opened)) == opened


def test_photos_that_are_all_different_are_split_as_ever(tmp_path: Path) -> None:
    for label, count in (("bear", 40), ("other", 23)):
        for number in range(count):
            write_photo(tmp_path / label / f"{number}.jpg", 100 * count + number)
    dataset = open_dataset(tmp_path, 0.2, 7)
    assert split_by_seed(dataset, 0.2, 7, similar_groups(dataset)) == dataset
    # Written down once: the same seed gives the same test on every machine and in every version.
    test = [photo.path.stem for photo in dataset.test]
    assert test == ["11", "16", "18", "31", "32", "37", "14", "17", "4"]


def test_the_same_seed_gives_the_same_split_and_another_another(tmp_path: Path) -> None:
    with_copies(tmp_path, "", 12)
    assert together(tmp_path, 4) == together(tmp_path, 4)
    assert together(tmp_path, 4) != together(tmp_path, 5)


def test_the_split_of_a_run_is_kept_whatever_came_since(tmp_path: Path) -> None:
    with_copies(tmp_path, "", 12)
    before = open_dataset(tmp_path, 0.2, 1)  # as an earlier version split them
    splits = {p.file: str(p.split) for p in (*before.train, *before.validation, *before.test)}
    assert split_as(open_dataset(tmp_path, 0.2, 1), splits) == before
    new = write_photo(tmp_path / "bear" / "new.png", 999)
    gone = before.test[0].path
    gone.unlink()
    now = split_as(open_dataset(tmp_path, 0.2, 1), splits)
    assert new in {photo.path for photo in now.train}
    assert now.validation == before.validation
    assert now.test == before.test[1:]


def test_what_a_photo_looks_like_is_computed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_copies(tmp_path, "", 4)
    opened: list[str] = []

    def counting(path: Path, size: int) -> Image.Image:
        opened.append(path.name)
        return read_photo(path, size)

    monkeypatch.setattr(hash_cache, "read_photo", counting)
    files = [photo.file for photo in open_dataset(tmp_path).train]
    first = hash_cache.perceptual_hashes(tmp_path, files)
    assert sorted(opened) == sorted(Path(file).name for file in files)
    opened.clear()
    assert hash_cache.perceptual_hashes(tmp_path, files) == first
    assert opened == []
    with Image.open(files[1]) as other:
        other.save(files[0])
    os.utime(files[0], (1, 1))
    assert hash_cache.perceptual_hashes(tmp_path, files)[files[0]] != first[files[0]]
    assert opened == [Path(files[0]).name]


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"version": 1, "photos": [["zz", 1, 2, "00"]]}', "\ufeff{}"]
)
def test_kept_looks_that_cannot_be_read_are_computed_anew(tmp_path: Path, content: str) -> None:
    with_copies(tmp_path, "", 2)
    files = [photo.file for photo in open_dataset(tmp_path).train]
    first = hash_cache.perceptual_hashes(tmp_path, files)
    store = hash_cache._file_for(tmp_path)
    assert json.loads(store.read_text())["photos"]
    store.write_text(content)
    assert hash_cache.perceptual_hashes(tmp_path, files) == first
