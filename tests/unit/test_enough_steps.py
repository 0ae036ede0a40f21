"""How many epochs a head has by default, and whether classes are uneven."""

from dataclasses import replace

import pytest

from bear_tui.metrics import BALANCED, uneven_note
from bear_tui.recipe import Recipe, steps_of
from bear_tui.recipe_defaults import HEAD_STEPS, default_recipe, with_enough_steps
from bear_tui.tui.forms.recipe_draft import Draft


@pytest.mark.parametrize(
    ("photos", "epochs"),
    [(1, 300), (9, 300), (32, 300), (33, 150), (85, 100), (255, 38), (5000, 10)],
)
def test_a_head_takes_its_steps_however_few_the_photos_are(photos: int, epochs: int) -> None:
    made = with_enough_steps(default_recipe("/photos", "mobilenet_v2"), photos)
    assert made.epochs == epochs
    assert made.epochs * steps_of(made, photos) >= HEAD_STEPS


@pytest.mark.parametrize(
    "recipe",
    [
        default_recipe("/photos", "mlp"),
        default_recipe("/photos", "resnet18", weights="none"),
        default_recipe("/photos", "resnet18", unfreeze="all"),
        default_recipe("/photos", "resnet18", unfreeze="layer4"),
    ],
)
def test_what_is_no_head_alone_keeps_its_epochs(recipe: Recipe) -> None:
    assert with_enough_steps(recipe, 9) == recipe


def test_another_batch_size_has_other_epochs() -> None:
    basis = default_recipe("/photos", "mobilenet_v2")
    assert with_enough_steps(replace(basis, batch_size=4), 40).epochs == 30
    # `auto` takes 4 of 40 photos at a time.
    assert with_enough_steps(replace(basis, batch_size="auto"), 40).epochs == 30


def test_the_form_shows_what_is_trained_and_keeps_what_was_typed() -> None:
    draft = Draft("mobilenet_v2").with_data("/photos", photos=40)
    assert draft.text("epochs") == "150"
    assert draft.read()[0].epochs == 150
    assert draft.with_text("batch_size", "4").text("epochs") == "30"
    assert draft.with_text("epochs", "10").read()[0].epochs == 10
    assert draft.turned().text("epochs") == "25", "the course's own"
    assert draft.with_data("/more", photos=4000).text("epochs") == "10"


def test_uneven_classes_are_said_with_the_remedy() -> None:
    note = uneven_note({"bear": 130, "teddy": 13}, BALANCED)
    assert "130 training photos of bear, 13 of teddy" in note
    assert "--class-weights balanced" in note


@pytest.mark.parametrize(
    "counts", [{}, {"bear": 9}, {"bear": 30, "other": 10}, {"bear": 9, "no": 0}]
)
def test_even_classes_and_empty_ones_are_not(counts: dict[str, int]) -> None:
    assert uneven_note(counts, BALANCED) == ""
