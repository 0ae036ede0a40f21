"""What else happens to runs: a folder made read-only, a clock set back, two trainers, a pause."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_events
from bear_tui.run.runs import all_runs

MakeRecipe = Callable[..., Recipe]


@contextmanager
def training(recipe: Recipe, folder: RunFolder, *before: str) -> Iterator[subprocess.Popen[str]]:
    """A real trainer, once it has told that it learns; killed at the end."""
    file = folder.path.parent / "recipe.toml"
    file.write_text(to_toml(recipe))
    command = [*before, sys.executable, "-m", "tests.engine.trainers", str(file), str(folder.path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as trainer:
        try:
            assert trainer.stdout is not None
            for line in trainer.stdout:
                if "CheckpointSaved" in line:
                    break
            yield trainer
        finally:
            trainer.kill()


def told(folder: RunFolder) -> list[e.Event]:
    return list(read_events(folder.journal_file))


@pytest.mark.slow
def test_a_run_folder_made_read_only_midway_says_so_and_goes_on_once_it_is_not(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder, recipe = RunFolder(tmp_path / "run"), recipe_for(epochs=100_000, scheduler="none")
    as_anyone: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write anywhere, and `setpriv` is not here to take that away")
        as_anyone = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    with training(recipe, folder, *as_anyone) as trainer:
        for path in (folder.path, folder.checkpoints):
            path.chmod(0o500)
        try:
            rest, errors = trainer.communicate(timeout=30)
        finally:
            for path in (folder.path, folder.checkpoints):
                path.chmod(0o700)
    assert trainer.returncode == 0, errors
    last = told(folder)[-1]
    assert isinstance(last, e.RunFailed)
    assert "permission denied" in last.error
    assert str(folder.checkpoints) in last.error
    assert rest.splitlines()[-1] == e.to_json(last)
    done = folder.state().epochs_done
    more = replace(recipe, epochs=done + 1)
    assert list(fit(more, folder, Control()))[-1] == e.RunCompleted()


def test_a_clock_that_is_set_back_harms_nothing(
    recipe_for: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, recipe = RunFolder(tmp_path / "run"), recipe_for(epochs=2)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    for event in fit(recipe, folder, Control()):
        if isinstance(event, e.EpochCompleted):
            now -= 86400.0  # a day back in each epoch
    for path in folder.path.rglob("*"):
        os.utime(path, (now + 1e8, now + 1e8))
    later = fit(replace(recipe, epochs=3), folder, Control())
    assert list(later)[-1] == e.RunCompleted()
    state = folder.state()
    assert state.epochs_done == 3
    assert all(row.seconds >= 0 for row in state.history)
    assert all_runs(tmp_path) == [folder]


@pytest.mark.slow
def test_a_second_trainer_is_refused_and_the_first_goes_on(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder, recipe = RunFolder(tmp_path / "run"), recipe_for(epochs=100_000)
    with training(recipe, folder) as trainer:
        with pytest.raises(Failure, match=rf"process {trainer.pid} on \S+ trains this run already"):
            list(fit(recipe, folder, Control()))
        command = [sys.executable, "-m", "bear_tui", "resume", str(folder.path)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert answer.returncode == 1
        assert f"process {trainer.pid} on" in answer.stderr
        assert len(answer.stderr.splitlines()) == 1
        before = folder.state().epochs_done
        end = time.monotonic() + 20
        while folder.state().epochs_done == before:
            assert time.monotonic() < end, "the first was disturbed"
            time.sleep(0.05)
        assert folder.trainer().process == str(trainer.pid)


@pytest.mark.slow
def test_stopped_and_continued_a_trainer_goes_on(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with training(recipe_for(epochs=100_000), folder) as trainer:
        trainer.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        size = folder.journal_file.stat().st_size
        time.sleep(0.3)
        assert folder.journal_file.stat().st_size == size
        assert folder.being_trained(), "nobody else may take it meanwhile"
        trainer.send_signal(signal.SIGCONT)
        end = time.monotonic() + 20
        while folder.journal_file.stat().st_size == size:
            assert time.monotonic() < end
            time.sleep(0.02)
