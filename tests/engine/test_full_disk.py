"""A disk that is full: the run waits, says so to every viewer, and goes on when there is room."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.recipe import Recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run import events as e
from bear_tui.run.control import Control, ask
from bear_tui.run.disk_full import write_when_possible
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal, read_events
from tests.engine.test_resume import assert_same

pytestmark = pytest.mark.slow  # together more than half a minute


MakeRecipe = Callable[..., Recipe]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here; the limit on file sizes is tested")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all room on the disk but `leave` bytes."""
    filler = disk / "filler"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    filler.write_bytes(bytes(max(0, free - leave)))
    return filler


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def waiting(folder: RunFolder) -> bool:
    return folder.path.is_dir() and folder.state().status == "paused"


@contextmanager
def start(recipe: Recipe, folder: RunFolder, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A real trainer on that folder, ended at the end."""
    file = folder.path.parent.parent / "recipe.toml"
    file.write_text(to_toml(recipe))
    command = [sys.executable, "-m", "tests.engine.trainers", str(file), str(folder.path), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as trainer:
        try:
            yield trainer
        finally:
            trainer.kill()


@pytest.mark.slow
def test_on_a_full_disk_a_run_waits_and_goes_on_when_there_is_room(
    recipe_for: MakeRecipe, tmp_path: Path, small_disk: Path
) -> None:
    unharmed, folder = RunFolder(tmp_path / "whole"), RunFolder(small_disk / "run")
    recipe = recipe_for(epochs=3)  # checkpoints of 0.2 and 0.7 MB
    list(fit(recipe, unharmed, Control()))
    filler = fill(small_disk, leave=300_000)
    with start(recipe, folder) as trainer:
        wait_until(lambda: waiting(folder))
        assert "the training waits and goes on when there is room" in folder.state().message
        assert [path.name for path in folder.checkpoints.iterdir()] == ["best.pt"]
        assert e.EpochCompleted(1, True) in list(read_events(folder.journal_file))
        assert not any(isinstance(ev, e.CheckpointSaved) for ev in read_events(folder.journal_file))
        filler.unlink()
        time.sleep(0.1)
        wait_until(lambda: folder.state().status != "paused")
        # The second of the large ones finds no room beside the first.
        wait_until(lambda: waiting(folder) or trainer.poll() is not None)
        subprocess.run(["mount", "-o", "remount,size=9m", str(small_disk)], check=True)
        assert trainer.stdout is not None
        told = trainer.stdout.read().splitlines()
    assert told[-1] == e.to_json(e.RunCompleted())
    assert told == folder.journal_file.read_text().splitlines()
    assert_same(unharmed, folder)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pt2", "onnx", "safetensors"])
def test_an_export_to_a_full_disk_is_a_sentence_and_leaves_nothing(
    kind: str, recipe_for: MakeRecipe, tmp_path: Path, small_disk: Path
) -> None:
    if kind == "onnx":
        pytest.importorskip("onnxruntime")
    run = RunFolder(tmp_path / "runs" / "run")
    list(fit(recipe_for(epochs=1), run, Control()))
    fill(small_disk, leave=20_000)  # the weights take 100 kB
    out = small_disk / f"model.{kind}"
    command = [sys.executable, "-m", "bear_tui", "export", str(run.path), "--to", kind]
    done = subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    sentence = f"bear-tui: {out}: the disk is full; free some space and try again."
    assert done.stderr.splitlines()[-1] == sentence
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


@pytest.mark.slow
def test_a_limit_on_the_size_of_files_is_waited_out_too(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    folder = RunFolder(tmp_path / "runs" / "run")
    with start(recipe_for(epochs=1), folder, "--file-size", "60000") as trainer:
        wait_until(lambda: waiting(folder))
        assert "best.pt" in folder.state().message
        assert not list(folder.checkpoints.iterdir())
        resource.prlimit(trainer.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert trainer.wait(60) == 0
    assert folder.state().status == "completed"


@pytest.mark.slow
def test_a_run_that_waits_for_room_can_be_stopped_and_gone_on_with(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    folder, recipe = RunFolder(tmp_path / "runs" / "run"), recipe_for(epochs=1)
    with start(recipe, folder, "--file-size", "60000") as trainer:
        wait_until(lambda: waiting(folder))
        ask(folder.control_file, "stop")
        assert trainer.wait(20) == 0
    assert folder.state().status == "failed"
    assert "best.pt" in folder.state().message
    assert list(fit(recipe, folder, Control()))[-1] == e.RunCompleted()


def test_a_journal_line_waits_for_room_and_is_written_once(small_disk: Path) -> None:
    journal = Journal(small_disk / "events.jsonl")
    event = e.StepCompleted(1, "train", 1, 0.5, 0.5, 0.1, 32.0)
    filler = fill(small_disk)
    written = 0
    while True:  # to the end of the block that the file has
        try:
            journal.append(event)
        except OSError:
            break
        written += 1
    content = (small_disk / "events.jsonl").read_bytes()
    assert content == (e.to_json(event).encode() + b"\n") * written, "no half line"

    class Freeing(Control):
        """Makes room while the writer waits."""

        def wait(self, why: str, seconds: float) -> str:  # noqa: ARG002
            assert "the disk is full" in why
            filler.unlink()
            return ""

    write_when_possible(lambda: journal.append(event), Freeing())
    journal.close()
    assert list(read_events(small_disk / "events.jsonl")) == [event] * (written + 1)
