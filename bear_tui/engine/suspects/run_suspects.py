"""Find suspects among the photos a run learned from, by the weights it began with."""

import threading

from bear_tui.data.folders.inventory import Photo
from bear_tui.data.parallel import Progress
from bear_tui.data.suspect import Suspect
from bear_tui.engine.inference.overlap import own_photos
from bear_tui.engine.suspects.label_auditor import LabelAuditor
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder


def learned_from(folder: RunFolder) -> tuple[tuple[Photo, ...], tuple[str, ...]]:
    """Return a run's training and validation photos with the labels it used, and its classes.

    Test photos are left out: a model that judged them could not be tested on them any more.
    """
    dataset = own_photos(folder)
    return (*dataset.train, *dataset.validation), dataset.classes


def auditor_of(recipe: Recipe) -> LabelAuditor:
    """Return the weights that the run began with: its final ones have learned the labels."""
    if recipe.weights == "none":
        return LabelAuditor()
    return LabelAuditor(recipe.model, recipe.weights)


def inspect_run(
    folder: RunFolder, progress: Progress, cancelled: threading.Event | None = None
) -> list[Suspect]:
    """Return photos of a run whose label looks wrong, worst first. Raises as `inspect` does."""
    # Imports torch: a run that does not exist is reported before that.
    from bear_tui.engine.suspects.inspection import inspect

    recipe = folder.recipe()
    photos, classes = learned_from(folder)
    return inspect(photos, classes, auditor_of(recipe), recipe.seed, progress, cancelled)
