"""A manifest that is there and cannot be read is refused: photos left out stay left out."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bear_tui.cli import main
from bear_tui.data.dataset import open_dataset
from bear_tui.data.decisions import (
    OUT,
    Decisions,
    decided_inventory,
    read_decisions,
    write_decisions,
)
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from bear_tui.errors import BadInput
from tests.unit.data.photo_files import write_classes


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A prepared folder with a photo left out and one in another class."""
    source = write_classes(tmp_path / "source", {"bear": 6, "cat": 6})
    root = tmp_path / "out"
    carry_out(plan(take_inventory(source), root, Quota(hold_out=2)))
    left, moved = sorted((root / "train" / "bear").iterdir())[:2]
    write_decisions(Decisions(root).with_label(left, OUT).with_label(moved, "cat"))
    return root


def refusal(root: Path) -> str:
    with pytest.raises(BadInput) as caught:
        open_dataset(root)
    return str(caught.value)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda content: content[:-20], "cut short"),
        (lambda _: b"", "empty"),
        (lambda content: b"\xef\xbb\xbf" + content, "byte order mark"),
        (lambda content: content.decode().encode("utf-16"), "byte order mark"),
        (lambda content: content.replace(b"bear", b"b\xe9ar"), "not UTF-8"),
        (lambda content: content.replace(b"{", b"{,", 1), "no valid JSON"),
        (lambda _: b"[]", "must hold an object"),
        (lambda _: b"null", "must hold an object"),
        (lambda _: b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_damaged_manifest_is_refused_by_name(
    prepared: Path, damage: Callable[[bytes], bytes], words: str
) -> None:
    path = prepared / "manifest.json"
    path.write_bytes(damage(path.read_bytes()))
    assert refusal(prepared).startswith(f"{path}: ")
    assert words in refusal(prepared)
    assert "restore the file, or move it away" in refusal(prepared)


def decision(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["decisions"][0].update(changes)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(version=2), "`version` is 2"),
        (lambda d: d.update(version=True), "`version` must be a whole number"),
        (lambda d: d.pop("version"), "`version` is missing"),
        (lambda d: d.pop("fingerprint"), "`fingerprint` is missing"),
        (lambda d: d.pop("files"), "`files` is missing"),
        (lambda d: d["files"][3].pop("label"), "entry 3 of `files`: `label` is missing"),
        (lambda d: d["files"].append(7), "of `files`: must hold an object"),
        (lambda d: d.update(decisions=None), "`decisions` must be a list"),
        (lambda d: d.update(decisions={}), "`decisions` must be a list"),
        (lambda d: d["decisions"].append("x"), "entry 2 of `decisions`"),
        (decision(action="remove"), "`action` is `remove`, neither move nor exclude"),
        (decision(action=None), "`action` must be a text"),
        (decision(path=None), "`path` must be a text"),
        (decision(path=""), "names no file of the folder"),
        (decision(path="/etc/passwd"), "names no file of the folder"),
        (decision(path="../x.jpg"), "names no file of the folder"),
        (decision(action="move", label=None), "`label` must be a text"),
        (decision(action="move", label=""), "`label` is empty"),
        (decision(action="move", label=["cat"]), "`label` must be a text"),
        (
            lambda d: d["decisions"].append({**d["decisions"][0], "action": "move", "label": "x"}),
            "another decision",
        ),
    ],
)
def test_every_entry_of_a_manifest_is_checked(
    prepared: Path, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    path = prepared / "manifest.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    assert refusal(prepared).startswith(f"{path}: ")
    assert words in refusal(prepared)


def test_the_action_decides(prepared: Path) -> None:
    path = prepared / "manifest.json"
    document = json.loads(path.read_text())
    document["decisions"][0]["label"] = "cat"
    path.write_text(json.dumps(document))
    assert list(read_decisions(prepared).labels.values()) == [OUT, "cat"]


def test_a_class_in_macos_spelling_is_the_same_class(prepared: Path) -> None:
    path = prepared / "manifest.json"
    (prepared / "train" / "cat").rename(prepared / "train" / "caf\u00e9")
    document = json.loads(path.read_text())
    document["decisions"][1]["label"] = "cafe\u0301"
    path.write_text(json.dumps(document))
    assert "caf\u00e9" in decided_inventory(prepared).classes
    assert "cafe\u0301" not in decided_inventory(prepared).classes


def test_what_is_there_but_is_no_file_is_refused(prepared: Path) -> None:
    path = prepared / "manifest.json"
    kept = path.rename(prepared / "kept")
    path.mkdir()
    assert str(path) in refusal(prepared)
    path.rmdir()
    os.mkfifo(path)
    assert str(path) in refusal(prepared)
    path.unlink()
    path.symlink_to(prepared / "gone")
    assert "leads nowhere" in refusal(prepared)
    path.unlink()
    path.symlink_to(kept)
    assert len(read_decisions(prepared)) == 2, "a link to one is one"


@pytest.mark.parametrize(
    "content", ["{}", '{"name": "site"}', '{"version": "1.0", "files": ["a.js"]}']
)
def test_the_manifest_of_another_program_is_none_of_ours(prepared: Path, content: str) -> None:
    (prepared / "manifest.json").write_text(content)
    assert not read_decisions(prepared)


def test_without_a_manifest_the_folder_is_used_as_it_is(prepared: Path) -> None:
    (prepared / "manifest.json").unlink()
    assert open_dataset(prepared).train


@pytest.mark.parametrize(
    "command", ["check OUT", "check OUT --json", "train --data OUT", "prepare OUT --out NEW"]
)
def test_commands_refuse_it_in_a_sentence(
    prepared: Path, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = prepared / "manifest.json"
    path.write_bytes(path.read_bytes()[:-20])
    places = {"OUT": str(prepared), "NEW": str(tmp_path / "new")}
    arguments = [places.get(word, word) for word in command.split()]
    if arguments[0] == "train":
        arguments += ["--runs", str(tmp_path / "runs")]
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.search(r"manifest\.json: .*cut short.*move it away", printed.err.replace("\n", " "))
    assert not (tmp_path / "new").exists()
