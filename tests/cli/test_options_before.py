"""Options of the app that stand before a command: they count, or are refused."""

from pathlib import Path

import pytest

from bear_tui.cli import main
from tests.unit.sample_runs import predictions, sample_run


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        sample_run(tmp_path / "runs" / name, predictions(5, 1) + predictions(4, 2, "other"))
    return tmp_path / "runs"


@pytest.mark.parametrize(
    "command", [("runs",), ("show", "one"), ("compare", "one", "two"), ("runs", "--json")]
)
def test_the_folder_of_runs_counts_before_a_command_as_after_it(
    command: tuple[str, ...], runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for words in (("--runs", str(runs), *command), (*command, "--runs", str(runs))):
        assert main(words) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert "one" in told[0]


def test_what_stands_behind_a_command_is_nearer_to_it(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--runs", str(tmp_path / "none"), "runs", "--runs", str(runs)]) == 0
    assert "one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--data {runs} train --sample", "--data before `train` would open the app"),
        ("{runs} check {runs}", "--data before `check` would open the app"),
        ("--sample train --data {runs}", "--sample before `train` would open the app"),
        ("--run one show two --runs {runs}", "--run before `show` would open the app"),
        ("--runs {runs} models", "--runs: `bear-tui models` does not use runs"),
        ("--runs {runs} check {runs}", "--runs: `bear-tui check` does not use runs"),
    ],
)
def test_what_cannot_count_is_refused_in_a_sentence(
    words: str, sentence: str, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.format(runs=runs).split()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"bear-tui: {sentence}")
    assert len(printed.err.splitlines()) == 1
