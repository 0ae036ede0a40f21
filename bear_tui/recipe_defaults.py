"""Recipes that work: the defaults for a model, the sample's, the course's."""

import math
from dataclasses import replace

from bear_tui.catalog import find_model
from bear_tui.recipe import Recipe, steps_of

PRESETS = ("default", "course")

HEAD_STEPS = 300
"""A head alone takes so many steps at least, where nobody has said how many epochs: of 20 photos,
ten epochs would be ten steps, and it would be right on 79% of others in place of 95%."""

SAMPLE_MODEL = "resnet18"
"""What `--sample` trains, from random values: no network is needed for weights."""


def default_recipe(
    data: str,
    model: str,
    weights: str | None = None,
    unfreeze: str | None = None,
    image_size: int | None = None,
) -> Recipe:
    """A recipe that works on a few hundred photos; None takes what suits the model."""
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
        # As photos were made square when the weights were learned: what is on them is as large.
        framing="pad" if from_scratch else "crop",
        interpolation="bilinear" if from_scratch else entry.interpolation,
    )
    if model == "mlp":
        return replace(common, epochs=15, learning_rate=1e-3)
    if unfreeze == "head" and not from_scratch:
        # Only one new layer learns: a large step is safe. The same view of a photo in every epoch
        # lets the frozen layers be computed once, many times as fast.
        return replace(common, learning_rate=1e-3, augment="none")
    if from_scratch:
        # A deep network without BatchNorm stays at the majority class for epochs at 1e-3.
        return replace(common, epochs=20)
    # The new head has to learn within these epochs, what is pretrained is to change a little, and
    # least what is far from the head: its edges and colours serve any photos.
    tuned = replace(common, learning_rate=1e-3, stage_factor=0.03)
    return tuned if unfreeze == "all" else replace(tuned, augment="none")


def with_enough_steps(recipe: Recipe, photos: int) -> Recipe:
    """The recipe with more epochs where its head alone learns from few photos: ten passes over
    them would be a handful of steps. `photos` are those to train on.
    """
    head_alone = recipe.unfreeze == "head" and recipe.weights != "none" and recipe.model != "mlp"
    if not head_alone or photos < 1:
        return recipe
    epochs = math.ceil(HEAD_STEPS / steps_of(recipe, photos))
    return replace(recipe, epochs=max(recipe.epochs, epochs))


def sample_recipe(data: str) -> Recipe:
    """What `--sample` trains: learns the drawings from nothing, in little time."""
    basis = default_recipe(data, SAMPLE_MODEL, weights="none", image_size=64)
    # BatchNorm bears a large rate, and one cycle of it: 10 epochs do what 30 at 1e-4 do not.
    return replace(basis, epochs=14, learning_rate=1e-3, scheduler="one-cycle")


def is_sample(recipe: Recipe, data: str) -> bool:
    """Whether it learns the sample photos in the folder `data` as `sample_recipe` does."""
    fields = ("data", "model", "weights", "image_size", "learning_rate", "scheduler")
    return all(getattr(recipe, one) == getattr(sample_recipe(data), one) for one in fields)


def course_recipe(recipe: Recipe) -> Recipe:
    """The values that the course's notebooks use, for comparing; rarely the best ones."""
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
