"""Two processes on a CPU, started as on a machine with two GPUs."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from bear_tui.engine.compute.distributed import shard
from bear_tui.engine.fit import fit
from bear_tui.engine.models import builder, checkpoint
from bear_tui.recipe import Recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs

pytestmark = pytest.mark.slow

_ALONE = [sys.executable, "-m", "bear_tui"]
_TOGETHER = [
    sys.executable,
    *("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
    *("-m", "bear_tui"),
]


def run(start: list[str], recipe: Recipe, folder: Path, *more: str) -> RunFolder:
    folder.mkdir()
    (folder / "recipe.toml").write_text(to_toml(recipe))
    command = [*start, "train", "--recipe", str(folder / "recipe.toml")]
    answer = subprocess.run(
        [*command, "--runs", str(folder / "runs"), *more],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    (found,) = all_runs(folder / "runs")
    return found


def shown(folder: RunFolder) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(folder.results_file.read_text())
    return document


def together(recipe: Recipe, folder: RunFolder, *more: str) -> None:
    """Train in two processes, without the command line."""
    file = folder.path.with_suffix(".toml")
    file.write_text(to_toml(recipe))
    command = [*_TOGETHER[:-1], "tests.engine.trainers", str(file), str(folder.path), *more]
    subprocess.run(command, check=True, timeout=120)


def same_history(one: RunFolder, two: RunFolder) -> None:
    for alone, both in zip(shown(one)["history"], shown(two)["history"], strict=True):
        for key in ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"):
            assert both[key] == pytest.approx(alone[key], rel=1e-4), key


def test_two_processes_learn_what_one_learns(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    # 40 photos in batches of 9: the last has four, which two processes share.
    recipe = recipe_for(batch_size=9, augment="none", optimizer="sgd", learning_rate=0.02)
    one = run(_ALONE, recipe, tmp_path / "one")
    two = run(_TOGETHER, recipe, tmp_path / "two")
    same_history(one, two)
    first, second = shown(one)["test"], shown(two)["test"]
    assert second["loss"] == pytest.approx(first["loss"], rel=1e-4)
    assert second["confusion_matrix"] == first["confusion_matrix"]
    paths = [[row[0] for row in csv.reader(f.predictions_file.open())] for f in (one, two)]
    assert paths[0] == paths[1]
    names = {path.name for path in two.path.iterdir()}
    assert names == {path.name for path in one.path.iterdir()}


def test_a_stop_of_one_ends_both_and_the_run_goes_on_alone(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    recipe = recipe_for(batch_size=8, epochs=2000, scheduler="none", augment="none")
    (tmp_path / "recipe.toml").write_text(to_toml(recipe))
    runs = tmp_path / "runs"
    command = [*_TOGETHER, "train", "--recipe", str(tmp_path / "recipe.toml"), "--runs", str(runs)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while not (runs.is_dir() and any(f.state().epochs_done for f in all_runs(runs))):
            assert time.monotonic() < end
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.2)
        # To a helper, not to the one that writes the run.
        os.kill(_helper(process.pid), signal.SIGTERM)
        process.communicate(timeout=60)
    (stopped,) = all_runs(runs)
    state = stopped.state()
    assert (state.status, state.message) == ("stopped", "terminated")
    told = [row.train_accuracy for row in state.history if row.train_accuracy is not None]
    assert all(share <= 1 for share in told)
    epochs = str(state.epochs_done + 2)
    answer = subprocess.run(
        [*_ALONE, "resume", "last", "--runs", str(runs), "--epochs", epochs],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert stopped.state().status == "completed"


def test_two_processes_change_and_mix_photos_as_one_does(
    recipe_for: Callable[..., Recipe], photos: Path, tmp_path: Path
) -> None:
    shutil.copytree(photos, tmp_path / "data")
    # What is drawn for the others does not depend on who has met this one.
    (tmp_path / "data" / "train" / "red" / "003.png").write_bytes(b"no photo")
    recipe = recipe_for(
        data=str(tmp_path / "data"),
        batch_size=9,
        augment="standard",
        mixup=0.4,
        optimizer="sgd",
        learning_rate=0.02,
    )
    one, two = RunFolder(tmp_path / "one"), RunFolder(tmp_path / "two")
    list(fit(recipe, one, Control()))
    together(recipe, two)
    same_history(one, two)


def test_two_processes_keep_the_views_that_one_keeps(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    torch.manual_seed(3)
    weights = tmp_path / "resnet18.pth"  # drops nothing at random
    torch.save(builder.build("resnet18", 10, 32).state_dict(), weights)
    recipe = recipe_for(
        model="resnet18",
        weights=str(weights),
        unfreeze="head",
        image_size=32,
        batch_size=9,
        augment="light",
        views=2,
    )
    one, two = RunFolder(tmp_path / "one"), RunFolder(tmp_path / "two")
    list(fit(recipe, one, Control()))
    together(recipe, two)
    same_history(one, two)
    assert checkpoint.load(two.checkpoints / "last.pt").views == 2


def test_two_processes_save_midway_and_learn_what_one_learns(
    recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    recipe = recipe_for(
        batch_size=4, augment="none", scheduler="none", optimizer="sgd", learning_rate=0.02
    )
    one, two = RunFolder(tmp_path / "one"), RunFolder(tmp_path / "two")
    list(fit(recipe, one, Control()))
    together(recipe, two, "--midway")
    same_history(one, two)
    assert checkpoint.load(one.checkpoints / "previous.pt").progress.step == 0
    assert checkpoint.load(two.checkpoints / "previous.pt").progress.step > 0, "midway"


def test_two_processes_go_on_with_photos_that_have_changed(
    recipe_for: Callable[..., Recipe], photos: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(photos, data)
    found = run(_ALONE, recipe_for(data=str(data), epochs=1), tmp_path / "one")
    first, *_ = sorted((data / "train" / "red").iterdir())
    first.unlink()
    resume = [*_TOGETHER, "resume", str(found.path), "--epochs", "2"]
    answers = [
        subprocess.run([*resume, *more], capture_output=True, text=True, timeout=120, check=False)
        for more in ([], ["--accept-changes"])
    ]
    assert "the photos have changed" in answers[0].stderr
    assert [answer.returncode for answer in answers] == [1, 0], answers[1].stderr
    assert found.state().epochs_done == 2


def _helper(parent: int) -> int:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            environment = (stat.parent / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(fields[1]) == parent and b"RANK=1" in environment:
            return int(stat.parent.name)
    raise AssertionError("the second process is not there")


def test_every_photo_is_one_processes_and_nobody_is_idle() -> None:
    batch = list(range(9))
    assert sorted(shard(batch, 0, 2) + shard(batch, 1, 2)) == batch
    assert shard([4, 7, 9], 1, 2) == [4, 7, 9]
    assert shard([4], 0, 1) == [4]
