"""Another rate, other epochs: recorded beside the recipe, and kept by a run that goes on."""

import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from bear_tui import files
from bear_tui.engine.fit import fit
from bear_tui.engine.training.schedule import Schedule, learning_rate
from bear_tui.recipe import Recipe, Scheduler
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run import events as e
from bear_tui.run.control import Control, ask
from bear_tui.run.folder import RunFolder
from tests.engine.test_resume import AtStep, assert_same
from tests.engine.trainers import start
from tests.unit.documents import show_document

MakeRecipe = Callable[..., Recipe]

STEPS = 8


class Killed(BaseException):
    """As if the process had ended there: nothing is saved on the way out."""


class Acting(Control):
    """Does something before each of some steps, of training and validation together."""

    def __init__(self, *acts: tuple[int, Callable[[Control], None]]) -> None:
        super().__init__()
        self._count, self._acts = 0, acts

    def obey(self) -> str:
        for at, act in self._acts:
            if at == self._count:
                act(self)
        self._count += 1
        return super().obey()


def halve(control: Control) -> None:
    control.want("learning_rate", 0.0005)
    control.want("epochs", 4)


def stop(control: Control) -> None:
    control.stop("enough")


def kill(_: Control) -> None:
    raise Killed


def rates(folder: RunFolder) -> list[float]:
    """The last rate of each epoch."""
    return [row["learning_rate"] for row in show_document(folder)["history"]]


# An epoch has 5 steps of training and one of validation; the change comes before the eighth.
CHANGE = 8


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", ["cosine", "one-cycle"])
@pytest.mark.parametrize(
    ("at", "end"), [*((at, stop) for at in (8, 9, 11, 12, 13)), *((at, kill) for at in (9, 10, 11))]
)
def test_a_changed_run_that_ends_anywhere_and_goes_on_is_one_that_never_ended(
    at: int, end: Callable[[Control], None], scheduler: str, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(epochs=3, scheduler=scheduler, learning_rate=0.001)
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    list(fit(recipe, whole, Acting((CHANGE, halve))))
    try:
        list(fit(recipe, parts, Acting((CHANGE, halve), (at, end))))
    except Killed:
        assert end is kill
    assert list(fit(parts.recipe(), parts, Control()))[-1] == e.RunCompleted()
    assert_same(whole, parts)
    assert parts.recipe() == recipe
    assert parts.state().changes == whole.state().changes
    assert show_document(parts)["changes"] == [
        {"epoch": 2, "step": 2, "learning_rate": 0.0005, "epochs": 4}
    ]


@pytest.mark.slow
def test_a_changed_run_that_is_killed_goes_on_to_the_bit(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    """A process of its own, asked through control.jsonl and killed with SIGKILL."""
    recipe = recipe_for(epochs=100_000, learning_rate=0.001, scheduler="one-cycle")
    parts, whole = RunFolder(tmp_path / "parts"), RunFolder(tmp_path / "whole")
    trainer = start(recipe, parts.path, tmp_path / "acknowledged")
    until(lambda: parts.state().epochs_done > 2)
    ask(parts.control_file, "learning_rate", 0.0005)
    until(lambda: bool(parts.state().changes))
    ask(parts.control_file, "epochs", parts.state().epoch + 6)
    until(lambda: len(parts.state().changes) == 2)
    os.kill(trainer.pid or 0, signal.SIGKILL)
    trainer.join()
    assert parts.recipe() == recipe
    assert list(fit(parts.recipe(), parts, Control()))[-1] == e.RunCompleted()
    changes = parts.state().changes
    again = [
        (
            (change.epoch - 1) * (5 + 1) + change.step,
            partial(want, {"learning_rate": change.learning_rate, "epochs": change.epochs}),
        )
        for change in changes
    ]
    list(fit(recipe, whole, Acting(*again)))
    assert whole.state().changes == changes
    assert_same(whole, parts)


def want(settings: dict[str, float], control: Control) -> None:
    for setting, value in settings.items():
        control.want(setting, value)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_a_run_whose_last_checkpoint_is_damaged_comes_by_its_change_again(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(epochs=3, learning_rate=0.001)
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    list(fit(recipe, whole, Acting((CHANGE, halve))))
    list(fit(recipe, parts, Acting((CHANGE, halve), (CHANGE + 1, stop))))
    (parts.checkpoints / "last.pt").write_bytes(b"damaged")
    told = list(fit(parts.recipe(), parts, Control()))
    assert isinstance(told[0], e.RunStarted)
    assert (told[0].start_epoch, told[0].epochs) == (2, 4)
    assert not any(isinstance(event, e.ScheduleChanged) for event in told)
    assert_same(whole, parts)


def test_a_run_of_an_earlier_version_goes_on_with_the_recipe_that_was_written_over(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(epochs=4, scheduler="cosine", learning_rate=0.001)
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    list(fit(recipe, whole, Control()))
    list(fit(replace(recipe, epochs=4), parts, AtStep(8, stop)))
    changed = replace(recipe, learning_rate=0.0005, epochs=6)
    files.write_text(parts.recipe_file, to_toml(changed))
    list(fit(parts.recipe(), parts, Control()))
    expected = [learning_rate(changed, epoch, 4, 5) for epoch in range(2, 7)]
    assert rates(parts)[1:] == expected
    assert show_document(parts)["changes"] == []
    assert show_document(parts)["epochs_done"] == 6


@pytest.mark.parametrize("scheduler", ["cosine", "one-cycle"])
def test_more_epochs_of_a_finished_run_keep_its_low_rate(
    scheduler: str, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    recipe = recipe_for(epochs=2, scheduler=scheduler, learning_rate=0.001)
    list(fit(recipe, folder, Control()))
    low = rates(folder)[-1]
    control = Control()
    control.want("epochs", 4)
    told = list(fit(folder.recipe(), folder, control))
    assert told[1] == e.ScheduleChanged(3, 0, low, 4, "held")
    assert rates(folder)[1:] == [low, low, low]


def test_more_epochs_of_a_run_that_patience_ended_are_trained(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    recipe = recipe_for(epochs=50, patience=1, learning_rate=0.05, scheduler="none")
    list(fit(recipe, folder, Control()))
    ended = folder.state().epochs_done
    assert ended < 50
    control = Control()
    control.want("epochs", 60)
    list(fit(folder.recipe(), folder, control))
    assert folder.state().epochs_done > ended, "patience is counted anew"


@pytest.mark.parametrize("warmup", [0.0, 1.0])
@pytest.mark.parametrize("scheduler", ["cosine", "one-cycle", "step", "none"])
def test_a_restart_begins_the_schedule_anew(
    scheduler: str, warmup: float, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    recipe = recipe_for(epochs=2, scheduler=scheduler, learning_rate=0.001, warmup=warmup)
    list(fit(recipe, folder, Control()))
    control = Control()
    control.want("epochs", 4)
    control.want("restart", 1)
    told = list(fit(folder.recipe(), folder, control))
    assert told[1] == e.ScheduleChanged(3, 0, 0.001, 4, "restarted")
    assert rates(folder)[2:] == pytest.approx(rates(folder)[:2])


def schedule(scheduler: Scheduler, epochs: int = 10) -> Schedule:
    basis = replace(default_recipe("/photos", "mlp"), learning_rate=0.02)
    return Schedule(replace(basis, scheduler=scheduler, epochs=epochs), STEPS)


def all_rates(made: Schedule, epochs: int) -> list[float]:
    return [made.rate(epoch, step) for epoch in range(1, epochs + 1) for step in range(STEPS)]


@pytest.mark.parametrize("epochs", [7, 9, 11, 20, 400])
@pytest.mark.parametrize("scheduler", ["cosine", "one-cycle"])
@pytest.mark.parametrize("place", [(1, 0), (1, 3), (4, 5), (6, 8)])
def test_other_epochs_midway_make_no_jump_and_end_where_the_schedule_ends(
    place: tuple[int, int], scheduler: Scheduler, epochs: int
) -> None:
    made = schedule(scheduler)
    change = made.change(*place, {"epochs": epochs}, 1)
    assert change is not None
    assert change.schedule == "stretched"
    made.apply(change)
    found = all_rates(made, epochs)
    changed_at = (place[0] - 1) * STEPS + place[1]
    before = all_rates(schedule(scheduler), 10)
    assert found[:changed_at] == before[:changed_at]
    steepest = max(abs(a - b) for a, b in pairwise(before))
    stretch = max(1.0, (10 * STEPS - changed_at) / (epochs * STEPS - changed_at))
    jumps = [abs(a - b) for a, b in pairwise(found)]
    assert max(jumps) <= steepest * stretch * 1.01
    assert found[-1] < 0.001


def test_a_step_schedule_goes_on_as_if_it_had_had_the_epochs_from_the_start() -> None:
    made, planned = schedule("step", 10), schedule("step", 20)
    change = made.change(11, 0, {"epochs": 20}, 10)
    assert change is not None
    made.apply(change)
    assert all_rates(made, 20) == all_rates(planned, 20)


def test_a_rate_is_multiplied_by_the_schedule() -> None:
    made, planned = schedule("cosine"), schedule("cosine")
    change = made.change(4, 2, {"learning_rate": 0.01}, 1)
    assert change == e.ScheduleChanged(4, 2, 0.01, 10)
    made.apply(change)
    assert made.rate(4, 1) == planned.rate(4, 1)
    assert made.rate(4, 2) == pytest.approx(planned.rate(4, 2) / 2)


def test_a_held_rate_can_be_changed_and_restarted() -> None:
    made = schedule("cosine")
    for wanted in ({"epochs": 20}, {"learning_rate": 0.003}, {"epochs": 30}):
        change = made.change(11, 0, wanted, 10)
        assert change is not None
        made.apply(change)
    assert made.rate(11, 0) == made.rate(30, 7) == 0.003
    change = made.change(31, 0, {"epochs": 40, "restart": 1}, 30)
    assert change == e.ScheduleChanged(31, 0, 0.02, 40, "restarted")
    made.apply(change)
    assert made.rate(31, 0) == 0.02
    assert made.rate(36, 0) == pytest.approx(0.01)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"epochs": 10},
        {"learning_rate": 0.02},
        {"learning_rate": -1.0},
        {"learning_rate": math.inf},
        {"epochs": 10**9},
    ],
)
def test_what_changes_nothing_or_makes_no_sense_is_no_change(wanted: dict[str, float]) -> None:
    assert schedule("cosine").change(3, 1, wanted, 1) is None


def test_a_change_drops_what_was_to_come_after_it() -> None:
    made = schedule("cosine")
    made.apply(e.ScheduleChanged(5, 0, 0.01, 20, "stretched"))
    assert made.epochs == 20
    made.apply(e.ScheduleChanged(4, 0, 0.02, 12, "stretched"))
    assert made.epochs == 12
    assert made.at(6, 0).recipe.learning_rate == 0.02
