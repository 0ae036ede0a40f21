"""Killed at any moment, a run loses nothing that was shown as done, and ends as if never killed."""

import random
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.engine.models import checkpoint
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.test_resume import assert_same
from tests.engine.trainers import start

MakeRecipe = Callable[..., Recipe]

TRIES = 20


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a file, without a half-written last one."""
    content = path.read_bytes() if path.is_file() else b""
    return content[: content.rfind(b"\n") + 1].splitlines()


@pytest.mark.slow
def test_kill_9_loses_no_acknowledged_event_and_the_run_ends_the_same(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    # 64 pixels make checkpoints of 10 MB: writing one takes long enough to be hit.
    recipe = recipe_for(epochs=50, image_size=64, batch_size=4)
    unharmed, folder = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "run")
    list(fit(recipe, unharmed, Control()))
    acknowledged = tmp_path / "acknowledged"
    hit_midway = hit_in_save = 0
    chance = random.Random(5)
    for number in range(TRIES):
        told = len(whole_lines(folder.journal_file))
        acknowledged.write_bytes(b"")
        process = start(recipe, folder.path, acknowledged)
        _wait(lambda: len(whole_lines(folder.journal_file)) > told, process)  # noqa: B023
        if number % 2:
            _wait(lambda: any(folder.checkpoints.glob(".*.part")), process)
        else:
            time.sleep(chance.uniform(0.0, 0.15))
        process.kill()
        process.join()
        hit_midway += process.exitcode == -9
        hit_in_save += any(folder.checkpoints.glob(".*.part"))
        acted_on = whole_lines(acknowledged)
        assert whole_lines(folder.journal_file)[told : told + len(acted_on)] == acted_on
        assert folder.state().status in ("interrupted", "completed")
        checkpoint.load_latest(folder.checkpoints)
    assert hit_midway == TRIES, "each found it at work"
    assert hit_in_save >= TRIES // 5
    print(f"{TRIES} kills, {hit_midway} of a running trainer, {hit_in_save} within a save")
    process = start(recipe, folder.path, acknowledged)
    process.join(60)
    assert process.exitcode == 0
    assert folder.state().status == "completed"
    assert_same(unharmed, folder)


def _wait(condition: Callable[[], bool], process: ForkServerProcess) -> None:
    end = time.monotonic() + 60
    while process.is_alive() and not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.0005)
