"""A training whose numbers run away: it names the step, and keeps nothing of what is broken."""

import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from bear_tui.engine.fit import fit
from bear_tui.engine.inputs.batches import shard_of
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import builder, checkpoint, freezing
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.engine.training.nan_guard import all_finite
from bear_tui.engine.training.schedule import learning_rate
from bear_tui.engine.training.step import Stepper
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.test_resume import AtStep

MakeRecipe = Callable[..., Recipe]


def first_without_a_loss(recipe: Recipe) -> tuple[int, float]:
    """Looked at after every step: which one it is, and its learning rate."""
    setup = prepare(resolve(recipe))
    with closing(BatchSource(setup)) as inputs:
        stepper, batches = Stepper(setup, inputs), inputs.batches("train", 1)
        freezing.train_mode(setup.model)
        for step, photos in enumerate(batches):
            rate = learning_rate(recipe, 1, step, len(batches))
            outcome = stepper.step(shard_of("train", 1, step, photos), rate)
            if not math.isfinite(outcome.loss.item()):
                return step + 1, rate
    raise AssertionError("this recipe's loss stays a number")


def test_a_loss_that_is_no_number_is_told_with_the_step_and_the_rate_it_came_at(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(
        batch_size=4, learning_rate=30.0, optimizer="sgd", augment="none", scheduler="cosine"
    )
    step, rate = first_without_a_loss(recipe)
    assert step < 10, "the last step of the epoch is the one that is looked at anyway"
    told = list(fit(recipe, RunFolder(tmp_path / "run"), Control()))
    assert isinstance(told[-1], e.RunFailed)
    assert (
        f"the loss is no longer a number at step {step} of epoch 1, at a learning rate of {rate:g}"
        in told[-1].error
    )


@pytest.fixture
def break_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A gradient too large for a float in that step, whose loss is a number all the same."""

    def arm(step: int) -> None:
        build, steps = builder.build, iter(range(1, 10**6))

        def overflow(gradient: Tensor) -> Tensor:
            return gradient * math.inf if next(steps) == step else gradient

        def armed(*arguments: object) -> nn.Module:
            model = build(*arguments)  # type: ignore[arg-type]
            next(model.parameters()).register_hook(overflow)  # type: ignore[no-untyped-call]
            return model

        monkeypatch.setattr("bear_tui.engine.setup.prepare.builder.build", armed)

    return arm


def test_weights_that_a_step_has_broken_are_not_saved_when_a_stop_comes_after_it(
    recipe_for: MakeRecipe, break_at: Callable[[int], None], tmp_path: Path
) -> None:
    break_at(4)
    folder = RunFolder(tmp_path / "run")
    recipe = recipe_for(batch_size=4, scheduler="none")
    told = list(fit(recipe, folder, AtStep(4, lambda control: control.stop("enough"))))
    assert isinstance(told[-1], e.RunFailed)
    wanted = (
        f"the weights are no longer numbers at step 4 of epoch 1, at a learning rate of "
        f"{recipe.learning_rate:g}; nothing was saved yet"
    )
    assert wanted in told[-1].error
    assert list(folder.checkpoints.iterdir()) == []


def test_the_last_step_of_an_epoch_is_named_and_the_epoch_before_stays(
    recipe_for: MakeRecipe, break_at: Callable[[int], None], tmp_path: Path
) -> None:
    break_at(20)
    folder = RunFolder(tmp_path / "run")
    told = list(fit(recipe_for(batch_size=4), folder, Control()))
    assert isinstance(told[-1], e.RunFailed)
    assert "the weights are no longer numbers at step 10 of epoch 2" in told[-1].error
    assert "the weights of epoch 1 are kept" in told[-1].error
    saved, damaged = checkpoint.load_latest(folder.checkpoints)
    assert saved is not None
    assert not damaged
    assert all_finite(saved.model.values())
    rest = fit(replace(recipe_for(batch_size=4), epochs=1), folder, Control())
    assert list(rest)[-1] == e.RunCompleted()


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_one_value_that_is_no_number_is_found(value: float) -> None:
    tensors = [torch.zeros(3, 4), torch.tensor(7), torch.zeros(0), torch.zeros(5)]
    assert all_finite(tensors)
    tensors[0][2, 1] = value
    assert not all_finite(tensors)
