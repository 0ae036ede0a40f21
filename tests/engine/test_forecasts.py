from collections.abc import Callable
from dataclasses import replace

import pytest

from bear_tui.engine.estimate import estimate
from bear_tui.engine.inputs import row_storage
from bear_tui.engine.lr_finder import find_rate
from bear_tui.errors import BadInput
from bear_tui.forecast import Estimate
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe


def take(**fields: object) -> Estimate:
    """For 320 photos at 32 pixels."""
    basis = default_recipe("/photos", "resnet18", "imagenet", "head", 32)
    found = estimate(replace(basis, device="cpu", **fields), 2, 320, 80)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_frozen_layers_cost_the_first_epoch_and_unfrozen_ones_each() -> None:
    head, everything = take(), take(unfreeze="all")
    # Seconds of two measurements are not compared: the machine may be busy during one of them.
    assert head.first_epoch > head.later_epochs
    assert everything.first_epoch == everything.later_epochs
    # Gradients and two moments of Adam for 11 million parameters, and what the steps keep.
    assert everything.memory - head.memory > 3 * 4 * 11_000_000


def test_new_views_in_every_epoch_cost_every_epoch() -> None:
    new = take(augment="light", views=0)
    kept = take(augment="light", views=2)
    # 320 of the 400 photos go through the frozen layers again.
    assert new.later_epochs > 0.7 * new.first_epoch
    assert kept.later_epochs < kept.first_epoch
    assert (new.filling, kept.filling) == (1, 2)


def test_each_kept_view_takes_memory_as_far_as_there_is_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # resnet18's last 512 numbers, of 320 photos to train on.
    view = 4 * 512 * 320
    steady = take(augment="light", mixup=0.2)
    assert take().memory == steady.memory + view
    assert take(augment="light", views=8).memory == steady.memory + 8 * view
    # Views that are seen once are not kept.
    assert take(augment="light", views=10, epochs=10).memory == steady.memory
    monkeypatch.setattr(row_storage, "free_memory", lambda _place: 8 * view)
    some = take(augment="light", views=8)
    assert some.filling == 2
    assert some.memory == steady.memory + 2 * view


def test_what_would_keep_the_machine_busy_for_too_long_is_not_tried() -> None:
    basis = default_recipe("/photos", "vit_h_14", "imagenet", "head")
    assert estimate(replace(basis, device="cpu"), 2, 320, 80) is None


def test_the_finder_suggests_a_rate_that_learns(recipe_for: Callable[..., Recipe]) -> None:
    steps: list[int] = []
    curve = find_rate(recipe_for(), lambda done, _total: steps.append(done))
    assert steps == list(range(1, steps[-1] + 1))
    assert curve.suggested is not None
    assert 1e-5 < curve.suggested < 1e-1
    assert min(curve.losses) < 0.7 * curve.losses[0]


def test_the_finder_ends_when_asked_and_at_bad_input(recipe_for: Callable[..., Recipe]) -> None:
    assert find_rate(recipe_for(), stopped=lambda: True).losses == ()
    with pytest.raises(BadInput, match="no layer has that name"):
        find_rate(recipe_for(unfreeze="layers.77"))
