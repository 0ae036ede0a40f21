"""Checkpoints that are written while the training goes on, faster than the disk if need be."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from bear_tui.engine.models import checkpoint
from bear_tui.engine.models.checkpoint import Checkpoint, Progress
from bear_tui.engine.training.saver import Saver, in_order
from bear_tui.errors import Failure
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder

SLOW = 0.05


def content(epoch: int) -> Checkpoint:
    weights = {"weight": torch.full((3,), float(epoch))}
    return Checkpoint("mlp", ("a", "b"), 8, "f00d", weights, {}, Progress(epoch))


def epoch_of(path: Path) -> int:
    saved = checkpoint.load(path)
    assert saved.model["weight"][0] == saved.progress.epoch
    return saved.progress.epoch


@pytest.fixture
def saver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Saver:
    """One whose disk is slow."""
    folder = RunFolder(tmp_path / "run")
    folder.checkpoints.mkdir(parents=True)
    real = checkpoint.save

    def slow(path: Path, content: Checkpoint, before: Path | None = None) -> None:
        time.sleep(SLOW)
        real(path, content, before)

    monkeypatch.setattr(checkpoint, "save", slow)
    return Saver(folder, Control())


def test_epochs_faster_than_the_disk_wait_for_nothing_and_lose_nothing(
    saver: Saver, tmp_path: Path
) -> None:
    """20 epochs; the best is the 7th."""
    on_disk = tmp_path / "run" / "checkpoints"
    longest = 0.0

    def training() -> Iterator[e.Event]:
        nonlocal longest
        for epoch in range(1, 21):
            begun = time.perf_counter()
            saver.begin(content(epoch), is_best=epoch in (1, 3, 7))
            longest = max(longest, time.perf_counter() - begun)
            yield e.CheckpointSaved(epoch, saver.path)
            time.sleep(SLOW / 5)

    told = []
    for event in in_order(training(), saver):
        assert isinstance(event, e.CheckpointSaved)
        told.append(event.epoch)
        assert epoch_of(on_disk / "last.pt") >= event.epoch, "told before it was true"
    assert told == list(range(1, 21))
    assert longest < SLOW
    assert saver.written == 20
    assert epoch_of(on_disk / "last.pt") == 20
    assert epoch_of(on_disk / "best.pt") == 7


def test_a_write_that_fails_is_raised_where_the_training_waits_and_tells_nothing(
    saver: Saver, tmp_path: Path
) -> None:
    def training() -> Iterator[e.Event]:
        for epoch in range(1, 100):
            saver.begin(content(epoch))
            yield e.CheckpointSaved(epoch, saver.path)
            time.sleep(SLOW / 5)

    (tmp_path / "run" / "checkpoints").rmdir()
    told = in_order(training(), saver)
    with pytest.raises(Failure, match="no such file or folder"):
        next(told)


def test_where_no_thread_can_be_started_the_training_writes_itself(
    saver: Saver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    saver.begin(content(3), is_best=True)
    assert epoch_of(tmp_path / "run" / "checkpoints" / "last.pt") == 3
    assert epoch_of(tmp_path / "run" / "checkpoints" / "best.pt") == 3
    saver.finish()
    assert saver.written == 1
