"""The optimizer of a recipe, with a learning rate for each stage of the model."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

import torch
from torch import nn
from torch.nn import Parameter

from bear_tui.engine.models import freezing
from bear_tui.layers import Layer, stages
from bear_tui.recipe import Recipe

MOMENTS = {"sgd": 1, "adam": 2, "adamw": 2}
"""How many numbers each optimizer keeps for a parameter that learns: they take memory."""

_DECAY = 0.01
"""AdamW's weight decay (Loshchilov and Hutter, 2019), torch's default."""


def make(
    recipe: Recipe,
    model: nn.Module,
    layers: Sequence[Layer],
    missing_from_weights: Sequence[str] = (),
    saved: Mapping[str, Any] | None = None,
) -> torch.optim.Optimizer:
    """Return an optimizer of all parameters that learn.

    `share` in each of its groups is what the scheduled learning rate is multiplied by there, and
    `waits` says whether the group is pretrained while the head, or another part in
    `missing_from_weights`, is new. With the `saved` state of a resumed run, it does exactly what
    the run's optimizer did before.
    """
    rate = recipe.learning_rate
    adamw = recipe.optimizer == "adamw"
    apart = adamw and (saved is None or all("decays" in group for group in saved["param_groups"]))
    groups: list[dict[str, Any]] = []
    for share, named in _groups(recipe, model, layers, missing_from_weights):
        waits = bool(missing_from_weights) and share < 1
        group = {"lr": rate * share, "share": share, "waits": waits}
        if not apart:
            groups.append({**group, "params": list(named.values())})
            continue
        for decays in (True, False):
            chosen = [p for name, p in named.items() if _decays(name, p) is decays]
            more = {"decays": decays, "weight_decay": _DECAY if decays else 0.0}
            if chosen:
                groups.append({**group, **more, "params": chosen})
    made: torch.optim.Optimizer
    match recipe.optimizer:
        case "sgd":
            made = torch.optim.SGD(groups, lr=rate, momentum=0.9, fused=True)
        case "adam":
            made = torch.optim.Adam(groups, lr=rate, fused=True)
        case "adamw":
            made = torch.optim.AdamW(groups, lr=rate, fused=True)
        case unknown:
            assert_never(unknown)
    if saved is not None:
        made.load_state_dict(dict(saved))
    return made


def _decays(name: str, parameter: Parameter) -> bool:
    """Whether weight decay applies: to the weight matrices and kernels of layers alone.

    Biases, the scales of norms and learned positions should not shrink.
    """
    return parameter.ndim > 1 and name.rpartition(".")[2].endswith("weight")


_LEAST_SHARE = 0.01
"""The least share of the rate, for stages far from the head: with less they would stand still."""


def _groups(
    recipe: Recipe, model: nn.Module, layers: Sequence[Layer], missing: Sequence[str]
) -> Iterator[tuple[float, dict[str, Parameter]]]:
    """Yield named parameters that learn, with the share of the rate that they learn at."""
    learning = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if recipe.stage_factor == 1:
        yield 1.0, learning
        return
    groups: list[tuple[float, dict[str, Parameter]]] = []
    steps = 0
    for names in reversed(stages(layers)):
        # A stage with random weights learns at the full rate, as the head does.
        if steps and any(freezing.within(name, missing) for name in names):
            steps -= 1
        # A row is a layer, or a parameter that a block holds itself.
        learned = {name: p for name, p in learning.items() if freezing.within(name, names)}
        if learned:
            groups.append((max(recipe.stage_factor**steps, _LEAST_SHARE), learned))
        steps += 1
    yield from reversed(groups)
