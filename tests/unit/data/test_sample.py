"""The sample photos are drawn alike for the same seed, and differ in nothing but the figure."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bear_tui.data.dataset import open_dataset
from bear_tui.data.sample import write_sample
from bear_tui.errors import BadInput


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_sample_is_a_dataset_with_a_sixth_for_the_test(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_sample(tmp_path / "out", 12, progress=lambda done, total: seen.append((done, total)))
    dataset = open_dataset(tmp_path / "out")
    assert dataset.classes == ("bear", "not_bear")
    assert len(dataset.test) == 4
    assert len(dataset.train) + len(dataset.validation) == 20
    assert seen[-1] == (24, 24)


def test_the_same_seed_draws_the_same_bytes(tmp_path: Path) -> None:
    write_sample(tmp_path / "one", 6, seed=1)
    write_sample(tmp_path / "two", 6, seed=1)
    write_sample(tmp_path / "three", 6, seed=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert contents(tmp_path / "one") != contents(tmp_path / "three")
    assert len(set(contents(tmp_path / "one").values())) == 12


def test_colour_gives_nothing_away(tmp_path: Path) -> None:
    write_sample(tmp_path / "out", 120)
    means = {
        label: np.array(
            [
                np.asarray(Image.open(path)).mean(axis=(0, 1))
                for path in sorted((tmp_path / "out").glob(f"*/{label}/*.jpg"))
            ]
        )
        for label in ("bear", "not_bear")
    }
    # The mean colours of the classes lie much closer together than the photos of one class.
    apart = np.abs(means["bear"].mean(axis=0) - means["not_bear"].mean(axis=0))
    assert (apart < 0.35 * means["bear"].std(axis=0)).all()


def test_a_sample_is_never_mixed_into_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(BadInput, match="not empty"):
        write_sample(tmp_path, 6)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_one_photo_a_class_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--count 1"):
        write_sample(tmp_path / "out", 1)
    assert not (tmp_path / "out").exists()
