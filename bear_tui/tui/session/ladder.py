"""The ladder as the app starts it: the model of its last two rungs, and the four recipes."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bear_tui.catalog import MODELS, find_model
from bear_tui.recipe import Recipe
from bear_tui.run.ladder import more_unfrozen, rungs
from bear_tui.tui.session import engine

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

_COURSE_MODEL = "vgg16"


def pretrained(chosen: Recipe | None) -> tuple[str, str]:
    """Return model and weights: those on screen 2, else the course's, else a downloaded model's."""
    if chosen is not None and chosen.weights != "none":
        return chosen.model, chosen.weights
    here = [name for name, entry in MODELS.items() if entry.weights_on_disk()]
    model = _COURSE_MODEL if _COURSE_MODEL in here or not here else here[0]
    return model, "imagenet"


def ladder(dataset: "Dataset", model: str, weights: str) -> tuple[Recipe, ...]:
    """Return the four recipes. Call in a thread: it builds the model. Raises Failure."""
    layers = engine.layers(model, find_model(model).image_size, len(dataset.classes), "head")
    four = rungs(str(dataset.root), model, weights, more_unfrozen(layers))
    return tuple(replace(one, corrections=dataset.corrections) for one in four)
