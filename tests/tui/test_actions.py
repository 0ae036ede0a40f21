"""Which keys Runs and Train offer for a run, asked without an app."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import Event, RunCompleted, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.tui.render.run_rows import where_line
from bear_tui.tui.screens import runs_actions, train_actions
from bear_tui.tui.session.remote_run import RemoteRun
from bear_tui.tui.session.run_list import read_runs
from tests.unit.scripted import epochs, run_started

RUNS_KEYS = (
    *("watch", "resume", "stop", "extend", "predict", "export", "copy"),
    *("open", "mark", "delete"),
)
TRAIN_KEYS = (
    *("pause", "go_on", "stop", "epochs", "rate", "test", "resume", "detach"),
    *("results", "smooth", "log", "events"),
)
BEGUN = [run_started(2), *epochs(1, 1)]


def run_of(folder: Path, events: Iterable[Event]) -> RunFolder:
    run = RunFolder(folder)
    run.create(default_recipe("/photos", "mlp"))
    journal = Journal(run.journal_file)
    for event in events:
        journal.append(event)
    return run


@pytest.mark.parametrize(
    ("events", "offered"),
    [
        ([*BEGUN, RunCompleted()], "extend predict export copy open mark delete"),
        ([*BEGUN, RunStopped("s")], "resume predict export copy open mark delete"),
        (BEGUN, "resume predict export copy open mark delete"),  # nobody trains it: interrupted
    ],
    ids=["completed", "stopped", "interrupted"],
)
def test_runs_offers_what_can_be_done_with_a_run(
    tmp_path: Path, events: list[Event], offered: str
) -> None:
    run_of(tmp_path / "run", events)
    (run,) = read_runs(tmp_path)
    assert [key for key in RUNS_KEYS if runs_actions.possible(key, run)] == offered.split()
    assert runs_actions.possible("queue", run)


def test_runs_offers_little_for_a_run_that_cannot_be_read_and_nothing_for_none(
    tmp_path: Path,
) -> None:
    run = run_of(tmp_path / "run", BEGUN)
    run.recipe_file.write_text("[red]")
    (listed,) = read_runs(tmp_path)
    offered = [key for key in RUNS_KEYS if runs_actions.possible(key, listed)]
    assert offered == ["open", "mark", "delete"]
    assert not any(runs_actions.possible(key, None) for key in RUNS_KEYS)
    line = where_line([listed], tmp_path, listed).plain
    assert line.startswith("! cannot be read: ")
    elsewhere = where_line([listed], tmp_path, None).plain
    assert elsewhere.startswith("1 run in ")
    assert elsewhere.endswith("! cannot be read: run")


@pytest.mark.parametrize(
    ("events", "offered"),
    [
        (BEGUN, "resume smooth log events"),
        ([*BEGUN, RunCompleted()], "smooth log events"),
    ],
    ids=["interrupted", "completed without a test"],
)
def test_train_offers_what_can_be_asked_of_a_run_of_another_process(
    tmp_path: Path, events: list[Event], offered: str
) -> None:
    source = RemoteRun(run_of(tmp_path / "run", events))
    source.read_to_end()
    keys = [key for key in TRAIN_KEYS if train_actions.possible(key, source)]
    assert keys == offered.split()
    assert not any(train_actions.possible(key, None) for key in TRAIN_KEYS)
