"""To go into tests/unit/test_state.py once the code does what they say."""

from itertools import pairwise

import pytest

from bear_tui.run.events import (
    EpochStarted,
    Event,
    PhaseStarted,
    RunCompleted,
    StepCompleted,
)
from bear_tui.run.state import seconds_left
from tests.unit.scripted import epochs, fold, phase, run_started, the_test

EPOCH_SECONDS = 12.0


def test_the_curve_of_a_long_run_is_as_fine_at_its_start_as_at_its_end() -> None:
    """An hour at ten steps told a second."""
    state = fold([run_started(1), EpochStarted(1), PhaseStarted(1, "train", 36_000)])
    for step in range(1, 36_001):
        state = state.apply(StepCompleted(1, "train", step, 1.0, 0.5, 0.1, 1.0))
    at = [0.0, *(point.at for point in state.curve)]
    assert max(later - earlier for earlier, later in pairwise(at)) < 0.01


def test_a_thinned_curve_keeps_both_phases() -> None:
    state = fold([run_started(1500)])
    for epoch in range(1, 1501):
        for name in ("train", "validation"):
            begun: list[Event] = [PhaseStarted(epoch, name, 1)]
            step = StepCompleted(epoch, name, 1, 1.0, 0.5, 0.1, 1.0)
            state = fold([*begun, step], state)
    phases = [point.phase for point in state.curve]
    assert phases.count("train") == pytest.approx(phases.count("validation"), abs=2)


def test_the_curve_of_a_killed_and_resumed_run_never_runs_backwards() -> None:
    killed: list[Event] = [*epochs(1, 1), EpochStarted(2), *list(phase(2, "train"))[:8]]
    state = fold([run_started(), *killed, run_started(3, 2), *epochs(2, 3)])
    for name in ("train", "validation"):
        at = [point.at for point in state.curve if point.phase == name]
        assert all(earlier < later for earlier, later in pairwise(at))


def test_a_line_of_the_journal_that_was_lost_spoils_no_other_epoch() -> None:
    events: list[Event] = [run_started(2), *epochs(1, 2)]
    without = [event for event in events if event != EpochStarted(2)]
    assert fold(without).history == fold(events).history


def test_the_first_validation_is_estimated_too() -> None:
    begun: list[Event] = [run_started(3), EpochStarted(1), *phase(1, "train")]
    state = fold([*begun, PhaseStarted(1, "validation", 4)])
    # Training took 10 s for 10 steps; 4 steps of validation come to about 4 s.
    left = seconds_left(state, 0.0)
    assert left is not None
    assert 2 * EPOCH_SECONDS < left < 3 * EPOCH_SECONDS


def test_the_time_left_does_not_jump_where_an_epoch_begins() -> None:
    state = fold([run_started(5), *epochs(1, 2)])
    before = seconds_left(state, 0.0)
    state = state.apply(EpochStarted(3))
    assert seconds_left(state, 0.0) == before
    assert state.phase == "train"


def test_no_time_is_left_of_a_run_that_patience_ended() -> None:
    state = fold([run_started(10), *epochs(1, 4), the_test(), RunCompleted()])
    assert not seconds_left(state, 0.0)


def test_a_resumed_phase_is_not_timed_by_the_steps_before_the_stop() -> None:
    """Resumed at step 8 of 10 in epoch 1: one step in one second is a second a step."""
    begun: list[Event] = [run_started(1), EpochStarted(1), *list(phase(1, "train"))[:8]]
    state = fold([*begun, run_started(1), EpochStarted(1), PhaseStarted(1, "train", 10)])
    state = state.apply(StepCompleted(1, "train", 8, 1.0, 0.5, 0.1, 32.0))
    assert seconds_left(state, 1.0) == pytest.approx(12 - 8, rel=0.3)
