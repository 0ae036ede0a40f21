"""What an optimizer draws to zero, and how it goes on with what was saved."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from bear_tui.engine.fit import fit
from bear_tui.engine.models import builder, checkpoint, summary
from bear_tui.engine.training import optimizer
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder

MakeRecipe = Callable[..., Recipe]


def adamw(recipe_for: MakeRecipe, model: str, **fields: object) -> Recipe:
    options: dict[str, object] = {"unfreeze": "all", "image_size": 32, **fields}
    return recipe_for(model=model, weights="none", optimizer="adamw", **options)


def step_without_gradients(made: torch.optim.Optimizer, model: nn.Module) -> None:
    """Only weight decay is left to move a parameter then."""
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    made.step()


@pytest.mark.parametrize("stage_factor", [1.0, 0.5])
@pytest.mark.parametrize("name", ["resnet18", "shufflenet_v2_x0_5"])
def test_adamw_shrinks_kernels_and_leaves_biases_and_norms(
    name: str, stage_factor: float, recipe_for: MakeRecipe
) -> None:
    recipe = adamw(recipe_for, name, stage_factor=stage_factor)
    model = builder.build(name, 2, 32)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)  # what is zero would not shrink
    before = {key: value.detach().clone() for key, value in model.named_parameters()}
    layers = summary.describe(name, 32, 2, recipe.unfreeze)
    step_without_gradients(optimizer.make(recipe, model, layers), model)
    moved = {key for key, value in model.named_parameters() if not value.equal(before[key])}
    kernels = {
        f"{key}.weight"
        for key, layer in model.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear)
    }
    assert moved == kernels


def test_learnt_positions_and_tokens_of_a_transformer_are_left(recipe_for: MakeRecipe) -> None:
    model = nn.ModuleDict({"block": nn.TransformerEncoderLayer(8, 2, 16)})
    model.register_parameter("pos_embedding", nn.Parameter(torch.ones(1, 5, 8)))
    model.register_parameter("class_token", nn.Parameter(torch.ones(1, 1, 8)))
    groups = optimizer.make(adamw(recipe_for, "mlp", image_size=8), model, ()).param_groups
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    decayed = {names[id(p)] for one in groups if one["weight_decay"] for p in one["params"]}
    assert decayed == {
        "block.self_attn.in_proj_weight",
        "block.self_attn.out_proj.weight",
        "block.linear1.weight",
        "block.linear2.weight",
    }


def older_optimizer(model: nn.Module, rate: float) -> torch.optim.Optimizer:
    """AdamW as earlier versions made it: one group a stage, all of which decays."""
    group = {"params": list(model.parameters()), "lr": rate, "share": 1.0, "waits": False}
    return torch.optim.AdamW([group], lr=rate, fused=True)


def gradients(model: nn.Module, number: int) -> None:
    torch.manual_seed(number)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)


def test_a_state_saved_by_an_earlier_version_goes_on_to_the_bit(recipe_for: MakeRecipe) -> None:
    recipe = adamw(recipe_for, "mlp", image_size=8)
    first, second = builder.build("mlp", 2, 8), builder.build("mlp", 2, 8)
    made = older_optimizer(first, recipe.learning_rate)
    for number in range(3):
        gradients(first, number)
        made.step()
    second.load_state_dict(first.state_dict())
    saved = checkpoint.copy_of(made.state_dict())
    resumed = optimizer.make(recipe, second, (), saved=saved)
    for number in range(3, 6):
        for model, one in ((first, made), (second, resumed)):
            gradients(model, number)
            one.step()
    assert all(a.equal(b) for a, b in pairs(first, second))


def pairs(one: nn.Module, other: nn.Module) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    return zip(one.state_dict().values(), other.state_dict().values(), strict=True)


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_run_of_an_earlier_version_goes_on_as_it_would_have_there(
    epochs: int, recipe_for: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = adamw(recipe_for, "mlp", image_size=8, epochs=3, scheduler="none")
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")

    def older(recipe: Recipe, model: nn.Module, *_: object) -> torch.optim.Optimizer:
        return older_optimizer(model, recipe.learning_rate)

    with monkeypatch.context() as patched:
        patched.setattr(optimizer, "make", older)
        list(fit(recipe, whole, Control()))
        list(fit(replace(recipe, epochs=epochs), parts, Control()))
    assert list(fit(recipe, parts, Control()))[-1] == e.RunCompleted()
    first, second = (checkpoint.load(one.checkpoints / checkpoint.LAST) for one in (whole, parts))
    assert all(a.equal(second.model[name]) for name, a in first.model.items())
