from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bear_tui.layers import Layer
from bear_tui.recipe import Recipe
from bear_tui.recipe_check import problems
from bear_tui.run.events import Event, RunCompleted, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.ladder import is_ladder, more_unfrozen, rungs, unfinished
from bear_tui.run.results.compare import compare
from bear_tui.run.results.ladder_lesson import lesson
from bear_tui.run.runs import new_run
from tests.tui.layer_lists import resnet, vgg
from tests.unit.sample_runs import predictions, sample_run
from tests.unit.scripted import epochs, run_started


@pytest.fixture
def recipes(tmp_path: Path) -> tuple[Recipe, ...]:
    weights = tmp_path / "vgg16.pth"
    weights.touch()
    return rungs("/photos", "vgg16", str(weights), "features.28,classifier")


def test_the_rungs_are_fit_to_train_and_share_one_split(recipes: tuple[Recipe, ...]) -> None:
    assert [problems(one) for one in recipes] == [{}] * 4
    assert len({(one.data, one.seed, one.validation) for one in recipes}) == 1
    assert [one.model for one in recipes] == ["mlp", "vgg16-scratch", "vgg16", "vgg16"]
    assert [one.image_size for one in recipes] == [32, 32, 224, 224]
    assert [one.unfreeze for one in recipes] == ["all", "all", "head", "features.28,classifier"]


def test_between_the_last_two_only_layers_and_learning_rate_differ(
    recipes: tuple[Recipe, ...],
) -> None:
    third, fourth = (asdict(one) for one in recipes[2:])
    differing = {name for name in third if third[name] != fourth[name]}
    assert differing == {"unfreeze", "learning_rate", "name"}


def test_more_is_the_last_stage_that_sees_a_picture_and_all_after_it() -> None:
    spec = more_unfrozen(vgg(2, 224))
    assert spec == "features.24,features.26,features.28,classifier"
    assert more_unfrozen(resnet(2)) == "layer3,fc"


def test_more_of_a_transformer_is_its_last_block() -> None:
    layers = [
        Layer("blocks.0.mlp", "Linear", (197, 8), 10, False),
        Layer("blocks.1.mlp", "Linear", (197, 8), 10, False),
        Layer("head", "Linear", (2,), 10, True),
    ]
    assert more_unfrozen(layers) == "blocks.1,head"


def climbed(runs: Path, recipes: tuple[Recipe, ...]) -> list[RunFolder]:
    """The four runs, each with more right answers."""
    return [
        sample_run(runs / one.name, predictions(right, 40 - right), **asdict(one))
        for one, right in zip(recipes, (20, 25, 38, 39), strict=True)
    ]


def test_the_lesson_answers_with_the_runs_own_figures(
    recipes: tuple[Recipe, ...], tmp_path: Path
) -> None:
    folders = climbed(tmp_path / "runs", recipes)
    told = lesson(folders, compare(folders))
    small, first, second, head, more = told
    assert "3 x 32 x 32 = 3,072" in small
    assert "1 x 1 x 512 = 512" in small
    assert "7 x 7 x 512 = 25,088" in small
    assert first.startswith("Why A is weak: 5,000 weights learn")
    assert second.startswith("Why B")
    assert "62.5% → 95.0%" in head
    assert "C is better than B" in head
    assert "95.0% → 97.5%" in more
    assert "too few to tell them apart" in more


def test_other_runs_have_no_lesson(recipes: tuple[Recipe, ...], tmp_path: Path) -> None:
    folders = climbed(tmp_path / "runs", recipes)
    swapped = [folders[1], folders[0], *folders[2:]]
    assert lesson(swapped, compare(swapped)) == []
    assert lesson(folders[:3], compare(folders[:3])) == []
    assert not is_ladder([*recipes[:3], replace(recipes[3], data="/other")])


def rung(runs: Path, recipe: Recipe, at: float, end: Event) -> RunFolder:
    folder = new_run(runs, recipe, f"{at:04.0f}")
    folder.create(recipe)
    journal = Journal(folder.journal_file)
    for event in (run_started(2), *epochs(1, 2), end):
        journal.append(event)
    with folder.lock(at):
        return folder


def test_a_ladder_that_was_broken_off_is_found_as_far_as_it_came(
    recipes: tuple[Recipe, ...], tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    assert unfinished(recipes, runs) == []
    for at, one in enumerate(recipes, start=1):
        rung(runs, one, at, RunCompleted())
    assert unfinished(recipes, runs) == [], "a finished one is no beginning of the next"
    first = rung(runs, recipes[0], 11, RunCompleted())
    assert unfinished(recipes, runs) == [first], "not with the older one's upper rungs"
    second = rung(runs, replace(recipes[1], epochs=99), 12, RunStopped("enough"))
    assert unfinished(recipes, runs) == [first, second]
    others = tuple(replace(one, seed=7) for one in recipes)
    assert unfinished(others, runs) == []
