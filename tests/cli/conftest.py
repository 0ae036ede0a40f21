"""Photos with hostile names, and a folder of runs whose trainers do not outlive a test."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bear_tui.run.runs import all_runs
from tests.engine.conftest import draw_photos


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("leaving") / "photos"
    for split, count in (("train", 24), ("test", 6)):
        draw_photos(root / split / "[red]", count, (190, 70, 70), count)
        draw_photos(root / split / "a\x1b]0;x\x07b", count, (70, 190, 70), count + 1)
    # A file name that is no UTF-8.
    (root / "train/[red]/000.png").rename(root / "train/[red]" / os.fsdecode(b"\xe9.png"))
    return root


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    """A folder of runs; trainers that are left on it are killed."""
    yield tmp_path / "runs"
    for folder in all_runs(tmp_path / "runs"):
        if folder.being_trained():
            with suppress(ProcessLookupError, ValueError):
                os.kill(int(folder.trainer().process), signal.SIGKILL)
