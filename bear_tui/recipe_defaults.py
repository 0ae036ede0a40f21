"""Recipes that work: the defaults for a model, the sample's, the course's."""

import math
from dataclasses import replace

from bear_tui.catalog import find_model
from bear_tui.recipe import Recipe, steps_of

PRESETS = ("default", "course")

HEAD_STEPS = 300
"""The least steps for a head alone if nobody chose the epochs. With 20 photos, ten epochs would be
ten steps and give 79% accuracy instead of 95%."""

SAMPLE_MODEL = "resnet18"
"""What `--sample` trains, from random weights: it needs no download."""


def default_recipe(
    data: str,
    model: str,
    weights: str | None = None,
    unfreeze: str | None = None,
    image_size: int | None = None,
) -> Recipe:
    """Return a recipe that works on a few hundred photos; None means what suits the model."""
    entry = find_model(model)
    weights = weights or ("imagenet" if entry.weights_file else "none")
    unfreeze = unfreeze or ("all" if weights == "none" else "head")
    size = entry.image_size if image_size is None else image_size
    from_scratch = weights == "none"
    common = Recipe(
        data=data,
        model=model,
        weights=weights,
        unfreeze=unfreeze,
        image_size=size,
        epochs=10,
        batch_size=32,
        learning_rate=1e-4,
        optimizer="adam",
        scheduler="cosine",
        augment="light",
        # Pretrained weights expect objects of the size that cropping gives.
        framing="pad" if from_scratch else "crop",
        interpolation="bilinear" if from_scratch else entry.interpolation,
    )
    if model == "mlp":
        return replace(common, epochs=15, learning_rate=1e-3)
    if unfreeze == "head" and not from_scratch:
        # Only one new layer learns, so a large rate is safe. Without augmentation the frozen layers
        # are computed once, which is many times as fast.
        return replace(common, learning_rate=1e-3, augment="none")
    if from_scratch:
        # A deep network without BatchNorm stays at the majority class for epochs at 1e-3.
        return replace(common, epochs=20)
    # The new head has to learn within these epochs; pretrained layers should change little, and
    # least the early ones, whose edges and colours serve any photos.
    tuned = replace(common, learning_rate=1e-3, stage_factor=0.03)
    return tuned if unfreeze == "all" else replace(tuned, augment="none")


def with_enough_steps(recipe: Recipe, photos: int) -> Recipe:
    """Return the recipe, with more epochs if it trains only a head on few photos.

    `photos` is the number of training photos.
    """
    head_alone = recipe.unfreeze == "head" and recipe.weights != "none" and recipe.model != "mlp"
    if not head_alone or photos < 1:
        return recipe
    epochs = math.ceil(HEAD_STEPS / steps_of(recipe, photos))
    return replace(recipe, epochs=max(recipe.epochs, epochs))


def sample_recipe(data: str) -> Recipe:
    """Return what `--sample` trains: it learns the drawings from scratch in little time."""
    basis = default_recipe(data, SAMPLE_MODEL, weights="none", image_size=64)
    # With BatchNorm a large rate in one cycle works: 10 epochs beat 30 at 1e-4.
    return replace(basis, epochs=14, learning_rate=1e-3, scheduler="one-cycle")


def is_sample(recipe: Recipe, data: str) -> bool:
    """Return whether a recipe trains on the sample photos in `data` as `sample_recipe` does."""
    fields = ("data", "model", "weights", "image_size", "learning_rate", "scheduler")
    return all(getattr(recipe, name) == getattr(sample_recipe(data), name) for name in fields)


def course_recipe(recipe: Recipe) -> Recipe:
    """Return the recipe with the values of the course's notebooks, for comparison."""
    if recipe.weights == "none":
        plain = replace(recipe, epochs=10, batch_size=32, optimizer="adam", augment="none")
        return replace(plain, learning_rate=1e-3, scheduler="none")
    # Momentum SGD, a tenth of the rate every 7 epochs: the transfer-learning tutorial's values.
    return replace(
        recipe,
        epochs=25,
        batch_size=4,
        learning_rate=1e-3,
        optimizer="sgd",
        scheduler="step",
        augment="standard",
        stage_factor=1.0,
        framing="pad",
    )
