"""Run folders that are damaged at random: a sentence at worst, and the good run always listed.

BEAR_TUI_FUZZ=2000 damages so many of them, without a bound on the time; BEAR_TUI_FUZZ_SEED chooses
others.
"""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bear_tui.cli import main
from bear_tui.errors import Failure
from bear_tui.run.events import CheckpointSaved, RunFailed
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.queue_store import QueueStore
from bear_tui.run.results import lookalikes, summary
from bear_tui.run.unfinished import unfinished
from bear_tui.tui.render.run_rows import run_rows
from bear_tui.tui.session import settings
from bear_tui.tui.session.run_list import read_runs
from bear_tui.tui.session.run_photos import read_run
from tests.unit.sample_runs import predictions, sample_run

COUNT = int(os.environ.get("BEAR_TUI_FUZZ", "0"))
SEED = int(os.environ.get("BEAR_TUI_FUZZ_SEED", "1"))
SECONDS = 8.0
"""Of mutations where no number is asked for."""
HANGS = 20
"""Seconds after which a command counts as hanging."""
ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**63,
        10**18,
        10**19,
        -(10**18),
        0.5,
        1e38,
        -1e308,
        1e308,
    ),
    *("", "x", "\0", "/", "..", "\ud800", "\x1b[2J", "x" * 5000, "é", "nan"),
    *([], {}, [[]], [{}], {"": 0}, [None], [1, [2, [3]]], [[1, 2], [3]], [["a", 1]]),
)
TOKENS: tuple[bytes, ...] = (
    *(b"NaN", b"Infinity", b"1e400", b"1" + b"0" * 400, b"9" * 5000, b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"\0" * 50, b"[" * 5000, b"{" * 999, b'"', b"\\", b"\n", b"\r\n", b",", b"null", b"-"),
    *(
        b"x" * 200_000,
        b"]" * 99,
        b"epochs" + b".a" * 3000 + b" = 1\n",
        b"\xe2\x80\xae",
        b"\x1b[31m",
    ),
)


class Hangs(BaseException):
    pass


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name in ("good-1a", "bad-2b"):
        told = [*predictions(8, 2), *predictions(9, 1, "other")]
        folder = sample_run(tmp_path / "runs" / name, told)
        with folder.lock(1e9):
            pass
        shutil.copy(folder.predictions_file, folder.validation_file)
        pair = lookalikes.Pair("/photos/bear1.jpg", "/photos/bear2.jpg", "train", False)
        lookalikes.write(folder.lookalikes_file, [pair])
        folder.corrections_file.write_text('{"decisions": [{"path": "a.jpg", "class": null}]}')
        folder.control_file.write_text('{"request": "epochs", "value": 3}\n')
        folder.log_file.write_text("one\ntwo\n")
        (folder.checkpoints / "last.pt").write_bytes(b"no checkpoint")
        summary.write(folder)
    interrupted = RunFolder(tmp_path / "runs" / "bad-2b")
    shutil.copytree(interrupted.path, tmp_path / "whole")
    lines = interrupted.journal_file.read_bytes().splitlines(keepends=True)
    shutil.copytree(interrupted.path, tmp_path / "half")
    (tmp_path / "half" / "events.jsonl").write_bytes(b"".join(lines[:-4]))
    shutil.copytree(interrupted.path, tmp_path / "failed")
    journal = Journal(tmp_path / "failed" / "events.jsonl")
    journal.append(CheckpointSaved(2, "x"))
    journal.append(RunFailed("no"))
    journal.close()
    QueueStore(tmp_path / "runs").add(interrupted.recipe())
    settings.save(settings.Settings(("/photos",)), tmp_path / "settings.json")
    return tmp_path / "runs"


def test_a_damaged_run_is_a_sentence_and_the_good_one_is_always_listed(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bear_tui.commands.control._WAIT", 0.0)
    signal.signal(signal.SIGALRM, hang)
    end, number = time.monotonic() + SECONDS, 0
    while number < COUNT or (not COUNT and time.monotonic() < end):
        number += 1
        random_ = random.Random(f"{SEED} {number}")
        what = damage(runs, random_)
        try:
            signal.alarm(HANGS)
            use(runs)
        except (Exception, Hangs):
            pytest.fail(f"seed {SEED}, number {number}: {what}\n{traceback.format_exc()}")
        finally:
            signal.alarm(0)
    print(f"{number} damaged run folders")
    assert number >= min(COUNT, 20)


def hang(_number: int, _frame: object) -> None:
    raise Hangs


def use(runs: Path) -> None:
    """All that reads runs: the good one stands there, and nothing but a Failure is raised."""
    status, out = command("runs", "--json", runs=runs)
    rows = {row["run"]: row for row in json.loads(out)}
    assert status == 0
    assert rows["good-1a"]["status"] == "completed", rows
    assert command("runs", runs=runs)[0] == 0
    status, out = command("show", "good-1a", "--json", runs=runs)
    assert (status, json.loads(out)["test"]["accuracy"]) == (0, 0.85)
    assert command("show", "good", runs=runs)[0] == 0
    report = runs.parent / "report"
    for arguments in (
        *(["show", "bad-2b"], ["show", "bad-2b", "--json"], ["show", "last"], ["stop", "bad"]),
        *(["compare", "good-1a", "bad-2b"], ["compare", "good", "bad", "--json"], ["stop", "good"]),
        *(["report", "bad-2b", "--to", kind, "--out", str(report)] for kind in ("html", "csv")),
    ):
        status, out = command(*arguments, runs=runs)
        assert status in (0, 1, 2), arguments
        if status == 0 and "--json" in arguments:
            json.loads(out)
        with contextlib.suppress(OSError):
            report.unlink() if report.is_file() else shutil.rmtree(report)
    listed = read_runs(runs)
    assert "good-1a" in [one.folder.run for one in listed if not one.error]
    run_rows(read_runs(runs, listed))
    list(unfinished(runs))
    assert isinstance(QueueStore(runs).recipes, tuple)
    settings.load(runs.parent / "settings.json")
    with contextlib.suppress(Failure):
        read_run(RunFolder(runs / "bad-2b"))


def command(*arguments: str, runs: Path) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as error:
        status = main([*arguments, "--runs", str(runs)])
    # What nobody foresaw is told so, instead of a traceback.
    assert "This went wrong" not in error.getvalue(), error.getvalue()
    return status, out.getvalue()


def damage(runs: Path, random_: random.Random) -> list[str]:
    """Put a run that is damaged in one to three places where the bad one lies; what was done."""
    remove(runs / "bad-2b")
    settings.save(settings.Settings(("/photos",)), runs.parent / "settings.json")
    kind = random_.choice(("whole", "half", "failed"))
    shutil.copytree(runs.parent / kind, runs / "bad-2b")
    told = [kind]
    for _ in range(random_.choice((1, 1, 2, 3))):
        there = [path for path in sorted((runs / "bad-2b").rglob("*")) if path.is_file()]
        others = [*runs.glob(".queue/*.toml"), runs.parent / "settings.json"]
        path = random_.choice([*there, *there, *others])
        if path.is_file():
            told.append(f"{path.name}: {_mutate(path, random_)}")
    return told


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _mutate(path: Path, random_: random.Random) -> str:
    content = path.read_bytes()
    at = random_.randrange(len(content) + 1)
    token = random_.choice(TOKENS)
    match how := random_.choice(
        ("flip", "cut", "insert", "replace", "json", "json", "json", "kind")
    ):
        case "flip":
            for _ in range(random_.choice((1, 5, 50)) if content else 0):
                place = random_.randrange(len(content))
                flipped = content[place] ^ (1 << random_.randrange(8))
                content = content[:place] + bytes([flipped]) + content[place + 1 :]
        case "cut":
            content = random_.choice((content[:at], content[at:], b""))
        case "insert":
            content = content[:at] + token + content[at:]
        case "replace":
            content = content[:at] + token + content[at + random_.randrange(30) :]
        case "json":
            content = _mutate_json(content, random_)
        case "kind":
            path.unlink()
            return _other_kind(path, random_)
    path.write_bytes(content)
    return f"{how} at {at}, {token[:20]!r}"


def _mutate_json(content: bytes, random_: random.Random) -> bytes:
    """Another value, a lost one, or one twice, in one document of a file."""
    lines = content.splitlines(keepends=True) or [b""]
    whole = _loaded(content)
    number = random_.randrange(len(lines))
    document = whole if whole is not None else _loaded(lines[number])
    if document is None:
        random_.shuffle(lines)
        return b"".join(lines[: random_.randrange(len(lines) + 1)])
    places = list(_places(document))
    if places:
        holder, key = random_.choice(places)
        match random_.choice(("odd", "odd", "odd", "lost", "other")):
            case "odd":
                holder[key] = random_.choice(ODD)
            case "lost":
                del holder[key]
            case "other":
                other, place = random_.choice(places)
                holder[key] = json.loads(
                    json.dumps(other.get(place, 0) if isinstance(other, dict) else 0)
                )
    text = json.dumps(document).encode()
    return (
        text
        if whole is not None
        else b"".join([*lines[:number], text + b"\n", *lines[number + 1 :]])
    )


def _loaded(content: bytes) -> Any:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(content)
        return found if isinstance(found, dict | list) else None
    return None


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Each value's holder and its key there, in at most some hundred of them."""
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        for key, value in list(holder.items() if isinstance(holder, dict) else enumerate(holder))[
            :99
        ]:
            yield holder, key
            if isinstance(value, dict | list):
                waiting.append(value)


def _other_kind(path: Path, random_: random.Random) -> str:
    match kind := random_.choice(("folder", "fifo", "zero", "self", "gone", "passwd", "missing")):
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "zero":
            path.symlink_to("/dev/zero")
        case "self":
            path.symlink_to(path.name)
        case "gone":
            path.symlink_to("/nowhere/at/all")
        case "passwd":
            path.symlink_to("/etc/passwd")
    return kind
