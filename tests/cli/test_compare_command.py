"""`compare` over runs on disk, in a real process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.sample_runs import predictions, sample_run


def compare(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bear_tui", "compare", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    sample_run(tmp_path / "plain-1111", predictions(10, 30))
    sample_run(tmp_path / "better-2222", predictions(38, 2), epochs=77)
    return tmp_path


def test_json_is_one_document(runs: Path) -> None:
    answer = compare("plain", "better", "--runs", runs, "--json")
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    assert [one["run"] for one in document["runs"]] == ["plain-1111", "better-2222"]
    assert document["settings"] == {"epochs": [15, 77]}


def test_a_person_reads_results_settings_and_a_sentence(runs: Path) -> None:
    answer = compare("plain", "better", "--runs", runs)
    for part in ("95.0%", "25.0%", "epochs", "77", "B is better than A", "p < 0.001"):
        assert part in answer.stdout


def test_one_run_alone_is_bad_input(runs: Path) -> None:
    answer = compare("plain", "--runs", runs)
    assert answer.returncode == 2
    assert "two runs or more" in answer.stderr
    assert answer.stdout == ""
