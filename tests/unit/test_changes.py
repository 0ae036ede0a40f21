"""What was changed of a training: folded, told, and read by versions that know no such event."""

from pathlib import Path

import pytest

from bear_tui.run import changes
from bear_tui.run.events import ScheduleChanged, from_json, to_json
from bear_tui.run.journal import read_state
from tests.unit.scripted import epochs, fold, run_started


def test_a_change_is_kept_beside_what_the_run_was_started_with() -> None:
    change = ScheduleChanged(2, 0, 0.05, 6)
    state = fold([run_started(3), *epochs(1, 1), change, *epochs(2, 2)])
    assert state.epochs == 6
    assert state.changes == (change,)


def test_a_run_that_goes_on_from_before_a_change_and_is_changed_otherwise_has_the_new_one() -> None:
    early, late, other = (
        ScheduleChanged(*one) for one in ((2, 3, 0.1, 9), (4, 7, 0.2, 9), (3, 0, 0.3, 9))
    )
    assert changes.with_change((early, late), other) == (early, other)


def test_two_changes_at_one_step_stand_in_their_order() -> None:
    first, second = ScheduleChanged(2, 3, 0.1, 9), ScheduleChanged(2, 3, 0.2, 9)
    assert changes.with_change((first,), second) == (first, second)


def test_each_way_of_going_on_is_told() -> None:
    told = [
        changes.sentence(ScheduleChanged(11, 0, 2.5e-7, 20, shape))
        for shape in ("unchanged", "stretched", "held", "restarted")
    ]
    assert told[0] == "learning rate 2.5e-07, 20 epochs in all"
    assert "spread over the epochs left" in told[1]
    assert "held" in told[2]
    assert "restarted" in told[3]


def test_the_document_has_what_the_contract_names() -> None:
    assert changes.documents((ScheduleChanged(3, 40, 5e-4, 20, "stretched"),)) == [
        {"epoch": 3, "step": 40, "learning_rate": 5e-4, "epochs": 20}
    ]


def test_a_rate_comes_back_from_the_journal_to_the_last_bit() -> None:
    change = ScheduleChanged(3, 40, 0.1 + 0.2, 20, "held")
    assert from_json(to_json(change)) == change


def test_places_are_in_epochs() -> None:
    assert changes.places((ScheduleChanged(3, 5, 0.1, 9), ScheduleChanged(4, 0, 0.1, 9)), 10) == [
        2.5,
        3.0,
    ]


@pytest.mark.parametrize("rate", ["null", "0", "-1", "NaN", '"fast"'])
def test_a_rate_that_cannot_be_trained_at_is_no_event(rate: str) -> None:
    line = (
        '{"event": "ScheduleChanged", "epoch": 1, "step": 0, "learning_rate": '
        + rate
        + ', "epochs": 3}'
    )
    with pytest.raises(ValueError):
        from_json(line)


def test_a_journal_of_a_later_version_is_read_without_what_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    unknown = '{"event": "RatesForecast", "epoch": 1}'
    change = ScheduleChanged(1, 0, 0.1, 4)
    lines = [to_json(run_started(3)), unknown, to_json(change)]
    path.write_text("".join(f"{line}\n" for line in lines))
    assert read_state(path).changes == (change,)
