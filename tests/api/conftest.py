"""A small dataset, and a run that was trained on it from Python."""

from pathlib import Path

import pytest

import bear_tui
from bear_tui.api.settings import Settings
from tests.engine.conftest import draw_photos

QUICK: Settings = {
    "model": "mlp",
    "image_size": 8,
    "epochs": 2,
    "batch_size": 8,
    "device": "cpu",
}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A split dataset of two easy classes: 16 + 16 to train on, 4 + 4 to test."""
    root = tmp_path_factory.mktemp("api") / "photos"
    for split, count in (("train", 16), ("test", 4)):
        draw_photos(root / split / "red", count, (190, 70, 70), count)
        draw_photos(root / split / "green", count, (70, 190, 70), count + 1)
    return root


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> bear_tui.Run:
    """A finished run of two epochs."""
    return bear_tui.train(photos, runs=tmp_path_factory.mktemp("runs"), **QUICK)
