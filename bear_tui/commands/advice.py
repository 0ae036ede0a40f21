"""What is said of a recipe once the photos are known, before they are trained on."""

from collections import Counter
from typing import TYPE_CHECKING

from bear_tui.metrics import BALANCED, uneven_note
from bear_tui.recipe import Recipe, steps_of
from bear_tui.recipe_defaults import HEAD_STEPS, with_enough_steps
from bear_tui.text import counted

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset


def suited(chosen: Recipe, dataset: "Dataset", enough_steps: bool) -> tuple[Recipe, list[str]]:
    """Return the recipe for these photos, and what there is to say about it.

    With `enough_steps` a head has more epochs than the recipe says where the photos are few.
    """
    photos, said = len(dataset.train), []
    suits = with_enough_steps(chosen, photos) if enough_steps else chosen
    if suits != chosen:
        steps = counted(steps_of(chosen, photos), "step")
        said.append(
            f"{counted(photos, 'training photo')}: {counted(suits.epochs, 'epoch')} of {steps}, "
            f"for a head is to take {HEAD_STEPS} steps; --epochs N trains N."
        )
    if chosen.class_weights == "none":
        training = Counter(photo.label for photo in dataset.train)
        said += filter(None, [uneven_note(training, BALANCED)])
    return suits, said
