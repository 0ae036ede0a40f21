"""The split that a run trains with: copies on one side, kept when it goes on, told where not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bear_tui import cli
from bear_tui.data.dataset import describe, open_dataset
from bear_tui.engine.fit import fit
from bear_tui.engine.models.checkpoint import LAST, load, save
from bear_tui.errors import StoppedBefore
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import EpochCompleted, Event, RunCompleted, RunStopped
from bear_tui.run.folder import RunFolder
from tests.unit.documents import show_document

COPIES = (("png", 40), ("jpg", 40), ("webp", 30))


def draw(folder: Path, stem: str, seed: int) -> None:
    """A photo like no other, and two copies: one of less quality, one smaller."""
    folder.mkdir(parents=True, exist_ok=True)
    patches = np.random.default_rng(seed).integers(0, 256, (10, 10), np.uint8)
    image = Image.fromarray(patches).convert("RGB")
    for ending, side in COPIES:
        larger = image.resize((2 * side, 2 * side), Image.Resampling.BICUBIC)
        larger.save(folder / f"{stem}.{ending}", quality=80)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten photos a class, of each three copies."""
    for group, label in enumerate(("bear", "other")):
        for number in range(10):
            draw(tmp_path / "data" / label, f"{number}", 100 * group + number)
    return tmp_path / "data"


@pytest.fixture
def recipe(data: Path, recipe_for: Callable[..., Recipe]) -> Recipe:
    return recipe_for(data=str(data), epochs=2, validation=0.2)


def parts(run: RunFolder) -> dict[str, set[str]]:
    """In which splits the copies of each photo are."""
    found: dict[str, set[str]] = {}
    for entry in json.loads(run.dataset_file.read_text())["files"]:
        found.setdefault(entry["path"].rpartition(".")[0], set()).add(entry["split"])
    return found


def shown(run: RunFolder) -> dict[str, Any]:
    return show_document(run)


def test_copies_of_a_photo_are_on_one_side_and_the_notes_have_nothing_to_say(
    recipe: Recipe, tmp_path: Path
) -> None:
    run = RunFolder(tmp_path / "run")
    *_, last = fit(recipe, run, Control())
    assert last == RunCompleted()
    found = parts(run)
    assert len(found) == 20
    assert all(len(splits) == 1 for splits in found.values())
    assert {split for splits in found.values() for split in splits} == {
        "train",
        "validation",
        "test",
    }
    assert not [note for note in shown(run)["notes"] if "same as" in note]


def as_earlier(run: RunFolder, recipe: Recipe) -> None:
    """Make the run one of an earlier version, which split by names alone."""
    before = describe(open_dataset(Path(recipe.data), recipe.validation, recipe.seed))
    run.dataset_file.write_text(json.dumps(before))
    for path in run.checkpoints.glob("*.pt"):
        saved = load(path)
        fields = {**vars(saved), "fingerprint": before["fingerprint"]}
        save(path, type(saved)(**fields))


def stopped(recipe: Recipe, run: RunFolder) -> None:
    control = Control()
    for event in fit(recipe, run, control):
        if isinstance(event, EpochCompleted):
            control.stop("enough")
        last: Event = event
    assert isinstance(last, RunStopped)
    assert (run.checkpoints / LAST).is_file()


def test_a_run_of_an_earlier_version_goes_on_with_the_split_it_had(
    recipe: Recipe, tmp_path: Path
) -> None:
    run = RunFolder(tmp_path / "run")
    stopped(recipe, run)
    as_earlier(run, recipe)
    before = json.loads(run.dataset_file.read_text())
    *_, last = fit(recipe, run, Control())
    assert last == RunCompleted()
    assert json.loads(run.dataset_file.read_text()) == before
    assert any(len(splits) > 1 for splits in parts(run).values())


def test_copies_on_both_sides_of_a_validation_that_a_person_made_are_told(
    data: Path,
    recipe_for: Callable[..., Recipe],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = tmp_path / "split"
    for label in ("bear", "other"):
        for file in (data / label).iterdir():
            split = {".png": "train", ".jpg": "validation", ".webp": "test"}[file.suffix]
            target = root / split / label / file.name
            if split == "test":
                draw(target.parent, f"other{file.stem}", 1000 + int(file.stem))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)
    run = RunFolder(tmp_path / "runs" / "run")
    list(fit(recipe_for(data=str(root), epochs=1), run, Control()))
    (note,) = (note for note in shown(run)["notes"] if "validation photos show" in note)
    assert note.startswith("20 of 20 validation photos show the same as a training photo")
    assert cli.main(["show", "run", "--runs", str(run.path.parent)]) == 0
    assert f"! {note}" in capsys.readouterr().out
    assert cli.main(["check", str(root), "--json"]) == 0
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert sum(one["kind"] == "duplicate_across_splits" for one in problems) >= 20


def test_testing_asks_the_test_photos_that_the_run_had(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(tmp_path / "runs" / "run")
    list(fit(recipe, run, Control()))
    as_earlier(run, recipe)
    assert cli.main(["test", "run", "--runs", str(run.path.parent), "--json"]) == 0
    tested = json.loads(capsys.readouterr().out)["test"]
    entries = json.loads(run.dataset_file.read_text())["files"]
    assert sum(map(sum, tested["confusion_matrix"])) == sum(e["split"] == "test" for e in entries)


def test_a_stop_while_photos_are_looked_at_is_obeyed_before_anything_is_written(
    recipe: Recipe, tmp_path: Path
) -> None:
    run, control = RunFolder(tmp_path / "run"), Control()
    control.stop("interrupted")
    with pytest.raises(StoppedBefore, match="interrupted before the training began") as caught:
        list(fit(recipe, run, control))
    assert caught.value.exit_status == 3
    assert not run.path.exists()
