"""What happened in a run, told from its events."""

from collections.abc import Iterable
from dataclasses import replace

from bear_tui.run.events import (
    EarlyTestCompleted,
    EpochCompleted,
    EpochStarted,
    Event,
    LayersProved,
    PhaseStarted,
    RunCompleted,
    RunFailed,
    RunStopped,
    StepCompleted,
)
from bear_tui.run.state import RunState
from bear_tui.run.timeline import TimelineEntry, timeline_entry
from tests.unit.scripted import epochs, phase, run_started, the_test


def told(events: Iterable[Event]) -> list[TimelineEntry]:
    state, found = RunState(), []
    for event in events:
        before, state = state, state.apply(event)
        if new := timeline_entry(event, before, state):
            found.append(new)
    return found


def sentences(*events: Event) -> list[str]:
    return [one.what for one in told(events)]


def test_epochs_are_told_with_what_they_reached_and_when() -> None:
    assert told([run_started(), *epochs(1, 2)]) == [
        TimelineEntry(0.0, "began on cpu in fp32, 3 epochs"),
        TimelineEntry(12.0, "epoch 1 ended, 50.0% right, the best so far"),
        TimelineEntry(12.0, "saved after epoch 1"),
        TimelineEntry(12.0, "learning rate 0.1 → 0.05"),
        TimelineEntry(24.0, "epoch 2 ended, 75.0% right, the best so far"),
        TimelineEntry(24.0, "saved after epoch 2"),
    ]
    worse = sentences(run_started(), EpochStarted(1), *phase(1, "train"), EpochCompleted(1, False))
    assert worse[1:] == ["epoch 1 ended"], "nothing was validated, and it is not the best"


def test_what_is_asked_for_and_how_it_ends_is_told() -> None:
    ends = (the_test(), RunCompleted(), RunStopped("by q"), RunFailed("out of memory"))
    looks = (LayersProved(1, 14_714_688, 119_554_050), EarlyTestCompleted(2, 0.1, 0.9, 40))
    assert sentences(*looks, *ends) == [
        "checked: 14,714,688 frozen unchanged, 119,554,050 moved",
        "early test: 90.0% right, weights of epoch 2",
        "tested: 80.0% right",
        "done",
        "stopped: by q",
        "failed: out of memory",
    ]


def test_other_settings_and_going_on_are_told_apart() -> None:
    first = run_started(3)
    assert sentences(first, run_started(5))[1] == "now 5 epochs in all"
    on = sentences(first, RunStopped("by q"), run_started(5, start_epoch=2))
    assert on[-1] == "resumed on cpu in fp32, epoch 2 of 5"


def test_a_schedule_that_glides_is_no_event() -> None:
    step = StepCompleted(1, "train", 1, 0.5, 0.5, 0.1, 32.0)
    glides = [replace(step, step=n, learning_rate=0.1 * 0.9**n) for n in range(20)]
    start = (run_started(), PhaseStarted(1, "train", 40))
    assert sentences(*start, *glides) == sentences(*start)
    jumps = sentences(*start, step, replace(step, step=2, learning_rate=0.2))
    assert jumps[-1] == "learning rate 0.1 → 0.2"
