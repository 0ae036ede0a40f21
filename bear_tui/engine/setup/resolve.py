"""Look up everything that a recipe names, once: the model, the dataset, the device, the layers."""

from dataclasses import dataclass
from pathlib import Path

from bear_tui import recipe_check
from bear_tui.catalog import ModelEntry, find_model
from bear_tui.data.corrections import corrected
from bear_tui.data.dataset import Dataset, open_dataset
from bear_tui.engine.compute import device
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.compute.failures import as_failure
from bear_tui.engine.models import summary
from bear_tui.layers import Layer
from bear_tui.recipe import Recipe


@dataclass(frozen=True)
class ResolvedRun:
    """A recipe with all that it names: nothing below looks a model up or lists a folder again."""

    recipe: Recipe
    entry: ModelEntry
    opened: Dataset
    """The photos as their folders have them; `prepare` settles the splits and the corrections."""
    compute: Compute
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()
    """What a person should know, in sentences."""


def resolve(recipe: Recipe, opened: Dataset | None = None, resuming: bool = False) -> ResolvedRun:
    """Check the recipe and look up what it names; quick, so that a typo costs no download.

    `opened` is the recipe's dataset where it is open already. A run that is resumed may continue
    without its GPU; a note then says where. Raises BadInput for what is wrong.
    """
    recipe_check.check(recipe)
    entry = find_model(recipe.model)
    with as_failure(recipe.batch_size, recipe.data):
        if resuming:
            compute, note = device.choose_available(recipe)
        else:
            compute, note = device.choose(recipe), ""
        if opened is None:
            opened = open_dataset(Path(recipe.data), recipe.validation, recipe.seed)
        classes = corrected(opened, recipe.corrections).classes
        layers = summary.describe(entry.name, recipe.image_size, len(classes), recipe.unfreeze)
    notes = (note,) if note else ()
    return ResolvedRun(recipe, entry, opened, compute, tuple(layers), notes)
