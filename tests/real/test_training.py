"""The main job on real photos: prepare, train, read the figures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]


def bear_tui(*arguments: object) -> str:
    answer = subprocess.run(
        [sys.executable, "-m", "bear_tui", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def bears(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bear and not_bear, 40 a class held out."""
    out = tmp_path_factory.mktemp("real") / "bears"
    photos = shared / "photos"
    classes = [f"--class={name}={photos / name}" for name in ("bear", "not_bear")]
    bear_tui("prepare", "--out", out, *classes, "--hold-out", 40)
    return out


def train(data: Path, runs: Path, *arguments: object) -> dict[str, Any]:
    bear_tui("train", "--data", data, "--runs", runs, "--device", "cpu", *arguments)
    document: dict[str, Any] = json.loads(bear_tui("show", "last", "--runs", runs, "--json"))
    return document


@pytest.mark.parametrize(
    ("model", "file", "least"),
    [
        ("mobilenet_v2", "mobilenet_v2_deq-01d29a09.pth", 0.97),
        ("squeezenet1_1", "squeezenet1_1_ndf-b8112cc7.pth", 0.93),
    ],
)
def test_the_head_alone_tells_bears_from_the_rest(
    model: str, file: str, least: float, bears: Path, shared: Path, tmp_path: Path
) -> None:
    weights = shared / "weights" / file
    arguments = ("--model", model, "--weights", weights, "--unfreeze", "head", "--epochs", 5)
    shown = train(bears, tmp_path / "runs", *arguments)
    assert sum(one["support"] for one in shown["test"]["per_class"]) == 80
    assert shown["test"]["accuracy"] >= least


def test_the_last_stage_learns_too(bears: Path, shared: Path, tmp_path: Path) -> None:
    weights = next((shared / "weights").glob("mobilenet_v2*"))
    arguments = ("--model", "mobilenet_v2", "--weights", weights, "--unfreeze", "features.18")
    shown = train(bears, tmp_path / "runs", *arguments, "--epochs", 4)
    assert shown["test"]["accuracy"] >= 0.97


@pytest.mark.parametrize("model", ["mlp", "vgg16-scratch"])
def test_networks_from_scratch_beat_the_majority_class(
    model: str, bears: Path, tmp_path: Path
) -> None:
    epochs = 6 if model == "mlp" else 8
    shown = train(bears, tmp_path / "runs", "--model", model, "--epochs", epochs)
    photos = {name: len(list((bears / "train" / name).iterdir())) for name in ("bear", "not_bear")}
    majority = max(photos.values()) / sum(photos.values())
    best = max(row["validation_accuracy"] for row in shown["history"])
    assert best > majority


def test_a_trunk_file_loads_26_tensors_and_says_what_is_random(shared: Path) -> None:
    from bear_tui.engine.models import builder, weights

    path = shared / "weights" / "vgg16_features_hed-3e4f2201.pth"
    model = builder.build("vgg16", 2, 224)
    loaded = weights.load_into(model, weights.read_tensors(path), "vgg16", path)
    assert loaded.tensors == 26
    assert loaded.missing_from_weights == ("classifier",)
    assert "26 tensors loaded" in loaded.sentence("it")


def test_broken_checkpoints_are_refused_by_name(shared: Path) -> None:
    from bear_tui.engine.models import weights
    from bear_tui.errors import BadInput

    broken = sorted((shared / "awkward" / "weights").iterdir())
    assert broken
    for path in broken:
        with pytest.raises(BadInput, match=path.name):
            weights.read_tensors(path)
