"""The course's ladder: four models from simple to strong, on one split of one dataset.

Between the last two rungs only the unfrozen layers and the learning rate differ.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bear_tui.errors import Failure
from bear_tui.layers import Layer, spec_of, stages
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs

SIZE = 32
"""Pixels of the first two rungs: the smallest that VGG16's five poolings allow."""


def rungs(data: str, model: str, weights: str, more: str) -> tuple[Recipe, ...]:
    """Return the four recipes. `more` names the layers that the last one unfreezes."""
    # One view of each photo lets frozen layers be computed once; one learning rate for all layers
    # keeps unfreezing the only change.
    unfrozen = replace(
        default_recipe(data, model, weights, more),
        augment="none",
        stage_factor=1.0,
        learning_rate=3e-4,  # small enough for pretrained layers
    )
    recipes = (
        default_recipe(data, "mlp", "none", "all", SIZE),
        default_recipe(data, "vgg16-scratch", "none", "all", SIZE),
        default_recipe(data, model, weights, "head"),
        unfrozen,
    )
    names = ("mlp", "scratch", "head", "more")
    return tuple(
        replace(recipe, name=f"ladder-{number}-{name}")
        for number, (recipe, name) in enumerate(zip(recipes, names, strict=True), start=1)
    )


def more_unfrozen(layers: Sequence[Layer]) -> str:
    """Return the SPEC of the last stage with a spatial output, and of all layers after it.

    A transformer has no such stage: its last block then.
    """
    shapes = {layer.name: layer.output_shape for layer in layers}
    groups = stages(layers)
    spatial = [n for n, names in enumerate(groups) if len(shapes[names[-1]] or ()) == 3]
    first = spatial[-1] if spatial else max(0, len(groups) - 2)
    return spec_of([name for names in groups[first:] for name in names], layers)


def unfinished(recipes: Sequence[Recipe], runs: Path) -> list[RunFolder]:
    """Return the rungs that the newest ladder of these recipes has begun; [] if all four are
    completed, for then a new ladder begins."""
    begun: list[RunFolder] = []
    known = [(folder, recipe) for folder in all_runs(runs) if (recipe := _recipe(folder))]
    for rung in recipes:
        # Newest first; a rung of this ladder began after the one below it.
        after = begun[-1].started() or 0.0 if begun else 0.0
        same = (
            folder
            for folder, recipe in known
            if _same(recipe, rung) and (folder.started() or 0) > after
        )
        folder = next(same, None)
        if folder is None:
            break
        begun.append(folder)
        if folder.state().status != "completed":
            break
    done = len(begun) == len(recipes) and begun[-1].state().status == "completed"
    return [] if done else begun


def _same(one: Recipe, other: Recipe) -> bool:
    """Return whether two recipes are the same rung, whatever their epochs and learning rate."""
    fields = ("name", "data", "model", "weights", "unfreeze", "image_size", "seed")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _recipe(folder: RunFolder) -> Recipe | None:
    try:
        return folder.recipe()
    except Failure:
        return None


def is_ladder(recipes: Sequence[Recipe]) -> bool:
    """Return whether these are the recipes of the four rungs, in order, on one dataset."""
    if len(recipes) != 4 or len({recipe.data for recipe in recipes}) > 1:
        return False
    first, second, third, fourth = recipes
    same = third.model == fourth.model and "none" not in (third.weights, fourth.weights)
    ends = third.unfreeze == "head" != fourth.unfreeze
    return (first.model, second.model) == ("mlp", "vgg16-scratch") and same and ends
