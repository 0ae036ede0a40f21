"""Which test photos the training has seen in another file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bear_tui.data.dataset import open_dataset
from bear_tui.data.lookalikes import lookalikes
from bear_tui.data.photos.photo import read_photo


def draw(path: Path, seed: int) -> None:
    """A picture like no other: a few soft patches of grey."""
    path.parent.mkdir(parents=True, exist_ok=True)
    patches = np.random.default_rng(seed).integers(0, 255, (12, 16), dtype=np.uint8)
    Image.fromarray(patches).resize((320, 240), Image.Resampling.BICUBIC).save(path, quality=95)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    seeds = iter(range(100))
    for split in ("train", "validation", "test"):
        for label in ("bear", "other"):
            for number in range(4):
                draw(tmp_path / split / label / f"{number}.jpg", next(seeds))
    return tmp_path


def found(root: Path) -> list[tuple[str, str]]:
    pairs = lookalikes(open_dataset(root))
    return [
        (str(test.path.relative_to(root)), str(other.path.relative_to(root)))
        for test, other in pairs
    ]


def test_different_photos_are_none(photos: Path) -> None:
    assert found(photos) == []


def test_a_smaller_a_re_encoded_and_an_exact_copy_are_found_with_where_they_come_from(
    photos: Path,
) -> None:
    image = read_photo(photos / "train/bear/1.jpg")
    image.resize((160, 120)).save(photos / "test/bear/smaller.webp", quality=60)
    image.save(photos / "test/bear/other.png")
    copy = (photos / "validation/other/2.jpg").read_bytes()
    (photos / "test/other/copy.jpg").write_bytes(copy)
    assert found(photos) == [
        ("test/bear/other.png", "train/bear/1.jpg"),
        ("test/bear/smaller.webp", "train/bear/1.jpg"),
        ("test/other/copy.jpg", "validation/other/2.jpg"),
    ]


def test_a_copy_in_another_class_flatters_nothing_and_photos_that_cannot_be_read_are_left_out(
    photos: Path,
) -> None:
    read_photo(photos / "train/bear/1.jpg").save(photos / "test/other/copy.png")
    (photos / "test/bear/broken.jpg").write_bytes(b"no photo")
    (photos / "train/bear/broken.jpg").write_bytes(b"no photo")
    assert found(photos) == []


def test_who_follows_the_progress_may_end_it(photos: Path) -> None:
    def enough(done: int, total: int) -> None:
        assert total == 24
        if done == 3:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        lookalikes(open_dataset(photos), enough)
