"""A run that cannot be read is told as such, and keeps no other run from being used."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bear_tui.cli import main
from bear_tui.run.folder import RunFolder
from tests.permissions import as_anyone
from tests.unit.sample_runs import predictions, sample_run

DEEP = "[" * 100_000 + "]" * 100_000
ROW = ["run", "status", "model", "epochs_done", "epochs", "test_accuracy", "started", "seconds"]


def in_journal(old: bytes, new: bytes) -> Callable[[RunFolder], None]:
    def damage(folder: RunFolder) -> None:
        content = folder.journal_file.read_bytes()
        assert old in content
        folder.journal_file.write_bytes(content.replace(old, new, 1))

    return damage


def lose_the_first_line(folder: RunFolder) -> None:
    lines = folder.journal_file.read_bytes().splitlines(keepends=True)
    folder.journal_file.write_bytes(b"".join(lines[1:]))


def instead(name: str, make: Callable[[Path], object]) -> Callable[[RunFolder], None]:
    def damage(folder: RunFolder) -> None:
        path = folder.path / name
        path.unlink(missing_ok=True)
        make(path)

    return damage


def holding(name: str, text: str) -> Callable[[RunFolder], None]:
    return instead(name, lambda path: path.write_text(text))


UNREADABLE = {
    "lock deep": holding("lock", DEEP),
    "lock number": holding("lock", '{"started": 1e400}'),
    "lock year": holding("lock", '{"started": 1e15}'),
    "lock fifo": instead("lock", os.mkfifo),
    "journal 10^400": in_journal(b'"seconds": ', b'"seconds": 1' + b"0" * 400),
    "journal 1e400": in_journal(b'"seconds": ', b'"seconds": 1e400'),
    "journal Infinity": in_journal(b'"loss": ', b'"loss": Infinity, "lost": '),
    "journal NaN": in_journal(b'"accuracy": ', b'"accuracy": NaN, "lost": '),
    "journal mark": in_journal(b"{", b"\xef\xbb\xbf{"),
    "journal first line": lose_the_first_line,
    "journal matrix": in_journal(b'matrix": [[', b'matrix": [[0], ['),
    "journal epochs": in_journal(b'"epochs": ', b'"epochs": 10000000000000000'),
    "journal folder": instead("events.jsonl", Path.mkdir),
    "journal fifo": instead("events.jsonl", os.mkfifo),
    "journal link": instead("events.jsonl", lambda path: path.symlink_to("/dev/zero")),
    "recipe key": holding("recipe.toml", "epochs" + ".a" * 20_000 + ' = 1\nmodel = "mlp"\n'),
    "recipe binary": holding("recipe.toml", "\0"),
    "recipe folder": instead("recipe.toml", Path.mkdir),
    "recipe fifo": instead("recipe.toml", os.mkfifo),
    "recipe link": instead("recipe.toml", lambda path: path.symlink_to("gone")),
}
"""What `runs` reads of a run."""

DAMAGED = {
    "dataset deep": holding("dataset.json", '{"files": ' + DEEP + "}"),
    "dataset cut": holding("dataset.json", '{"files": ['),
    "dataset fifo": instead("dataset.json", os.mkfifo),
    "predictions field": holding("predictions.csv", "path,label\n" + "x" * 200_000),
    "predictions fifo": instead("predictions.csv", os.mkfifo),
    "predictions folder": instead("predictions.csv", Path.mkdir),
    "validation field": holding("validation.csv", "x" * 200_000),
    "lookalikes field": holding("lookalikes.csv", "x" * 200_000),
    "results deep": holding("results.json", DEEP),
    "results fifo": instead("results.json", os.mkfifo),
    "control fifo": instead("control.jsonl", os.mkfifo),
    "log fifo": instead("log.txt", os.mkfifo),
}
"""What it does not read."""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name in ("good-1a", "bad-2b"):
        folder = sample_run(tmp_path / name, [*predictions(8, 2), *predictions(9, 1, "other")])
        with folder.lock(1e9):
            pass
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([*map(str, arguments)])
    output = capsys.readouterr()
    return status, output.out, output.err


@pytest.mark.parametrize("kind", [*UNREADABLE, *DAMAGED])
def test_the_other_runs_are_listed_and_used_beside_a_bad_one(
    kind: str, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    {**UNREADABLE, **DAMAGED}[kind](RunFolder(runs / "bad-2b"))
    status, out, _ = told(capsys, "runs", "--runs", runs, "--json")
    rows = {row["run"]: row for row in json.loads(out)}
    assert status == 0
    assert rows["good-1a"]["status"] == "completed"
    bad = rows["bad-2b"]
    if kind in UNREADABLE:
        assert bad["status"] == "unreadable"
        assert bad["error"].startswith(f"{runs / 'bad-2b'}/")
        assert {bad[name] for name in [*ROW[2:], "path"]} == {None}
    else:
        assert bad["status"] == "completed"
    status, out, _ = told(capsys, "runs", "--runs", runs)
    assert status == 0
    assert "bad-2b" in out
    assert ("! bad-2b cannot be read: " in out) is (kind in UNREADABLE)
    status, out, _ = told(capsys, "show", "good", "--runs", runs, "--json")
    assert status == 0
    assert json.loads(out)["test"]["accuracy"] == 0.85
    assert told(capsys, "show", "last", "--runs", runs)[0] in (0, 2)
    status, _, err = told(capsys, "stop", "good-1a", "--runs", runs)
    assert (status, err) == (2, "bear-tui: good-1a: no process trains it; it is completed.\n")
    status, _, err = told(capsys, "show", "bad-2b", "--runs", runs)
    if kind in UNREADABLE:  # who trained it matters to no result
        assert status == (0 if kind.startswith("lock") else 2)
    if status:
        assert err.startswith(f"bear-tui: {runs / 'bad-2b'}/")
        assert err.count("\n") == 1
    assert told(capsys, "compare", "good", "bad", "--runs", runs)[0] in (0, 2)
    out = runs / f"{kind}.html"  # type: ignore[assignment]
    assert told(capsys, "report", "bad", "--to", "html", "--out", out, "--runs", runs)[0] in (0, 2)
    assert told(capsys, "stop", "bad-2b", "--runs", runs)[0] == 2


def bear_tui(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*as_anyone(), sys.executable, "-m", "bear_tui", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_private_run_of_another_person_is_listed_as_such(runs: Path) -> None:
    bad = runs / "bad-2b"
    os.chown(bad, 65534, 65534) if os.geteuid() == 0 else None
    bad.chmod(0o700 if os.geteuid() == 0 else 0)
    try:
        listed = bear_tui("runs", "--runs", runs, "--json")
        shown = [bear_tui("show", name, "--runs", runs) for name in ("good-1a", "good", "last")]
        stopped = bear_tui("stop", "good-1a", "--runs", runs)
        refused = bear_tui("show", "bad-2b", "--runs", runs)
    finally:
        bad.chmod(0o755)
    assert listed.returncode == 0, listed.stderr
    rows = {row["run"]: row for row in json.loads(listed.stdout)}
    assert rows["good-1a"]["status"] == "completed"
    assert rows["bad-2b"]["status"] == "unreadable"
    assert rows["bad-2b"]["error"].startswith(f"{bad}/recipe.toml: permission denied")
    assert [one.returncode for one in shown] == [0, 0, 0], shown
    assert stopped.stderr == "bear-tui: good-1a: no process trains it; it is completed.\n"
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"bear-tui: {bad}/")
    assert "permission denied" in refused.stderr


def test_a_folder_of_runs_that_may_not_be_read_is_a_sentence(runs: Path) -> None:
    os.chown(runs, 65534, 65534) if os.geteuid() == 0 else None
    runs.chmod(0o700 if os.geteuid() == 0 else 0)
    try:
        for command in (["runs"], ["show", "last"], ["show", "good"], ["stop", "good"]):
            done = bear_tui(*command, "--runs", runs)
            assert done.returncode == 2, done.stderr
            assert done.stderr.startswith(f"bear-tui: {runs}")
            assert "permission denied" in done.stderr
            assert done.stderr.count("\n") == 1
    finally:
        runs.chmod(0o755)
