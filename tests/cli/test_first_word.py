"""What `bear-tui WORD` means where WORD is no command."""

import subprocess
import sys
from pathlib import Path

import pytest

from bear_tui.cli import _first_word

COMMANDS = ("check", "train")


def test_a_folder_is_opened(tmp_path: Path) -> None:
    words = [str(tmp_path), "--runs", "runs"]
    assert _first_word(words, COMMANDS) == ["--data", *words]


def test_a_command_is_one_beside_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train").mkdir()
    monkeypatch.chdir(tmp_path)
    assert _first_word(["train"], COMMANDS) == ["train"]
    assert _first_word(["--version"], COMMANDS) == ["--version"]
    assert _first_word([], COMMANDS) == []


@pytest.mark.parametrize(
    ("word", "hint"),
    [("trian", "did you mean `train`?"), ("no/bears", "`bear-tui --help` lists the commands.")],
)
def test_any_other_word_is_one_sentence(word: str, hint: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bear_tui", word]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"bear-tui: `{word}` is neither a command nor a folder; {hint}\n"


def test_a_folder_reaches_the_app(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bear_tui", "."]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert result.returncode != 0  # the output is no terminal
    assert "terminal" in result.stderr
