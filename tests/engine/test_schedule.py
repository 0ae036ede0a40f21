import math
from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch.optim import SGD, lr_scheduler

from bear_tui.engine.training.schedule import learning_rate, pretrained_share
from bear_tui.recipe import Recipe, Scheduler
from bear_tui.recipe_defaults import default_recipe

RATE = 0.02


def recipe(scheduler: Scheduler, epochs: int) -> Recipe:
    basis = default_recipe("/photos", "mlp")
    return replace(basis, scheduler=scheduler, epochs=epochs, learning_rate=RATE)


def rates(scheduler: Scheduler, epochs: int, steps: int) -> list[float]:
    """The rate of every step of a training."""
    made = recipe(scheduler, epochs)
    return [learning_rate(made, e, s, steps) for e in range(1, epochs + 1) for s in range(steps)]


def rates_of(scheduler: lr_scheduler.LRScheduler, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        found.append(float(scheduler.get_last_lr()[0]))
        scheduler.optimizer.step()
        scheduler.step()
    return found


def optimizer() -> SGD:
    return SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)


def test_step_is_a_tenth_every_seven_epochs_as_torch_has_it() -> None:
    by_epoch = rates_of(lr_scheduler.StepLR(optimizer(), step_size=7, gamma=0.1), 25)
    expected = [rate for rate in by_epoch for _ in range(3)]
    assert rates("step", 25, 3) == pytest.approx(expected)
    assert rates("step", 8, 1)[6:] == pytest.approx([RATE, RATE / 10])


def test_cosine_falls_as_torch_has_it() -> None:
    expected = rates_of(lr_scheduler.CosineAnnealingLR(optimizer(), T_max=40), 40)
    assert rates("cosine", 10, 4) == pytest.approx(expected, abs=1e-9)


def test_cosine_starts_at_the_full_rate_and_would_end_at_nothing() -> None:
    found = rates("cosine", 10, 100)
    assert found[0] == RATE
    assert found[500] == pytest.approx(RATE / 2)
    assert 0 < found[-1] < RATE / 1000


def test_one_cycle_climbs_for_three_tenths_and_falls_to_almost_nothing() -> None:
    found = rates("one-cycle", 10, 100)
    assert found[0] == pytest.approx(RATE / 25)
    assert found[300] == pytest.approx(RATE)
    assert max(found) == found[300]
    assert found[:301] == sorted(found[:301])
    assert found[300:] == sorted(found[300:], reverse=True)
    assert found[-1] == pytest.approx(RATE * 1e-4, rel=0.1)


def test_one_cycle_follows_its_closed_form() -> None:
    for index, rate in enumerate(rates("one-cycle", 4, 25)):
        done = index / 100
        if done < 0.3:
            low, share = RATE / 25, done / 0.3
            expected = low + (RATE - low) * (1 - math.cos(math.pi * share)) / 2
        else:
            low, share = RATE * 1e-4, (done - 0.3) / 0.7
            expected = low + (RATE - low) * (1 + math.cos(math.pi * share)) / 2
        assert rate == pytest.approx(expected)


def test_no_scheduler_keeps_the_rate() -> None:
    assert set(rates("none", 5, 7)) == {RATE}


@pytest.mark.parametrize("scheduler", get_args(Scheduler))
@pytest.mark.parametrize(("epochs", "steps"), [(1, 1), (1, 50), (50, 1), (7, 3)])
def test_the_rate_is_never_above_the_recipes_nor_at_or_below_nothing(
    scheduler: Scheduler, epochs: int, steps: int
) -> None:
    assert all(0 < rate <= RATE * (1 + 1e-12) for rate in rates(scheduler, epochs, steps))


def test_the_rate_depends_only_on_where_the_training_stands() -> None:
    """So that a training that goes on from a checkpoint takes up the same rates."""
    made = recipe("cosine", 10)
    assert learning_rate(made, 4, 3, 8) == rates("cosine", 10, 8)[3 * 8 + 3]


def test_a_warm_up_climbs_in_equal_steps_to_the_schedule() -> None:
    made = replace(recipe("cosine", 10), warmup=2.0)
    found = [learning_rate(made, e, s, 5) for e in range(1, 11) for s in range(5)]
    plain = rates("cosine", 10, 5)
    assert [a / b for a, b in zip(found[:10], plain[:10], strict=True)] == pytest.approx(
        [n / 10 for n in range(1, 11)]
    )
    assert found[10:] == plain[10:]


def test_what_is_pretrained_comes_in_over_two_epochs_or_half_of_a_short_training() -> None:
    shares = [pretrained_share(10, epoch, step, 4) for epoch in (1, 2, 3) for step in range(4)]
    assert shares[0] == pytest.approx((1 / 8) ** 3)
    assert shares[3] == pytest.approx(1 / 8)
    assert shares[:8] == sorted(set(shares[:8]))
    assert shares[7:] == [1.0] * 5
    assert [pretrained_share(1, 1, step, 4) for step in range(4)] == [1 / 8, 1.0, 1.0, 1.0]
