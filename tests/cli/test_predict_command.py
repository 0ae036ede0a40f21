"""`predict` in a real process: photos, folders, and a stream of paths on standard input."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.conftest import draw_photos
from tests.permissions import as_anyone, forbidden

pytestmark = pytest.mark.slow  # together more than half a minute


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photos in `data/` and a trained run beside it."""
    root = tmp_path_factory.mktemp("predict")
    for split, count in (("train", 16), ("test", 4)):
        draw_photos(root / "data" / split / "red", count, (190, 70, 70), 1)
        draw_photos(root / "data" / split / "green", count, (70, 190, 70), 2)
    basis = default_recipe(str(root / "data"), "mlp", image_size=8)
    recipe = Recipe(**{**basis.__dict__, "epochs": 2, "batch_size": 8, "device": "cpu"})
    list(fit(recipe, RunFolder(root / "run"), Control()))
    return root


def predict(
    runs: Path, *arguments: object, given: bytes = b"", before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-m", "bear_tui", "predict", "run", *map(str, arguments)]
    answer = subprocess.run(
        [*command, "--runs", runs],
        capture_output=True,
        input=given,
        check=False,
    )
    out, err = answer.stdout.decode(), answer.stderr.decode()
    return subprocess.CompletedProcess(answer.args, answer.returncode, out, err)


def test_paths_on_standard_input_may_be_photos_folders_and_missing(
    runs: Path, tmp_path: Path
) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9 1.png")
    odd.write_bytes((runs / "data/test/red/000.png").read_bytes())
    lines = [runs / "data/test/green", odd, Path("/no/such.jpg")]
    given = b"\n".join(os.fsencode(line) for line in lines)  # the last without a line end
    answer = predict(runs, "-", "--json", given=given)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert [one["predicted"] for one in found] == ["green"] * 4 + ["red", None]
    assert found[4]["path"] == str(odd)
    assert found[5]["error"].startswith("unreadable: no such file")


def test_paths_that_end_in_nul_may_hold_line_ends(runs: Path, tmp_path: Path) -> None:
    odd = tmp_path / "two\nlines.png"
    odd.write_bytes((runs / "data/test/red/000.png").read_bytes())
    given = b"\0".join([os.fsencode(odd), os.fsencode(runs / "data/test/green"), b""])
    answer = predict(runs, "-", "-0", "--json", given=given)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert [one["predicted"] for one in found] == ["red"] + ["green"] * 4
    assert found[0]["path"] == str(odd)


def test_a_folder_that_may_not_be_read_is_an_answer_too(runs: Path, tmp_path: Path) -> None:
    draw_photos(tmp_path / "photos", 2, (190, 70, 70), 1)
    inside = tmp_path / "photos" / "inside"
    draw_photos(inside, 2, (190, 70, 70), 1)
    with forbidden(inside):
        answer = predict(runs, tmp_path / "photos", "--json", before=as_anyone())
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert [one["predicted"] for one in found] == ["red", "red", None]
    assert found[2]["path"] == str(inside)
    assert "permission denied" in found[2]["error"]


def test_each_answer_comes_while_the_stream_is_open(runs: Path) -> None:
    command = [sys.executable, "-m", "bear_tui", "predict", "run", "-", "--runs", str(runs)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for label in ("red", "green", "red"):
            path = runs / "data" / "test" / label / "001.png"
            process.stdin.write(f"{path}\n".encode())
            process.stdin.flush()
            line = process.stdout.readline().decode()
            assert line.startswith(label)
            assert line.rstrip().endswith(str(path))
        process.stdin.close()
    assert process.returncode == 0


def test_unsure_answers_are_marked_and_counted(runs: Path) -> None:
    answer = predict(runs, runs / "data/test", "--unsure", "1")
    assert all("  ? " in line for line in answer.stdout.splitlines())
    assert "0 sure, 8 below 100%" in answer.stderr
    marked = json.loads(predict(runs, runs / "data/test", "--unsure", "0", "--json").stdout)
    assert [one["unsure"] for one in marked] == [False] * 8


@pytest.mark.parametrize("given", [b"", b"\n\n"])
def test_an_empty_stream_is_an_empty_document(given: bytes, runs: Path) -> None:
    answer = predict(runs, "-", "--json", given=given)
    assert (answer.returncode, json.loads(answer.stdout)) == (0, [])


def test_nothing_that_can_be_read_is_a_failure(runs: Path) -> None:
    assert predict(runs, "-", given=b"/no/such.jpg\n").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["/no/such.jpg"], "/no/such.jpg"), (["-", "--unsure", "80"], "--unsure 80")],
)
def test_bad_input_is_a_sentence(arguments: list[str], words: str, runs: Path) -> None:
    answer = predict(runs, *arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert words in answer.stderr
