import json
import math
import os
from dataclasses import fields
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bear_tui.run.events import (
    CheckpointSaved,
    EarlyTestCompleted,
    EpochCompleted,
    EpochStarted,
    Event,
    LayersProved,
    PhaseCompleted,
    PhaseStarted,
    RunCompleted,
    RunFailed,
    RunStarted,
    RunStopped,
    ScheduleChanged,
    StepCompleted,
    TestCompleted,
    from_json,
    to_json,
)

EVENTS: list[Event] = [
    RunStarted("bears-mlp-1", "cuda:0", "bf16", ("bear", "медведь"), 20, 3, 8194, 134_268_738),
    EpochStarted(3),
    PhaseStarted(3, "train", 120),
    StepCompleted(3, "validation", 7, 0.25, 0.875, 1e-05, 812.5),
    PhaseCompleted(3, "train", 0.1, 1.0, 12.75),
    EpochCompleted(3, True),
    CheckpointSaved(3, os.fsdecode(b"/runs/caf\xe9/last.pt")),
    LayersProved(1, 14_714_688, 119_554_050),
    EarlyTestCompleted(1, 0.2, 0.95, 40),
    ScheduleChanged(3, 40, 0.0005, 20, "stretched"),
    TestCompleted(0.3, 0.9, ((9, 1), (1, 9)), 'a"b\\c\n\x1b'),
    RunCompleted(),
    RunStopped("you pressed q"),
    RunFailed("the disk is full.\u2028Free some."),
]


def test_the_list_here_holds_every_event() -> None:
    assert [type(event) for event in EVENTS] == list(get_args(Event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_from_its_line(event: Event) -> None:
    line = to_json(event)
    assert line.isascii()
    assert "\n" not in line
    assert from_json(line) == event
    assert from_json(line + "\n") == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_line_is_the_events_name_and_its_fields(event: Event) -> None:
    document = json.loads(to_json(event))
    assert list(document) == ["event", *(field.name for field in fields(event))]
    assert document["event"] == type(event).__name__


@given(
    st.builds(
        StepCompleted,
        epoch=st.integers(1, 10**6),
        phase=st.sampled_from(["train", "validation"]),
        step=st.integers(1, 10**9),
        loss=st.floats(-1e38, 1e38),
        accuracy=st.floats(0, 1),
        learning_rate=st.floats(0, 1),
        images_per_second=st.floats(0, 1e9),
    )
)
def test_figures_come_back_to_the_last_digit(event: StepCompleted) -> None:
    assert from_json(to_json(event)) == event


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), float("-inf")])
def test_a_loss_that_is_no_number_is_null_and_comes_back_as_no_number(loss: float) -> None:
    line = to_json(StepCompleted(1, "train", 1, loss, 0.5, 0.1, 10.0))
    assert json.loads(line)["loss"] is None
    again = from_json(line)
    assert isinstance(again, StepCompleted)
    assert math.isnan(again.loss)
    assert again.accuracy == 0.5


def test_a_field_of_a_later_version_is_passed_over() -> None:
    assert from_json('{"event": "EpochStarted", "epoch": 2, "mood": "good"}') == EpochStarted(2)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        '"EpochStarted"',
        "{}",
        '{"epoch": 1}',
        '{"event": "Exploded"}',
        '{"event": null}',
        '{"event": ["EpochStarted"]}',
        '{"event": "EpochStarted"}',
        '{"event": "Event", "epoch": 1}',
        '{"event": "EpochStarted", "epoch": 1} and more',
    ],
)
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        from_json(line)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ValueError, match="EpochCompleted without 'is_best'"):
        from_json('{"event": "EpochCompleted", "epoch": 1}')
