"""What frozen layers made of photos serves later runs too, and only those that would compute it."""

import os
import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from bear_tui import paths
from bear_tui.engine.fit import fit
from bear_tui.engine.inputs import activation_cache, activation_disk_cache, row_storage
from bear_tui.engine.inputs.prefix import Frozen
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.conftest import draw_photos

MakeRecipe = Callable[..., Recipe]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many photos went through frozen layers, a number for each call."""
    seen: list[int] = []
    values = Frozen.values

    def counting(self: Frozen, images: Tensor, at_once: int) -> list[Tensor]:
        seen.append(len(images))
        return values(self, images, at_once)

    monkeypatch.setattr(Frozen, "values", counting)
    monkeypatch.setattr(activation_cache, "_WORTH_KEEPING", 0.0)
    return seen


@pytest.fixture
def recipe(head_on_frozen_body: MakeRecipe) -> Recipe:
    """One view a photo."""
    return head_on_frozen_body(augment="none")


def train(recipe: Recipe, folder: Path) -> list[float]:
    """Every loss that the run tells of."""
    told = list(fit(recipe, RunFolder(folder), Control()))
    assert isinstance(told[-1], e.RunCompleted), told[-1]
    return [ev.loss for ev in told if isinstance(ev, e.PhaseCompleted | e.TestCompleted)]


PHOTOS = 48
"""To train on and to validate."""


def computed(seen: list[int]) -> int:
    """Photos, without the two that show what form the values have."""
    total = sum(seen) - 2
    seen.clear()
    return total


def test_a_later_run_with_other_settings_computes_no_photo_again(
    recipe: Recipe, counted: list[int], tmp_path: Path
) -> None:
    first = train(recipe, tmp_path / "first")
    assert computed(counted) == PHOTOS
    assert train(recipe, tmp_path / "again") == first
    assert computed(counted) == 0
    faster = replace(recipe, learning_rate=5e-3, epochs=5, scheduler="none")
    later = train(faster, tmp_path / "later")
    assert computed(counted) == 0
    for file in paths.values_folder().iterdir():
        file.unlink()
    assert train(faster, tmp_path / "anew") == later


@pytest.mark.parametrize(
    "change",
    [
        {"image_size": 40},
        {"framing": "pad"},
        {"seed": 2},
        {"batch_size": 12},
        {"unfreeze": "features.12"},
    ],
)
def test_values_that_another_run_would_not_compute_are_not_taken(
    change: dict[str, object], recipe: Recipe, counted: list[int], tmp_path: Path
) -> None:
    train(recipe, tmp_path / "first")
    counted.clear()
    train(replace(recipe, **change), tmp_path / "other")  # type: ignore[arg-type]
    assert computed(counted) == PHOTOS


def test_other_weights_and_other_photos_have_values_of_their_own(
    recipe: Recipe, counted: list[int], tmp_path: Path
) -> None:
    train(recipe, tmp_path / "first")
    counted.clear()
    tensors = torch.load(recipe.weights, weights_only=True)
    tensors["features.0.weight"][0, 0, 0, 0] += 1e-3
    torch.save(tensors, tmp_path / "others.pth")
    train(replace(recipe, weights=str(tmp_path / "others.pth")), tmp_path / "weights")
    assert computed(counted) == PHOTOS
    for split, count in (("train", 24), ("test", 6)):
        draw_photos(tmp_path / "photos" / split / "red", count, (190, 70, 70), count)
        draw_photos(tmp_path / "photos" / split / "green", count, (70, 190, 70), count + 1)
    train(replace(recipe, data=str(tmp_path / "photos")), tmp_path / "photos-run")
    assert computed(counted) == PHOTOS


def test_a_damaged_file_is_not_believed(recipe: Recipe, counted: list[int], tmp_path: Path) -> None:
    losses = train(recipe, tmp_path / "first")
    counted.clear()
    (file,) = paths.values_folder().iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert train(recipe, tmp_path / "again") == losses
    assert computed(counted) == PHOTOS


def test_photos_that_cannot_be_read_stay_out_of_later_runs(
    recipe: Recipe, counted: list[int], tmp_path: Path
) -> None:
    for split, count in (("train", 24), ("test", 6)):
        draw_photos(tmp_path / "photos" / split / "red", count, (190, 70, 70), count)
        draw_photos(tmp_path / "photos" / split / "green", count, (70, 190, 70), count + 1)
    (tmp_path / "photos" / "train" / "red" / "000.png").write_bytes(b"<html>")
    recipe = replace(recipe, data=str(tmp_path / "photos"))
    first = train(recipe, tmp_path / "first")
    counted.clear()
    assert train(recipe, tmp_path / "again") == first
    assert computed(counted) == 0


@pytest.mark.parametrize("how", ["gone for a moment", "refused for a moment"])
def test_a_photo_that_could_not_be_read_just_now_is_asked_again_by_later_runs(
    how: str, recipe: Recipe, counted: list[int], tmp_path: Path
) -> None:
    for split, count in (("train", 24), ("test", 6)):
        draw_photos(tmp_path / "photos" / split / "red", count, (190, 70, 70), count)
        draw_photos(tmp_path / "photos" / split / "green", count, (70, 190, 70), count + 1)
    recipe = replace(recipe, data=str(tmp_path / "photos"))
    photo, aside = tmp_path / "photos" / "train" / "red" / "000.png", tmp_path / "aside.png"
    for event in fit(recipe, RunFolder(tmp_path / "first"), Control()):
        if isinstance(event, e.RunStarted):  # its content is known, but nothing is decoded yet
            photo.rename(aside)
            if how.startswith("refused"):
                photo.symlink_to(photo)
    assert isinstance(event, e.RunCompleted)
    assert computed(counted) == PHOTOS - 1
    aside.replace(photo)
    again = train(recipe, tmp_path / "again")
    assert computed(counted) == PHOTOS
    assert train(recipe, tmp_path / "third") == again
    assert computed(counted) == 0


def test_values_for_which_there_is_no_room_are_not_copied(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[row_storage.Rows] = []
    every = row_storage.Rows.all

    def copying(self: row_storage.Rows) -> Tensor:
        copied.append(self)
        return every(self)

    monkeypatch.setattr(row_storage.Rows, "all", copying)
    monkeypatch.setattr(activation_cache, "_WORTH_KEEPING", 0.0)
    monkeypatch.setattr(activation_disk_cache, "LIMIT", 10)
    train(recipe, tmp_path / "first")
    assert not copied
    monkeypatch.setattr(activation_disk_cache, "LIMIT", 10**9)
    train(recipe, tmp_path / "again")
    assert copied


def test_a_full_limit_drops_what_was_longest_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [torch.arange(1000.0)]
    for key in ("a", "b"):
        activation_disk_cache.save(key, rows, [])
    size = max(file.stat().st_size for file in paths.values_folder().iterdir())
    monkeypatch.setattr(activation_disk_cache, "LIMIT", 2 * size + rows[0].nbytes // 2)
    left = paths.values_folder() / ".x.part"
    left.write_bytes(b"by a run that was killed long ago")
    os.utime(left, (0, 0))
    assert activation_disk_cache.load("a") is not None  # used: b is the older one now
    activation_disk_cache.save("c", rows, [])
    assert sorted(file.name for file in paths.values_folder().iterdir()) == ["a.pt", "c.pt"]
    monkeypatch.setattr(activation_disk_cache, "LIMIT", 10)
    activation_disk_cache.save("d", rows, [])
    assert activation_disk_cache.load("d") is None


@pytest.mark.parametrize("refused", [True, False])
def test_a_disk_that_gives_no_room_keeps_nothing_rather_than_end_the_training(
    refused: bool,
) -> None:
    likes = [torch.zeros(2, 1000)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As a quota does, it refuses what the free space on the disk would allow.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000 if refused else before[0], before[1]))
    try:
        assert (row_storage.in_file(100, likes) is None) == refused
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
