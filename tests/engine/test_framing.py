"""A photo is made square the same way wherever a run looks at it."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from bear_tui.engine.fit import fit
from bear_tui.engine.inference import batch_predict, export
from bear_tui.engine.inference.predict import Predictor, open_predictor
from bear_tui.engine.models import checkpoint
from bear_tui.recipe import Framing, Interpolation, Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import predictions_csv

MakeRecipe = Callable[..., Recipe]
FRAMINGS = pytest.mark.parametrize("framing", ["pad", "crop"])


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Red and green beside each other: what is seen of them depends on the framing."""
    photo = Image.new("RGB", (120, 40), (190, 70, 70))
    photo.paste((70, 190, 70), (30, 0, 90, 40))
    photo.save(tmp_path / "wide.png")
    return tmp_path / "wide.png"


def trained(recipe_for: MakeRecipe, framing: Framing, tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "runs" / framing)
    list(fit(recipe_for(framing=framing), run, Control()))
    return run


def probabilities(predictor: Predictor, photo: Path) -> tuple[float, ...]:
    (answer,) = itertools.chain.from_iterable(batch_predict.predict(predictor, [photo]))
    assert not answer.error
    return answer.probabilities


@FRAMINGS
def test_a_run_is_asked_as_it_was_trained(
    framing: Framing, recipe_for: MakeRecipe, wide: Path, tmp_path: Path
) -> None:
    predictor = open_predictor(trained(recipe_for, framing, tmp_path))
    assert predictor.framing == framing
    with Image.open(wide) as photo:
        photo.crop((40, 0, 80, 40)).save(tmp_path / "crop.png")
        whole = Image.new("RGB", (120, 120))
        whole.paste(photo, (0, 40))
        whole.save(tmp_path / "pad.png")
    asked = probabilities(predictor, wide)
    other = "pad" if framing == "crop" else "crop"
    assert asked == pytest.approx(probabilities(predictor, tmp_path / f"{framing}.png"), abs=0.02)
    assert asked != pytest.approx(probabilities(predictor, tmp_path / f"{other}.png"), abs=0.02)


@FRAMINGS
def test_an_exported_file_says_how_photos_are_made_square(
    framing: Framing, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    run = trained(recipe_for, framing, tmp_path)
    steps = " ".join(export.description(run, open_predictor(run))["preprocessing"])
    assert ("pad with black" in steps) is (framing == "pad")
    assert ("crop the largest square" in steps) is (framing == "crop")


def test_a_checkpoint_of_before_there_was_a_choice_was_padded(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    best = trained(recipe_for, "pad", tmp_path).checkpoints / "best.pt"
    plain = torch.load(best, weights_only=True)
    del plain["framing"], plain["interpolation"], plain["sha256"]
    plain["sha256"] = checkpoint.digest(plain)
    torch.save(plain, best)
    before = checkpoint.load(best)
    assert (before.framing, before.interpolation) == ("pad", "draft")


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "draft"])
def test_a_run_is_tested_asked_and_exported_with_its_interpolation(
    interpolation: Interpolation, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    run = RunFolder(tmp_path / "run")
    list(fit(recipe_for(interpolation=interpolation), run, Control()))
    predictor = open_predictor(run)
    assert predictor.interpolation == interpolation
    told = export.description(run, predictor)
    said = "bicubic" if interpolation == "bicubic" else "bilinear"
    assert (told["framing"], told["interpolation"]) == ("pad", said)
    assert any(f"{said} with antialiasing" in step for step in told["preprocessing"])
    written = predictions_csv.probabilities_by_path(run.predictions_file)
    asked = {path: probabilities(predictor, Path(path)) for path in written}
    assert asked == {path: pytest.approx(row, abs=1e-5) for path, row in written.items()}
