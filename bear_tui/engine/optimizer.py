"""The optimizer of a recipe, with a learning rate for each stage of the model."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import Parameter

from bear_tui.engine import models
from bear_tui.layers import stages
from bear_tui.recipe import Recipe


def make(
    recipe: Recipe, model: nn.Module, classes: int, random: Sequence[str] = ()
) -> torch.optim.Optimizer:
    """An optimizer of all that learns; `random` are the parts that were not pretrained.

    `share` in each of its groups is what the scheduled learning rate is multiplied by there, and
    `waits` says whether it is pretrained and has a head before it that is not.
    """
    rate = recipe.learning_rate
    groups: Any = [
        {
            "params": parameters,
            "lr": rate * share,
            "share": share,
            "waits": bool(random) and share < 1,
        }
        for share, parameters in _groups(recipe, model, classes, random)
    ]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=0.9, fused=True)
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(groups, lr=rate, fused=True)


_LEAST_SHARE = 0.01
"""Of the rate, for the stages that are farthest from the head: with less they would stand still."""


def _groups(
    recipe: Recipe, model: nn.Module, classes: int, random: Sequence[str]
) -> Iterator[tuple[float, list[Parameter]]]:
    """Parameters that learn by the share of the rate that they learn at."""
    learning = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if recipe.stage_factor == 1:
        yield 1.0, list(learning.values())
        return
    layers = models.describe(recipe.model, recipe.image_size, classes, recipe.unfreeze)
    groups: list[tuple[float, list[Parameter]]] = []
    steps = 0
    for names in reversed(stages(layers)):
        # What starts from random values has all to learn, as the head has.
        if steps and any(models.within(name, random) for name in names):
            steps -= 1
        # A layer's row is the layer itself or a parameter that a block holds by itself.
        found = [parameter for name, parameter in learning.items() if models.within(name, names)]
        if found:
            groups.append((max(recipe.stage_factor**steps, _LEAST_SHARE), found))
        steps += 1
    yield from reversed(groups)
