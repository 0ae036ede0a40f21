"""A run whose test photos the training saw in another file."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bear_tui import cli
from bear_tui.data.dataset import Dataset
from bear_tui.data.lookalikes import Lookalike
from bear_tui.data.lookalikes import lookalikes as compare
from bear_tui.data.parallel import Progress
from bear_tui.engine.fit import fit
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import lookalikes
from tests.unit.documents import review_document


@pytest.fixture
def recipe(photos: Path, recipe_for: Callable[..., Recipe], tmp_path: Path) -> Recipe:
    """Of 16 test photos 4 are training photos, saved again as JPEG."""
    data = tmp_path / "data"
    shutil.copytree(photos, data)
    for number in range(4):
        with Image.open(data / f"train/red/{number:03}.png") as image:
            image.save(data / f"test/red/again {number}.jpg", quality=95)
    return replace(recipe_for(), data=str(data), validation=0.01)


def test_show_says_how_many_and_which(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(tmp_path / "runs" / "run")
    list(fit(recipe, run, Control()))
    pairs = lookalikes.read(run.lookalikes_file)
    root = Path(recipe.data)
    assert {Path(one.test).relative_to(root).name[:5] for one in pairs} == {"again"}
    assert len(pairs) == 4
    note = next(note for note in review_document(run)["test"]["notes"] if "nearly" in note)
    count = sum(one.split == "train" for one in pairs)
    assert note.startswith(f"{count} of 16 test photos are nearly the same as a training photo")
    assert cli.main(["show", "run", "--runs", str(run.path.parent)]) == 0
    shown = capsys.readouterr().out
    assert f"! {note}" in shown
    for one in pairs[:3]:
        assert f"\n  {one.test} is nearly {one.other}\n" in shown
    assert "\n  and 1 more in lookalikes.csv\n" in shown


def test_a_run_can_be_stopped_while_photos_are_compared(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, comparing = Control(), threading.Event()

    def stop_then_compare(dataset: Dataset, progress: Progress | None = None) -> list[Lookalike]:
        comparing.set()
        control.stop("asked to")
        return compare(dataset, progress)

    monkeypatch.setattr("bear_tui.engine.training.testing.lookalikes", stop_then_compare)
    run = RunFolder(tmp_path / "run")
    *_, last = fit(recipe, run, control)
    assert comparing.is_set()
    assert type(last).__name__ == "RunStopped"
    assert not run.lookalikes_file.exists()
    *_, last = fit(recipe, run, Control())
    assert type(last).__name__ == "RunCompleted"
