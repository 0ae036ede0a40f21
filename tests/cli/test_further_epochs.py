"""More epochs of a finished run: which rate they learn at, and that it is said and kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from bear_tui.cli import main
from tests.engine.conftest import draw_photos


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("photos")
    for split, count in (("train", 16), ("test", 3)):
        draw_photos(root / split / "red", count, (190, 70, 70), count)
        draw_photos(root / split / "green", count, (70, 190, 70), count + 1)
    return root


class Runs:
    """A run of two epochs of a cosine, and what commands say of it."""

    def __init__(self, photos: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        model = ("--model", "mlp", "--image-size", "8", "--device", "cpu", "--batch-size", "4")
        self("train", "--data", str(photos), *model, "--epochs", "2", "--lr", "0.001")

    def __call__(self, *arguments: str, status: int = 0) -> str:
        assert main([*arguments, "--runs", str(self._folder)]) == status
        return "".join(self._capsys.readouterr())

    def shown(self) -> dict[str, Any]:
        self._capsys.readouterr()
        assert main(["show", "last", "--json", "--runs", str(self._folder)]) == 0
        document: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return document


@pytest.fixture
def runs(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runs:
    return Runs(photos, tmp_path / "runs", capsys)


@pytest.mark.parametrize("option", [(), ("--rate", "keep")])
def test_more_epochs_go_on_at_the_low_rate(option: tuple[str, ...], runs: Runs) -> None:
    low = runs.shown()["history"][-1]["learning_rate"]
    told = runs("resume", "last", "--epochs", "4", *option)
    assert "4 epochs in all, held: the schedule had ended" in told
    document = runs.shown()
    assert document["changes"] == [{"epoch": 3, "step": 0, "learning_rate": low, "epochs": 4}]
    assert [row["learning_rate"] for row in document["history"]][2:] == [low, low]


def test_a_restart_begins_with_the_full_rate_again_and_everything_tells_it(runs: Runs) -> None:
    told = runs("resume", "last", "--epochs", "4", "--rate", "restart")
    assert "learning rate 0.001, 4 epochs in all, the schedule restarted from there" in told
    document = runs.shown()
    assert document["changes"] == [{"epoch": 3, "step": 0, "learning_rate": 0.001, "epochs": 4}]
    rates = [row["learning_rate"] for row in document["history"]]
    assert rates[2:] == pytest.approx(rates[:2])
    shown = runs("show", "last")
    assert "adam at 0.001 (cosine)" in shown
    assert "changed in epoch 3: learning rate 0.001, 4 epochs in all" in shown
    assert "4/4*" in runs("runs")


def test_a_rate_without_epochs_is_refused(runs: Runs) -> None:
    assert "--rate restart: it belongs to --epochs N" in runs(
        "resume", "last", "--rate", "restart", status=2
    )
