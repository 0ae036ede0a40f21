"""Hundreds of damaged COCO files: each is a sentence or photos, never a traceback."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from bear_tui.cli import main
from tests.unit.data.coco_files import instances

FILES = 500
SECONDS = 10.0
"""A slow machine tries fewer."""

ODD: list[Any] = [
    None, True, False, 0, -1, 7, 1.0, 1e308, 2**70, "", " ", "1", "23", "bear", "a/../../b", "/etc",
    "\\\\host\\x", "http://[", "file:///etc/passwd", "\0", "\ud800", "\u202e", "x" * 3000, [], {},
    [1], {"id": 1}, [[]], {"a": {"b": []}},
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Each container below `value` with each of its keys."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], (dict, list)):
            found += places(value[key])
    return found


def damaged(document: Any, chance: random.Random) -> bytes:
    """The document with a few entries changed, dropped or doubled; sometimes bytes of its text."""
    for _ in range(chance.randint(1, 6)):
        container, key = chance.choice(places(document))
        what = chance.random()
        if what < 0.6:
            container[key] = chance.choice(ODD)
        elif what < 0.8:
            del container[key]
        elif isinstance(container, list):
            container.insert(key, json.loads(json.dumps(container[key])))
        else:
            container[chance.choice(["id", "name", "file_name"])] = container[key]
        if not places(document):
            break
    text = bytearray(
        json.dumps(document, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")
    )
    if chance.random() < 0.3 and text:
        for _ in range(chance.randint(1, 4)):
            text[chance.randrange(len(text))] = chance.randrange(256)
    if chance.random() < 0.1:
        del text[chance.randrange(len(text) + 1) :]
    return bytes(text)


def test_no_damaged_file_is_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = instances(tmp_path / "coco").read_text()
    path = tmp_path / "coco" / "damaged.json"
    began, statuses = time.monotonic(), {0: 0, 1: 0, 2: 0}
    for number in range(FILES):
        path.write_bytes(damaged(json.loads(whole), random.Random(number)))
        command = ["prepare", "--coco", str(path), "--class", "bear=bear", "--rest", "rest"]
        command += ["--hold-out", "1", "--out", str(tmp_path / "out"), "--dry-run", "--json"]
        if number % 3:
            command += ["--images", str(tmp_path / "coco" / "images")]
        status = main(command)
        said = capsys.readouterr()
        statuses[status] += 1
        assert "Traceback" not in said.err, number
        if status == 0:
            json.loads(said.out)
        else:
            assert said.out == "", number
            assert said.err.strip(), number
        if time.monotonic() - began > SECONDS:
            break
    assert statuses[0] > 10, "some stay good"
    assert statuses[2] > 10, "some are refused"
