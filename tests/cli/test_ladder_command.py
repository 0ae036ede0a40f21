"""`ladder` from photos to its table, in a real process."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from bear_tui.engine.models import builder
from tests.engine.conftest import draw_photos

pytestmark = pytest.mark.slow  # together more than half a minute


@pytest.mark.slow
def test_four_runs_on_one_split_and_a_lesson(tmp_path: Path) -> None:
    for split, count in (("train", 12), ("test", 4)):
        draw_photos(tmp_path / "data" / split / "red", count, (190, 70, 70), 1)
        draw_photos(tmp_path / "data" / split / "green", count, (70, 190, 70), 2)
    weights = tmp_path / "weights.pth"
    torch.save(builder.build("squeezenet1_1", 1000, 224).state_dict(), weights)
    command = ["ladder", "--data", tmp_path / "data", "--model", "squeezenet1_1", "--json"]
    command += ["--weights", weights, "--epochs", 1, "--device", "cpu", "--runs", tmp_path / "runs"]
    whole = [sys.executable, "-m", "bear_tui", *map(str, command)]
    # Broken off in its second rung, and gone on with there.
    with subprocess.Popen(whole, stderr=subprocess.PIPE, text=True) as broken_off:
        assert broken_off.stderr is not None
        for line in broken_off.stderr:
            if "rung 2 of 4" in line:
                time.sleep(0.2)
                broken_off.send_signal(signal.SIGUSR2)
                break
        broken_off.stderr.read()
    assert broken_off.returncode == 3
    answer = subprocess.run(whole, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "resuming the ladder of ladder-1-mlp" in answer.stderr
    assert "rung 1 of 4" not in answer.stderr, "it is done"
    document = json.loads(answer.stdout)
    assert [one["run"].rsplit("-", 1)[0] for one in document["runs"]] == [
        "ladder-1-mlp",
        "ladder-2-scratch",
        "ladder-3-head",
        "ladder-4-more",
    ]
    assert len({one["dataset_fingerprint"] for one in document["runs"]}) == 1
    assert [pair["photos"] for pair in document["pairs"]] == [8] * 6
    assert len(document["lesson"]) == 5
    assert answer.stderr.count("tensors loaded from") == 2, "each run's messages, once"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--weights", "none"], "pretrained"),
        (["--weights", "/no/such.pth"], "/no/such.pth"),
        (["--model", "mlp"], "pretrained"),
        (["--epochs", "0"], "--epochs"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_rung(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    draw_photos(tmp_path / "data" / "red", 8, (190, 70, 70), 1)
    draw_photos(tmp_path / "data" / "green", 8, (70, 190, 70), 2)
    weights = tmp_path / "weights.pth"
    weights.touch()
    command = ["ladder", "--data", str(tmp_path / "data"), "--weights", str(weights), *arguments]
    answer = subprocess.run(
        [sys.executable, "-m", "bear_tui", *command, "--runs", str(tmp_path / "runs")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2, answer.stderr
    assert words in answer.stderr
    assert not (tmp_path / "runs").exists()
