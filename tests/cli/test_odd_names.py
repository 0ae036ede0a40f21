"""Names that a terminal would obey, through a whole run: commands, JSON, and every screen of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bear_tui.engine.fit import fit
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.benchmarks.terminal import terminal
from tests.engine.conftest import draw_photos
from tests.engine.test_resume import AtStep

pytestmark = pytest.mark.slow

RED, TITLE = "[red]", "a\x1b]0;x\x07b"
NOT_UTF8 = os.fsdecode(b"\xe9[red].png")
OBEYED = b"\x1b]0;x\x07"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Stopped midway, gone on with, tested."""
    root = tmp_path_factory.mktemp("odd")
    for split, count in (("train", 24), ("test", 6)):
        draw_photos(root / "photos" / split / RED, count, (190, 70, 70), count)
        draw_photos(root / "photos" / split / TITLE, count, (180, 80, 70), count + 1)
        (root / "photos" / split / RED / "000.png").rename(root / "photos" / split / RED / NOT_UTF8)
    basis = default_recipe(str(root / "photos"), "mlp", image_size=8)
    recipe = type(basis)(**{**basis.__dict__, "epochs": 2, "batch_size": 8, "device": "cpu"})
    folder = RunFolder(root / "runs" / "odd-1f2e")
    list(fit(recipe, folder, AtStep(3, lambda control: control.stop("enough"))))
    assert list(fit(recipe, folder, Control()))[-1] == e.RunCompleted()
    return folder


def said(run: RunFolder, *command: str) -> subprocess.CompletedProcess[bytes]:
    whole = [sys.executable, "-m", "bear_tui", *command, "--runs", str(run.path.parent)]
    return subprocess.run(whole, capture_output=True, check=False, timeout=60)


def test_commands_show_them_literally_and_json_holds_them_whole(run: RunFolder) -> None:
    for command in (("show", "last"), ("runs",)):
        answer = said(run, *command)
        assert answer.returncode == 0, answer.stderr
        assert b"\x1b" not in answer.stdout + answer.stderr
        assert b"\x07" not in answer.stdout + answer.stderr
        assert command[0] == "runs" or RED.encode() in answer.stdout
    document = json.loads(said(run, "show", "last", "--json").stdout)
    assert document["classes"] == [RED, TITLE]
    photos = str(run.path.parents[1] / "photos" / "test" / RED)
    (found,) = [
        one
        for one in json.loads(said(run, "predict", "last", photos, "--json").stdout)
        if one["path"].endswith(NOT_UTF8)
    ]
    assert found["predicted"] in (RED, TITLE)


def screens() -> Iterator[tuple[str, str]]:
    """Keys, and what is painted once they are obeyed."""
    yield "a", "001.png"
    yield "\r", "page 1 of"
    yield "3", "✓ done"
    yield "l", "log.txt"
    yield "5", "odd-1f2e"


def test_every_screen_of_the_run_shows_them_and_obeys_none(run: RunFolder) -> None:
    command = [sys.executable, "-m", "bear_tui", "--run", run.run]
    with terminal([*command, "--runs", str(run.path.parent)]) as held:
        before = held.settings()
        held.wait_for("unsure below", 30)
        assert RED.encode() in held.painted
        for keys, words in screens():
            seen = len(held.painted)
            held.type(keys)
            end = 200
            while words.encode() not in held.painted[seen:] and end:
                held.read(0.05)
                end -= 1
            assert end, f"{keys!r} did not show {words!r}: {held.painted[seen:][-2000:]!r}"
        held.type("q")
        assert held.wait_for_end(20) == 0
        assert OBEYED not in held.painted
        assert held.settings() == before
