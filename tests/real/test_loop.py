"""The loop on real photos: wrong labels are found, corrected, and trained without."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from bear_tui.engine.fit import fit
from bear_tui.engine.suspects.run_suspects import inspect_run
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.unit.documents import show_document

pytestmark = [pytest.mark.real, pytest.mark.slow]

CLASSES = ("bear", "not_bear")


def swap_labels(data: Path, count: int) -> dict[str, str]:
    """Put `count` training photos of each class into the other's folder; their true classes."""
    chance, found = random.Random(1), {}
    chosen = {name: sorted((data / "train" / name).iterdir()) for name in CLASSES}
    for name, other in (CLASSES, CLASSES[::-1]):
        for photo in chance.sample(chosen[name], count):
            moved = photo.rename(data / "train" / other / f"swapped_{photo.name}")
            found[moved.relative_to(data).as_posix()] = name
    return found


def loss(recipe: Recipe, folder: Path) -> float:
    """The test loss of a training."""
    run = RunFolder(folder)
    for _ in fit(recipe, run, Control()):
        pass
    return float(show_document(run)["test"]["loss"])


def test_twelve_swapped_labels_are_found_corrected_and_trained_without(
    shared: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    photos = {name: shared / "photos" / name for name in CLASSES}
    carry_out(plan(photos, data, Quota(hold_out=40, limit=80)))
    swapped = swap_labels(data, 6)
    (weights,) = (shared / "weights").glob("mobilenet_v2_*.pth")
    recipe = default_recipe(str(data), "mobilenet_v2", str(weights), "head")
    recipe = replace(recipe, epochs=8, device="cpu")
    before = loss(recipe, tmp_path / "before")

    suspects = inspect_run(RunFolder(tmp_path / "before"), lambda _done, _total: None)
    names = [one.photo.path.relative_to(data).as_posix() for one in suspects]
    assert set(swapped) <= set(names[:24])

    corrected = replace(recipe, corrections=tuple(swapped.items()))
    assert loss(corrected, tmp_path / "after") < 0.9 * before
