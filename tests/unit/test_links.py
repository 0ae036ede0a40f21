"""Others may write into a folder of runs: no link in it leads what is written elsewhere."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bear_tui.errors import Failure
from bear_tui.files import atomic, empty, open_to_append, open_to_read, write_text
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import ask
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.queue_store import QueueStore

RECIPE = default_recipe("/photos", "mlp")
PRECIOUS = b"precious " * 1000


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "runs" / "run-1a")
    made.create(RECIPE)
    return made


def take_the_lock(folder: RunFolder) -> None:
    with folder.lock(1.0):
        pass


def wait_in_turn(folder: RunFolder) -> None:
    QueueStore(folder.path.parent).add(RECIPE)


WRITERS: dict[str, Callable[[RunFolder], object]] = {
    "lock": take_the_lock,
    "events.jsonl": lambda folder: Journal(folder.journal_file).close(),
    "control.jsonl": lambda folder: ask(folder.control_file, "stop"),
    "control.jsonl ": lambda folder: empty(folder.control_file),
    "log.txt": lambda folder: open_to_append(folder.log_file).write(b"x"),
    "../.queue/lock": wait_in_turn,
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("kind", ["link", "dangling", "fifo", "folder"])
def test_what_stands_in_the_place_of_a_file_is_refused_and_not_written_through(
    name: str, kind: str, folder: RunFolder, tmp_path: Path
) -> None:
    target, path = tmp_path / "precious", folder.path / name.strip()
    path.parent.mkdir(exist_ok=True)
    match kind:
        case "link":
            target.write_bytes(PRECIOUS)
            path.symlink_to(target)
        case "dangling":
            path.symlink_to(target)
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
    with pytest.raises((Failure, OSError)):
        WRITERS[name](folder)
    if kind == "link":
        assert target.read_bytes() == PRECIOUS
    assert target.exists() is (kind == "link")


def test_a_queue_that_is_a_link_is_refused(folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder.path.parent / ".queue").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Failure, match="a link stands where"):
        wait_in_turn(folder)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_that_is_replaced_takes_the_place_of_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(PRECIOUS)
    (tmp_path / "recipe.toml").symlink_to(tmp_path / "precious")
    write_text(tmp_path / "recipe.toml", "new")
    assert (tmp_path / "precious").read_bytes() == PRECIOUS
    assert not (tmp_path / "recipe.toml").is_symlink()


@pytest.mark.parametrize(("mask", "mode"), [(0o002, 0o664), (0o027, 0o640), (0o077, 0o600)])
def test_every_file_of_a_run_has_the_mode_that_the_umask_gives(
    mask: int, mode: int, folder: RunFolder
) -> None:
    before = os.umask(mask)
    try:
        for name, write in WRITERS.items():
            (folder.path / name.strip()).unlink(missing_ok=True)
            write(folder)
        with atomic(folder.results_file) as file:
            file.write(b"{}")
        for path in (*folder.path.glob("*.*"), *folder.path.parent.glob(".queue/*")):
            if path != folder.recipe_file:
                assert stat.S_IMODE(path.stat().st_mode) == mode, path
    finally:
        os.umask(before)


def test_nothing_is_waited_for_where_a_fifo_stands(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="FIFO"):
        open_to_read(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(OSError, match="FIFO"):
            open_to_append(tmp_path / "fifo")
    finally:
        os.close(reader)


@pytest.mark.parametrize("year", [2031, 2500, 1990])
def test_a_lock_with_a_date_that_cannot_be_keeps_nobody_out(year: int, folder: RunFolder) -> None:
    folder.lock_file.write_text('{"pid": 4711, "host": "gpu3", "started": 1.0, "waiting": ""}')
    moment = (year - 1970) * 365.25 * 86400
    os.utime(folder.lock_file, (moment, moment))
    assert not folder.being_trained()
    take_the_lock(folder)
