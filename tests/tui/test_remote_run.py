"""Following a run that another process trains."""

from pathlib import Path

from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import to_json
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.tui.session.remote_run import RemoteRun
from tests.tui import scripted


def status(follower: RemoteRun) -> str:
    return follower.snapshot.state.status


def made(path: Path) -> RunFolder:
    folder = RunFolder(path / "run")
    folder.create(default_recipe("/photos", "mlp"))
    return folder


def test_a_finished_run_is_the_same_state_as_its_journal_tells(tmp_path: Path) -> None:
    folder = made(tmp_path)
    journal = Journal(folder.journal_file)
    for event in scripted.completed():
        journal.append(event)
    follower = RemoteRun(folder)
    while not follower.caught_up:
        follower.poll()
    assert follower.snapshot.state == folder.state()
    assert not follower.poll(), "nothing comes after the end"


def test_new_events_are_read_as_they_come(tmp_path: Path) -> None:
    folder = made(tmp_path)
    journal = Journal(folder.journal_file)
    follower = RemoteRun(folder)
    with folder.lock(0.0):
        follower.poll()
        assert status(follower) == "waiting"
        journal.append(scripted.started())
        assert follower.poll()
        assert status(follower) == "running"
        for event in scripted.epoch(1):
            journal.append(event)
        follower.poll()
        assert follower.snapshot.state.epochs_done == 1
    follower.poll()
    assert status(follower) == "interrupted"


def test_a_half_written_line_waits_for_its_end(tmp_path: Path) -> None:
    folder = made(tmp_path)
    line = to_json(scripted.started()) + "\n"
    follower = RemoteRun(folder)
    with folder.lock(0.0):
        folder.journal_file.write_text(line[:30])
        follower.poll()
        assert status(follower) == "waiting"
        folder.journal_file.write_text(line)
        follower.poll()
        assert status(follower) == "running"


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    folder = made(tmp_path)
    folder.journal_file.write_bytes(
        b"\xff\xfe\n{}\n" + to_json(scripted.started()).encode() + b"\n"
    )
    follower = RemoteRun(folder)
    with folder.lock(0.0):
        follower.poll()
    assert status(follower) == "running"


def test_a_phase_that_began_unseen_has_no_clock(tmp_path: Path) -> None:
    folder = made(tmp_path)
    journal = Journal(folder.journal_file)
    for event in scripted.running():
        journal.append(event)
    follower = RemoteRun(folder, clock=lambda: 1000.0)
    with folder.lock(0.0):
        while not follower.caught_up:
            follower.poll()
    assert follower.elapsed_in_phase() == 0.0


def test_pauses_of_another_process_are_noted(tmp_path: Path) -> None:
    folder = made(tmp_path)
    journal = Journal(folder.journal_file)
    follower = RemoteRun(folder)
    with folder.lock(0.0) as tell:
        for event in scripted.running():
            journal.append(event)
        follower.poll()
        tell("paused")
        follower.poll()
        tell("")
        follower.poll()
        tell("the disk is full")
        follower.poll()
        follower.poll()
    notes = [one.what for one in follower.snapshot.happened[-3:]]
    assert notes == ["paused", "went on", "waits: the disk is full"]
