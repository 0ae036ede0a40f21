import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bear_tui.errors import Failure, Unreadable
from bear_tui.run.events import (
    _TYPES,
    EpochStarted,
    Event,
    RunCompleted,
    RunFailed,
    StepCompleted,
    to_json,
)
from bear_tui.run.journal import Journal, read_events, read_state
from bear_tui.run.state import RunState
from tests.unit.scripted import epochs, fold, run_started, the_test

EVENTS: list[Event] = [run_started(2), *epochs(1, 2), the_test(), RunCompleted()]


PHASE = (
    b'{"event": "PhaseCompleted", "epoch": 1, "phase": "train", "loss": %s, "accuracy": 0.5, '
    b'"seconds": 1.0}'
)


def write(path: Path, events: list[Event]) -> None:
    journal = Journal(path)
    for event in events:
        journal.append(event)
    journal.close()


def lines(events: list[Event]) -> bytes:
    return b"".join(to_json(event).encode() + b"\n" for event in events)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_what_was_appended_is_read_in_order(path: Path) -> None:
    write(path, EVENTS)
    assert list(read_events(path)) == EVENTS
    assert path.read_bytes() == lines(EVENTS)
    assert read_state(path) == fold(EVENTS)


def test_where_there_is_no_journal_nothing_has_happened(path: Path) -> None:
    assert list(read_events(path)) == []
    assert read_state(path) == RunState()


def test_an_event_can_be_read_as_soon_as_it_is_appended(path: Path) -> None:
    journal = Journal(path)
    for count, event in enumerate(EVENTS[:8], start=1):
        journal.append(event)
        assert list(read_events(path)) == EVENTS[:count]
    journal.close()


def test_a_half_written_last_line_is_left_out(path: Path) -> None:
    whole, last = lines(EVENTS[:3]), lines([RunFailed("café")])
    for cut in range(len(last)):
        path.write_bytes(whole + last[:cut])
        assert list(read_events(path)) == EVENTS[:3]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff\xfe\x00",
        b"\x00" * 4096,
        b'{"event": "EpochStarted", "epo',
        b'{"event": "Exploded"}',
        b"[1, 2]",
        b"null",
    ],
)
def test_a_damaged_line_is_skipped(damage: bytes, path: Path) -> None:
    path.write_bytes(lines(EVENTS[:3]) + damage + b"\n" + lines(EVENTS[3:]))
    assert list(read_events(path)) == EVENTS


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"event": "EpochStarted"}', "EpochStarted without 'epoch'"),
        (b'{"event": "EpochStarted", "epoch": "x"}', "`epoch` cannot be x"),
        (b'{"event": "EpochStarted", "epoch": -1}', "`epoch` cannot be -1"),
        (b'{"event": "EpochStarted", "epoch": 99999999}', "`epoch` cannot be 99999999"),
        (b'{"event": "EpochStarted", "epoch": true}', "`epoch` cannot be True"),
        (b'{"event": "EpochStarted", "epoch": 1' + b"0" * 400 + b"}", "more than 20 digits"),
        (b'{"event": "EpochStarted", "epoch": NaN}', "`NaN` is no number that JSON has"),
        (b'{"event": "RunStopped", "reason": ' + b"[" * 99_999 + b"]" * 99_999 + b"}", "nested"),
        (PHASE % b"Infinity", "`Infinity` is no number that JSON has"),
        (PHASE % b"1e400", "a number is too large"),
        (PHASE % b"1e39", "`loss` cannot be 1e+39"),
        (PHASE % b"true", "`loss` cannot be True"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_event_that_cannot_be_is_a_sentence_that_names_the_journal(
    line: bytes, why: str, path: Path
) -> None:
    path.write_bytes(lines(EVENTS[:3]) + line + b"\n" + lines(EVENTS[3:]))
    with pytest.raises(Unreadable) as caught:
        read_state(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lines(EVENTS[1:]), "the line that begins the run is missing or damaged"),
        (b"\xef\xbb\xbf" + lines(EVENTS), "missing or damaged"),
        (
            lines(EVENTS).replace(b"[[4, 1], [1, 4]]", b"[[4, 1, 0], [1, 4, 0]]"),
            "a 2 x 3 confusion matrix does not fit 2 classes",
        ),
        (
            lines(EVENTS).replace(b"[[4, 1], [1, 4]]", b"[[4, 1]]"),
            "1 x 2 confusion matrix",
        ),
        (
            lines(EVENTS).replace(b"[[4, 1], [1, 4]]", b"[]"),
            "0 x 0 confusion matrix",
        ),
    ],
    ids=["first line", "mark", "wide", "short", "empty"],
)
def test_events_that_do_not_fit_together_are_a_sentence(
    content: bytes, why: str, path: Path
) -> None:
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=re.escape(why)):
        read_state(path)


def test_a_run_that_failed_before_it_began_says_so(path: Path) -> None:
    write(path, [RunFailed("the disk is full")])
    assert read_state(path).message == "the disk is full"


def test_only_a_regular_journal_is_read_or_written(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    path.symlink_to(other)
    with pytest.raises(Unreadable, match="a link stands where a file or folder is needed"):
        read_state(path)
    with pytest.raises(OSError):
        Journal(path)
    assert other.read_bytes() == b"mine"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Unreadable, match="a FIFO"):
        read_state(path)
    with pytest.raises(OSError):
        Journal(path)


def test_a_journal_of_an_older_version_is_read_where_fields_came_later(path: Path) -> None:
    @dataclass(frozen=True)
    class EpochStarted:
        epoch: int
        reason: str = "later"

    before = _TYPES["EpochStarted"]
    path.write_bytes(lines(EVENTS[:2]))
    _TYPES["EpochStarted"] = EpochStarted
    try:
        assert repr(list(read_events(path))[1]).endswith("EpochStarted(epoch=1, reason='later')")
    finally:
        _TYPES["EpochStarted"] = before


def test_a_journal_of_another_version_is_refused_with_a_sentence(path: Path) -> None:
    path.write_bytes(lines(EVENTS).replace(b'"device"', b'"machine"'))
    with pytest.raises(Failure, match=r"events\.jsonl: written by another version of bear-tui"):
        list(read_events(path))


def test_appending_after_a_torn_end_spoils_no_line(path: Path) -> None:
    torn = lines([RunFailed("the disk is full")])
    for cut in range(0, len(torn), 5):
        path.write_bytes(lines(EVENTS[:3]) + torn[:cut])
        write(path, EVENTS[3:6])
        assert path.read_bytes() == lines(EVENTS[:6])


def test_a_journal_that_is_nothing_but_a_torn_line_begins_anew(path: Path) -> None:
    path.write_bytes(b'{"event": "RunSta')
    write(path, EVENTS[:2])
    assert list(read_events(path)) == EVENTS[:2]


def test_a_whole_journal_is_gone_on_with(path: Path) -> None:
    write(path, EVENTS[:5])
    write(path, EVENTS[5:])
    assert list(read_events(path)) == EVENTS


WRITER = """
import pathlib, sys
from bear_tui.run.events import StepCompleted
from bear_tui.run.journal import Journal

journal = Journal(pathlib.Path(sys.argv[1]))
for step in range(1, int(sys.argv[2]) + 1):
    journal.append(StepCompleted(1, "train", step, 0.5, 0.5, 0.1, 32.0))
"""


def write_elsewhere(path: Path, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(count)])


def steps_in(path: Path) -> list[int]:
    return [event.step for event in read_events(path) if isinstance(event, StepCompleted)]


def test_a_growing_journal_is_read_to_its_last_whole_line(path: Path) -> None:
    seen: list[int] = []
    with write_elsewhere(path, 3000) as writer:
        while writer.poll() is None:
            steps = steps_in(path)
            assert steps == list(range(1, len(steps) + 1))
            assert len(steps) >= len(seen)
            seen = steps
    assert writer.returncode == 0
    assert len(steps_in(path)) == 3000


def test_a_killed_writer_leaves_a_journal_that_can_be_gone_on_with(path: Path) -> None:
    with write_elsewhere(path, 10**9) as writer:
        while len(steps_in(path)) < 10:
            assert writer.poll() is None
        writer.send_signal(signal.SIGKILL)
    steps = steps_in(path)
    assert steps == list(range(1, len(steps) + 1))
    write(path, [EpochStarted(2)])
    assert list(read_events(path))[-1] == EpochStarted(2)
    assert steps_in(path) == steps
