"""The blocks of docs/python.md, run one after the other as they stand there."""

import re
import shutil
from pathlib import Path

import pytest
import torch

import bear_tui
from bear_tui.catalog import find_model
from bear_tui.engine.models import builder

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_every_block_of_the_page_runs(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BEAR_TUI_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("BEAR_TUI_CACHE", str(tmp_path / "cache"))
    shutil.copytree(photos, "photos")
    shutil.copytree(photos / "test" / "red", "new photos")
    weights = find_model("mobilenet_v2").weights_path()
    assert weights is not None
    weights.parent.mkdir(parents=True)
    torch.save(builder.build("mobilenet_v2", 1000, 224).state_dict(), weights)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) > 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), names)
    out = capsys.readouterr().out
    assert "epoch 3/3" in out
    assert "did you mean" in out
    assert names["losses"]
    assert [run.status for run in bear_tui.runs()] == ["completed"] * 3
    assert (tmp_path / "bears.safetensors").is_file()
