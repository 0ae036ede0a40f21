"""What `train`, `check` and `show` say of few photos and of uneven classes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bear_tui.cli import main
from tests.engine.conftest import draw_photos


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("uneven")
    for split, red, green in (("train", 20, 4), ("test", 3, 3)):
        draw_photos(root / split / "red", red, (190, 70, 70), len(split))
        draw_photos(root / split / "green", green, (70, 190, 70), len(split) + 10)
    return root


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    from bear_tui.engine.models import builder

    path = tmp_path_factory.mktemp("weights") / "squeezenet1_1.pth"
    torch.save(builder.build("squeezenet1_1", 10, 32).state_dict(), path)
    return path


def begun(data: Path, weights: Path, runs: Path, *options: str) -> tuple[int, str]:
    """The epochs that a training begins with, and what it says; it is ended then."""
    command = [sys.executable, "-m", "bear_tui", "train", "--data", str(data), "--runs", str(runs)]
    command += ["--model", "squeezenet1_1", "--weights", str(weights), "--image-size", "32"]
    with subprocess.Popen(
        [*command, "--device", "cpu", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        process.terminate()
        _, said = process.communicate(timeout=60)
    epochs: int = started["epochs"]
    return epochs, said


def test_a_head_on_few_photos_takes_enough_steps_and_says_so(
    uneven: Path, weights: Path, tmp_path: Path
) -> None:
    epochs, said = begun(uneven, weights, tmp_path / "runs")
    assert epochs == 300
    assert "300 epochs of 1 step" in said
    assert "--epochs N trains N" in said
    assert "Uneven classes" in said
    assert "--class-weights balanced" in said


def test_epochs_that_are_named_are_taken_as_they_are(
    uneven: Path, weights: Path, tmp_path: Path
) -> None:
    options = ("--epochs", "7", "--class-weights", "balanced")
    epochs, said = begun(uneven, weights, tmp_path / "runs", *options)
    assert epochs == 7
    assert "epochs of" not in said
    assert "Uneven classes" not in said


def test_check_says_that_classes_are_uneven(
    uneven: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(uneven)]) == 0
    said = capsys.readouterr().err
    assert "20 training photos of red, 4 of green" in said
    assert "--class-weights balanced" in said


def test_show_says_that_classes_were_uneven(uneven: Path, tmp_path: Path) -> None:
    train = ["train", "--data", str(uneven), "--model", "mlp", "--image-size", "8"]
    runs = ["--runs", str(tmp_path / "runs")]
    assert main([*train, *runs, "--epochs", "1", "--device", "cpu"]) == 0
    (results,) = (tmp_path / "runs").glob("*/results.json")
    notes = json.loads(results.read_text())["notes"]
    # Some are set aside to validate with.
    assert any("Uneven classes: 17 training photos of red, 3 of green" in one for one in notes)
