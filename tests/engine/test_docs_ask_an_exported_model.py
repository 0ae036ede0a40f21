"""The program in docs/export.md, as it stands there, says what `predict` says."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bear_tui import cli
from bear_tui.engine.fit import fit
from bear_tui.engine.inference.export import export
from bear_tui.recipe import Framing, Interpolation, Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder

PAGE = Path(__file__).parents[2] / "docs" / "export.md"
SIZES = ((120, 80), (81, 120), (64, 64), (33, 20), (90, 31))


def program(folder: Path) -> Path:
    (found,) = re.findall(r"```python\n(# ask\.py\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (folder / "ask.py").write_text(found, "utf-8")
    return folder / "ask.py"


@pytest.fixture
def wild(tmp_path: Path) -> Path:
    """Photos of odd sizes: colourful, turned, transparent, grey of 8 to 16 bits, with a palette."""
    folder = tmp_path / "wild"
    folder.mkdir()
    for seed, (width, height) in enumerate(SIZES):
        patches = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
        image = Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)
        image.save(folder / f"{seed}.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    with Image.open(folder / "0.png") as image:
        image.save(folder / "turned.jpg", exif=turned, quality=95)
        image.convert("L").save(folder / "grey.png")
        bright = np.asarray(image.convert("L"), np.uint16)
        for bits in (10, 16):
            Image.fromarray(bright * ((2**bits - 1) // 255)).save(folder / f"grey {bits} bits.png")
        image.quantize(16).save(folder / "palette.gif")
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        image.save(folder / "clear.png")
    return folder


def trained(recipe: Recipe, runs: Path) -> RunFolder:
    run = RunFolder(runs / "run")
    list(fit(recipe, run, Control()))
    return run


def says(program: Path, model: Path, photo: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, program, model, photo],
        capture_output=True,
        text=True,
        check=False,
        cwd=program.parent,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    return found


def predicted(run: RunFolder, folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    runs = str(run.path.parent)
    assert cli.main(["predict", "run", str(folder), "--runs", runs, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("kind", "framing", "interpolation"),
    [
        ("onnx", "crop", "bilinear"),
        ("onnx", "pad", "bilinear"),
        ("onnx", "crop", "bicubic"),
        # Each photo's process imports torch.
        pytest.param("pt2", "crop", "bilinear", marks=pytest.mark.slow),
        pytest.param("pt2", "pad", "bicubic", marks=pytest.mark.slow),
    ],
)
def test_the_program_on_the_page_says_what_predict_says(
    kind: str,
    framing: Framing,
    interpolation: Interpolation,
    head_on_frozen_body: Callable[..., Recipe],
    wild: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if kind == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("onnxscript")
    fields: dict[str, object] = {"framing": framing, "interpolation": interpolation}
    recipe = head_on_frozen_body(epochs=1, **fields)
    run = trained(recipe, tmp_path / "runs")
    model = tmp_path / f"bears.{kind}"
    export(run, kind, model)
    ask = program(tmp_path)
    answers = predicted(run, wild, capsys)
    assert len(answers) == 11
    for one in answers[:: 1 if kind == "onnx" else 4]:  # torch takes long to load
        found = says(ask, model, Path(one["path"]))
        assert found == pytest.approx(one["probabilities"], abs=1e-4), one["path"]
