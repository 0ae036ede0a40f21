"""Terminals that do not know all letters, and tables with long names: all is shown somehow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bear_tui.commands.output import print_table
from tests.engine.conftest import draw_photos
from tests.unit.sample_runs import sample_run
from tests.unit.test_output import Screen

PROGRAM = """
import sys
from bear_tui.cli import main
for line in sys.argv[1:]:
    sys.exit(1) if main(line.split("|")) else None
"""
LITTLE = [
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "cp437:strict"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX"},
    {"LANG": "C"},
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encodings")
    classes = ("медведь", "ours très rare")
    told = [(f"{n}.jpg", classes[n % 2], classes[n % 3 % 2]) for n in range(9)]
    for name in ("one", "two"):
        sample_run(folder / name, told, classes=classes)
    return folder


def lines(runs: Path, out: Path) -> list[str]:
    where = f"--runs|{runs}"
    commands = ("runs", "models", "show|one", "compare|one|two", f"report|one|--out|{out}/é.html")
    return [f"{one}|{where}" if one != "models" else one for one in commands]


@pytest.mark.parametrize("little", LITTLE, ids=str)
def test_no_command_fails_by_letters_that_the_terminal_does_not_know(
    little: dict[str, str], runs: Path, tmp_path: Path
) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, *lines(runs, tmp_path)],
        capture_output=True,
        check=False,
        env={**{k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LANG")}, **little},
    )
    assert answer.returncode == 0, answer.stderr.decode("utf-8", "replace")
    assert answer.stderr == b""
    shown = answer.stdout.decode("ascii", "replace")
    assert "always guessing the largest class" in shown
    if "PYTHONIOENCODING" in little and little["PYTHONIOENCODING"] == "ascii":
        assert r"\u043c\u0435\u0434\u0432\u0435\u0434\u044c" in shown, "a name can be told"
        rows = shown[shown.index("class") :].splitlines()[:3]
        assert len({row.rstrip().index("%") for row in rows[1:]}) == 1, "columns stand in line"


@pytest.mark.slow
def test_a_training_says_what_it_can(tmp_path: Path) -> None:
    for split, count in (("train", 12), ("test", 4)):
        draw_photos(tmp_path / "photos" / split / "медведь", count, (190, 70, 70), count)
        draw_photos(tmp_path / "photos" / split / "très", count, (70, 190, 70), count + 1)
    (tmp_path / "photos" / "train" / "très" / "broken–.jpg").write_bytes(b"no photo")
    options = ("--model=mlp", "--image-size=8", "--epochs=1", "--device=cpu", "--batch-size=4")
    train = "|".join(("train", "--data", f"{tmp_path}/photos", *options))
    photos = f"{tmp_path}/photos/test"
    commands = [f"{one}|--runs|{tmp_path}/runs" for one in (train, f"predict|last|{photos}")]
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, *commands],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert answer.returncode == 0, answer.stderr
    assert b"broken-.jpg" in answer.stderr
    assert b"tr\\xe8s" in answer.stdout


NAME = "great brown bear of the north"


def test_a_name_with_spaces_stands_on_one_line_in_a_pipe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    columns = ["class", *(f"column {number}" for number in range(40))]
    rows = [[NAME, *(["12,345 photos"] * 40)], ["x" * 900, *["1"] * 40]]
    print_table(columns, rows, frozenset())
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 3
    assert printed[1].startswith(f"{NAME}  ")


@pytest.mark.parametrize("width", [82, 100])
def test_a_name_with_spaces_stands_on_one_line_where_there_is_room(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stdout", screen := Screen())
    columns = ["class", "photos", "correct", "precision", "recall", "95% interval", "F1"]
    row = [NAME, "20", "18", "94.7%", "90.0%", "69.9 – 97.2%", "92.3%"]
    print_table(columns, [row], frozenset(columns[1:]))
    assert sum("great" in line for line in screen.getvalue().splitlines()) == 1
    assert any(NAME in line for line in screen.getvalue().splitlines())
