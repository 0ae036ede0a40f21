"""Suspects of a run: the photos it learned from, seen by the weights it began with."""

import threading

from bear_tui.data.folders.inventory import Photo
from bear_tui.data.parallel import Progress
from bear_tui.data.suspect import Suspect
from bear_tui.engine.inference.overlap import own_photos
from bear_tui.engine.suspects.label_auditor import Eye
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder


def learned_from(folder: RunFolder) -> tuple[tuple[Photo, ...], tuple[str, ...]]:
    """The photos that trained the weights and chose among them, as they were labelled for it.

    Test photos are left alone: to judge them by a model and then test that model flatters it.
    """
    dataset = own_photos(folder)
    return (*dataset.train, *dataset.validation), dataset.classes


def eye_of(recipe: Recipe) -> Eye:
    """The weights that the run began with: those it ended with have learned the labels."""
    return Eye() if recipe.weights == "none" else Eye(recipe.model, recipe.weights)


def inspect_run(
    folder: RunFolder, progress: Progress, cancelled: threading.Event | None = None
) -> list[Suspect]:
    """Photos of a run whose label looks wrong, worst first. Raises as `inspect` does."""
    # With torch: what was named wrongly is said before it is loaded.
    from bear_tui.engine.suspects.inspection import inspect

    recipe = folder.recipe()
    photos, classes = learned_from(folder)
    return inspect(photos, classes, eye_of(recipe), recipe.seed, progress, cancelled)
