from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bear_tui.run.events import (
    CheckpointSaved,
    EpochCompleted,
    EpochStarted,
    Event,
    LayersProved,
    PhaseCompleted,
    PhaseStarted,
    RunCompleted,
    RunFailed,
    RunStopped,
    StepCompleted,
)
from bear_tui.run.state import EpochRow, RunState, seconds_left
from tests.unit.scripted import (
    TRAIN_SECONDS,
    TRAIN_STEPS,
    VALIDATION_SECONDS,
    VALIDATION_STEPS,
    epoch_ended,
    epochs,
    fold,
    phase,
    run_started,
    the_test,
)

EPOCH_SECONDS = TRAIN_SECONDS + VALIDATION_SECONDS


def whole_run(count: int = 3) -> list[Event]:
    return [run_started(count), *epochs(1, count), the_test(), RunCompleted()]


def row(epoch: int) -> EpochRow:
    accuracy = 1 - 0.5 / epoch
    return EpochRow(
        epoch, 1 / epoch, accuracy, 2 / epoch, accuracy, 0.1 / epoch, TRAIN_SECONDS,
        VALIDATION_SECONDS,
    )  # fmt: skip


def test_nothing_is_known_before_the_first_event() -> None:
    state = RunState()
    assert (state.status, state.ended, state.history, state.seconds) == ("waiting", False, (), 0)
    assert seconds_left(state, 0.0) is None


def test_a_finished_run_tells_all_of_itself() -> None:
    state = fold(whole_run())
    assert (state.run, state.device, state.precision) == ("bears-mlp-1", "cpu", "fp32")
    assert state.classes == ("bear", "other")
    assert (state.trainable_parameters, state.total_parameters) == (395_266, 395_266)
    assert state.history == (row(1), row(2), row(3))
    assert (state.epochs, state.epochs_done, state.best_epoch) == (3, 3, 3)
    assert state.seconds == 3 * EPOCH_SECONDS
    assert state.checkpoint == "checkpoints/last.pt"
    assert state.test == the_test()
    assert (state.status, state.ended, state.message) == ("completed", True, "")


def test_a_running_phase_is_told_step_by_step() -> None:
    begun: list[Event] = [run_started(), *epochs(1, 1), EpochStarted(2)]
    state = fold([*begun, PhaseStarted(2, "train", 10)])
    assert (state.epoch, state.phase, state.step, state.steps) == (2, "train", 0, 10)
    assert state.history == (row(1), EpochRow(2))
    state = state.apply(StepCompleted(2, "train", 5, 0.7, 0.6, 0.03, 99.0))
    assert (state.step, state.learning_rate, state.images_per_second) == (5, 0.03, 99.0)
    assert state.curve[-1].at == pytest.approx(1.5)
    assert (state.curve[-1].loss, state.curve[-1].accuracy) == (0.7, 0.6)
    assert (state.status, state.ended, state.epochs_done) == ("running", False, 1)


@pytest.mark.parametrize(
    ("end", "status", "message"),
    [
        (RunCompleted(), "completed", ""),
        (RunStopped("you pressed q"), "stopped", "you pressed q"),
        (RunFailed("the disk is full."), "failed", "the disk is full."),
    ],
)
def test_the_last_event_says_how_it_ended(end: Event, status: str, message: str) -> None:
    state = fold([run_started(), *epochs(1, 1), end])
    assert (state.status, state.message, state.ended) == (status, message, True)
    again = state.apply(run_started(3, 2))
    assert (again.status, again.message, again.ended) == ("running", "", False)


def test_the_best_epoch_stays_the_best_until_one_does_better() -> None:
    state = fold([run_started(), EpochCompleted(1, True), EpochCompleted(2, False)])
    assert (state.best_epoch, state.epochs_done) == (1, 2)


def test_a_run_stopped_in_training_and_resumed_has_every_row_once() -> None:
    stopped: list[Event] = [*epochs(1, 1), EpochStarted(2), *list(phase(2, "train"))[:5]]
    state = fold([run_started(), *stopped, RunStopped("q")])
    assert state.history == (row(1), EpochRow(2))
    assert state.epochs_done == 1
    rest: list[Event] = [EpochStarted(2), *phase(2, "train", 5), *phase(2, "validation")]
    state = fold([run_started(3, 2), *rest, *epoch_ended(2), *epochs(3, 3), RunCompleted()], state)
    assert state.history == (row(1), row(2), row(3))
    assert (state.start_epoch, state.epochs_done, state.status) == (2, 3, "completed")


def test_a_run_stopped_in_validation_keeps_what_training_came_to() -> None:
    begun: list[Event] = [*epochs(1, 1), EpochStarted(2), *phase(2, "train")]
    stopped: list[Event] = [PhaseStarted(2, "validation", 4), RunStopped("q")]
    state = fold([run_started(), *begun, *stopped])
    trained = state.history[-1]
    assert (trained.train_loss, trained.validation_loss) == (0.5, None)
    rest: list[Event] = [run_started(3, 2), EpochStarted(2)]
    state = fold([*rest, *phase(2, "validation", 2), *epoch_ended(2)], state)
    assert state.history == (row(1), row(2))


def test_more_epochs_go_on_after_the_end() -> None:
    state = fold([run_started(5, 4), *epochs(4, 5), RunCompleted()], fold(whole_run(3)))
    assert state.history == tuple(row(epoch) for epoch in range(1, 6))
    assert (state.epochs, state.epochs_done) == (5, 5)


@given(st.lists(st.integers(0, 200), max_size=3))
def test_a_run_killed_anywhere_and_resumed_never_loses_a_row(kills: list[int]) -> None:
    """A killed trainer goes on at its last checkpoint, which is the end of an epoch."""
    count = 4
    state, saved = RunState(), 0
    for kill in [*kills, None]:
        life: list[Event] = [run_started(count, saved + 1), *epochs(saved + 1, count)]
        for event in life[:kill]:
            done = [r for r in state.history if r.validation_loss is not None]
            state = state.apply(event)
            assert [r for r in state.history if r.epoch in {d.epoch for d in done}] == done
            numbers = [r.epoch for r in state.history]
            assert numbers == list(range(1, len(numbers) + 1))
            saved = event.epoch if isinstance(event, CheckpointSaved) else saved
    assert state.history == tuple(row(epoch) for epoch in range(1, count + 1))


def test_nothing_changes_in_place() -> None:
    states = [RunState()]
    for event in whole_run(2):
        states.append(states[-1].apply(event))
    assert states == [fold(whole_run(2)[:n]) for n in range(len(states))]


def test_steps_may_be_dropped_and_the_rows_stay() -> None:
    kept: list[Event] = [
        event
        for event in whole_run()
        if not (isinstance(event, StepCompleted) and event.step not in (10, 4))
    ]
    assert fold(kept).history == fold(whole_run()).history


def test_the_curve_of_a_long_run_is_bounded() -> None:
    state = fold([run_started(1), EpochStarted(1), PhaseStarted(1, "train", 9000)])
    for step in range(1, 9001):
        state = state.apply(StepCompleted(1, "train", step, 1.0, 0.5, 0.1, 1.0))
        assert len(state.curve) <= 2000
    at = [point.at for point in state.curve]
    assert at == sorted(at)
    assert at[-1] == 1.0
    assert at[0] < 0.01
    assert len(at) >= 500


def test_the_first_epoch_is_estimated_from_its_steps() -> None:
    state = fold([run_started(3), EpochStarted(1), *list(phase(1, "train"))[:6]])
    assert state.step == 5
    # 1 s a step; 10 train steps and, not known yet, about a fifth more to validate: 12 s.
    assert seconds_left(state, 5.0) == pytest.approx(12 - 5 + 2 * 12)


@pytest.mark.parametrize("known", [0, 1, 2])
def test_before_the_first_step_nothing_is_estimated(known: int) -> None:
    begun: list[Event] = [run_started(), EpochStarted(1), PhaseStarted(1, "train", 10)]
    assert seconds_left(fold(begun[: known + 1]), 3.0) is None


def test_later_epochs_are_estimated_from_finished_ones() -> None:
    state = fold([run_started(10), *epochs(1, 2)])
    assert seconds_left(state, 0.0) == pytest.approx(8 * EPOCH_SECONDS)
    state = fold([EpochStarted(3), *list(phase(3, "train"))[: 1 + TRAIN_STEPS // 2]], state)
    share_left = 1 - (TRAIN_STEPS // 2) / (TRAIN_STEPS + VALIDATION_STEPS)
    assert seconds_left(state, 0.0) == pytest.approx((7 + share_left) * EPOCH_SECONDS)


def test_the_first_epoch_which_also_decodes_is_left_out_once_there_are_others() -> None:
    slow = PhaseCompleted(1, "train", 1.0, 0.5, 1000.0)
    begun: list[Event] = [EpochStarted(1), *list(phase(1, "train"))[:-1], slow]
    first = fold([run_started(4), *begun, *phase(1, "validation"), *epoch_ended(1)])
    assert seconds_left(first, 0.0) == pytest.approx(3 * 1002)
    assert seconds_left(fold(epochs(2, 2), first), 0.0) == pytest.approx(2 * EPOCH_SECONDS)


def filled(first: float, later: float, views: int = 1, epochs: int = 10) -> Iterator[Event]:
    """A training whose first epochs fill what is kept of the frozen layers."""
    yield replace(run_started(epochs), filling=views)
    for epoch in range(1, epochs + 1):
        yield EpochStarted(epoch)
        yield from list(phase(epoch, "train"))[:-1]
        yield PhaseCompleted(epoch, "train", 1.0, 0.5, first if epoch <= views else later)
        yield from list(phase(epoch, "validation"))[:-1]
        yield PhaseCompleted(epoch, "validation", 1.0, 0.5, 0.0)
        yield from epoch_ended(epoch)


def before_epoch(number: int, events: Iterable[Event]) -> RunState:
    """The state once the epoch before is done."""
    return fold(list(takewhile(lambda event: event != EpochStarted(number), events)))


def test_an_epoch_that_fills_what_is_kept_says_nothing_of_those_that_take_it() -> None:
    state = fold(islice(filled(42.0, 0.1), 8))  # up to its fifth step of ten
    assert (state.epoch, state.step) == (1, 5), "so far 21 s"
    assert seconds_left(state, 21.0) is None
    second = before_epoch(3, filled(42.0, 0.1))
    assert seconds_left(second, 0.0) == pytest.approx(8 * 0.1)


def test_epochs_that_fill_and_epochs_that_take_are_counted_apart() -> None:
    third = before_epoch(4, filled(40.0, 1.0, views=8))
    # Two that take may be as slow as the five that fill, until one was seen.
    assert seconds_left(third, 0.0) == pytest.approx(7 * 40.0)
    ninth = before_epoch(10, filled(40.0, 1.0, views=8))
    assert seconds_left(ninth, 0.0) == pytest.approx(1.0)


def test_a_run_that_goes_on_and_fills_again_knows_both_speeds() -> None:
    state = before_epoch(5, filled(42.0, 0.5))
    again = replace(run_started(10, start_epoch=5), filling=1)
    state = fold([again, EpochStarted(5), *list(phase(5, "train"))[:6]], state)
    # 1 s a step: 14 steps make the epoch; then five of half a second.
    assert seconds_left(state, 5.0) == pytest.approx(14 - 5 + 5 * 0.5)


def test_nothing_is_left_at_the_end() -> None:
    assert seconds_left(fold(whole_run()), 0.0) == 0.0


@given(st.integers(0, len(whole_run(4))), st.floats(0, 1e6))
def test_the_time_left_is_never_absurd(known: int, elapsed: float) -> None:
    left = seconds_left(fold(whole_run(4)[:known]), elapsed)
    assert left is None or 0 <= left < 100 * (1e6 + EPOCH_SECONDS)


def test_the_time_left_shrinks_with_every_step() -> None:
    state, before = fold([run_started(5), *epochs(1, 1)]), float("inf")
    for event in epochs(2, 5):
        state = state.apply(event)
        if isinstance(event, StepCompleted):
            left = seconds_left(state, 0.0)
            assert left is not None
            assert left < before
            before = left
    assert before == 0.0


def test_the_proof_of_what_learnt_is_kept_and_survives_a_resume() -> None:
    proof = LayersProved(1, 14_714_688, 119_554_050)
    state = fold([run_started(), proof])
    assert state.proof == proof
    assert fold([run_started(start_epoch=2)], state).proof == proof
