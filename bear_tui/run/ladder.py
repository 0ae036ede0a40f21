"""The course's ladder: four models from simple to strong on one split, and what they teach.

Between the last two rungs only the unfrozen layers and the learning rate differ.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bear_tui.errors import Failure, Unreadable
from bear_tui.layers import Layer, spec_of, stages
from bear_tui.recipe import Recipe, default_recipe
from bear_tui.run import dataset_file
from bear_tui.run.folder import RunFolder, all_runs
from bear_tui.run.results import Document

SIZE = 32
"""Pixels of the first two rungs: the least that VGG16's five poolings leave something of."""

_BY_HEART = 0.1
"""Beyond this lead of training over validation accuracy a model is said to know by heart."""


def rungs(data: str, model: str, weights: str, more: str) -> tuple[Recipe, ...]:
    """The four recipes. `more` names the layers that the last one unfreezes."""
    # One view of each photo and one rate for all layers: the frozen ones are computed once, and one
    # thing changes at a time.
    unfrozen = replace(
        default_recipe(data, model, weights, more),
        augment="none",
        stage_factor=1.0,
        learning_rate=3e-4,  # not too large for what is pretrained
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
    """The SPEC of "more unfrozen": the last stage that still sees a picture, and all after it.

    A transformer has no such stage: its last block then.
    """
    shapes = {layer.name: layer.output_shape for layer in layers}
    groups = stages(layers)
    pictures = [n for n, names in enumerate(groups) if len(shapes[names[-1]] or ()) == 3]
    first = pictures[-1] if pictures else max(0, len(groups) - 2)
    return spec_of([name for names in groups[first:] for name in names], layers)


def unfinished(recipes: Sequence[Recipe], runs: Path) -> list[RunFolder]:
    """The rungs of the newest ladder of these recipes, as far as it came; none where all four of
    it are done, for then a new one begins."""
    found: list[RunFolder] = []
    known = [(folder, recipe) for folder in all_runs(runs) if (recipe := _recipe(folder))]
    for rung in recipes:
        # Newest first; a rung of this ladder began after the one below it.
        after = found[-1].started() or 0.0 if found else 0.0
        same = (
            one for one, recipe in known if _same(recipe, rung) and (one.started() or 0) > after
        )
        folder = next(same, None)
        if folder is None:
            break
        found.append(folder)
        if folder.state().status != "completed":
            break
    done = len(found) == len(recipes) and found[-1].state().status == "completed"
    return [] if done else found


def _same(one: Recipe, other: Recipe) -> bool:
    """Whether they are the same rung; epochs and learning rate may have been changed midway."""
    fields = ("name", "data", "model", "weights", "unfreeze", "image_size", "seed")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _recipe(folder: RunFolder) -> Recipe | None:
    try:
        return folder.recipe()
    except Failure:
        return None


def is_ladder(recipes: Sequence[Recipe]) -> bool:
    """Whether these runs are the four rungs, in order, on one dataset."""
    if len(recipes) != 4 or len({recipe.data for recipe in recipes}) > 1:
        return False
    first, second, third, fourth = recipes
    same = third.model == fourth.model and "none" not in (third.weights, fourth.weights)
    ends = third.unfreeze == "head" != fourth.unfreeze
    return (first.model, second.model) == ("mlp", "vgg16-scratch") and same and ends


def lesson(folders: Sequence[RunFolder], compared: Document) -> list[str]:
    """The course's questions, answered with these runs' own figures; nothing for other runs."""
    try:
        recipes = [folder.recipe() for folder in folders]
    except Failure:
        return []
    rows = compared["runs"]
    if not is_ladder(recipes) or any(row["test_accuracy"] is None for row in rows):
        return []
    verdicts = {(pair["first"], pair["second"]): pair["verdict"] for pair in compared["pairs"]}
    photos = _training_photos(folders[0])
    return [
        _why_small(recipes[0].image_size, recipes[1].image_size),
        *(_why_weak(row, photos) for row in rows[:2]),
        f"What the head alone brings: {rows[2]['letter']} learns {_learns(rows[2])}; the rest "
        f"is as training on other photos before left it. {_change(rows[1], rows[2])} "
        f"{verdicts['B', 'C']}",
        f"What unfreezing adds: {rows[3]['letter']} learns {_learns(rows[3])}. "
        f"{_change(rows[2], rows[3])} {verdicts['C', 'D']}",
    ]


def _why_small(perceptron: int, scratch: int) -> str:
    numbers, large = 3 * perceptron**2, 3 * 224**2
    side, at_224 = scratch // 32, 224 // 32
    return (
        f"Why {perceptron} px: the perceptron takes each pixel as a number of its own, "
        f"3 x {perceptron} x {perceptron} = {numbers:,} numbers and {numbers * 128:,} weights "
        f"into its first 128 units; at 224 px it would be {large:,} numbers and "
        f"{large * 128:,} weights. VGG16's five poolings leave {side} x {side} x 512 = "
        f"{512 * side**2:,} numbers for its first linear layer at {scratch} px, "
        f"{at_224} x {at_224} x 512 = {512 * at_224**2:,} at 224 px."
    )


def _why_weak(row: Document, photos: int) -> str:
    train, validation = row["train_accuracy"], row["validation_accuracy"]
    if train - validation > _BY_HEART:
        meaning = "it learns these photos by heart more than what is on them"
    else:
        meaning = "so few photos teach it no more than that"
    return (
        f"Why {row['letter']} is weak: {row['trainable_parameters']:,} weights learn from "
        f"{photos:,} photos and nothing else. It knows {train:.1%} of them and {validation:.1%} "
        f"of the validation photos: {meaning}."
    )


def _learns(row: Document) -> str:
    share = row["trainable_parameters"] / max(1, row["total_parameters"])
    return f"{row['trainable_parameters']:,} of {row['total_parameters']:,} weights ({share:.1%})"


def _change(before: Document, after: Document) -> str:
    return f"Test {before['test_accuracy']:.1%} → {after['test_accuracy']:.1%}."


def _training_photos(folder: RunFolder) -> int:
    try:
        found = dataset_file.read(folder.dataset_file)
    except Unreadable:
        return 0
    return sum(one["split"] == "train" for one in found.files) if found is not None else 0
