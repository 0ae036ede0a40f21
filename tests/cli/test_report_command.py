"""`report` in a real process."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.sample_runs import predictions, sample_run


def report(runs: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bear_tui", "report", "run", *map(str, arguments), "--runs", runs],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("kind", "made"),
    [("html", "out"), ("csv", "out/classes.csv"), ("tensorboard", "out/events.out.*")],
)
def test_each_kind_is_written_where_asked(kind: str, made: str, tmp_path: Path) -> None:
    if kind == "tensorboard":
        pytest.importorskip("tensorboard")
    sample_run(tmp_path / "run", predictions(8, 2))
    answer = report(tmp_path, "--to", kind, "--out", tmp_path / "out")
    assert answer.returncode == 0, answer.stderr
    assert list(tmp_path.glob(made))


def test_what_is_there_already_is_not_overwritten(tmp_path: Path) -> None:
    sample_run(tmp_path / "run", predictions(8, 2))
    (tmp_path / "out").write_text("precious")
    answer = report(tmp_path, "--out", tmp_path / "out")
    assert answer.returncode == 2
    assert "there already" in answer.stderr
    assert (tmp_path / "out").read_text() == "precious"


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    sample_run(tmp_path / "run", predictions(8, 2))
    answer = report(tmp_path, "--out", tmp_path / "no" / "page.html")
    assert answer.returncode == 1
    assert "no such file or folder" in answer.stderr
    assert "Traceback" not in answer.stderr
