import json
import os
from pathlib import Path
from typing import Any

import pytest

from bear_tui import json_file
from bear_tui.errors import BadInput, Unreadable


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty, where JSON is needed."),
        (b" \n", "empty, where JSON is needed."),
        (b'{"a": 1', "cut short: the end of the JSON text is missing."),
        (b'{"a": "one tw', "cut short: the end of the JSON text is missing."),
        (b'{"a": 1,,}', "no valid JSON at line 1, column 9."),
        (b'{"a": 1} {}', "no valid JSON at line 1, column 10."),
        (b"\xef\xbb\xbf{}", "begins with a byte order mark; save it as UTF-8 without one."),
        ("{}".encode("utf-16"), "begins with a byte order mark; save it as UTF-8 without one."),
        (b'{"a": "caf\xe9"}', "not UTF-8: byte 10 belongs to no character."),
        (b'{"a": NaN}', "`NaN` is no number that JSON has."),
        (b'{"a": -Infinity}', "`-Infinity` is no number that JSON has."),
        (b'{"a": 1e400}', "a number is too large: 1e400."),
        (b'{"a": 1' + b"0" * 400 + b"}", "more than 20 digits: 10000000000000000000 and more."),
        (b'{"a": 1' + b"0" * 9999 + b"}", "more than 20 digits: 10000000000000000000 and more."),
        (b'{"a": ' + b"[" * 200_000, "nested too deeply."),
        (b"[" * 200_000 + b"]" * 200_000, "nested too deeply."),
        (b"[1]", "must hold an object, not a list."),
        (b"null", "must hold an object, not null."),
        (b"7", "must hold an object, not a whole number."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_wrong_with_a_file_is_one_sentence_that_names_it(
    content: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "dataset.json"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        json_file.read_object(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith(why)


def test_a_good_file_is_read_and_none_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "dataset.json"
    document = {"name": "caf\udce9", "whole": -(2**64) + 1, "number": 1e-300, "list": [None, True]}
    path.write_text(json.dumps(document))
    assert json_file.read_object(path) == document
    assert json_file.read_object(tmp_path / "other.json") is None


def test_a_file_larger_than_asked_for_is_not_read_on(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"a": "x" * 2_000_000}))
    with pytest.raises(Unreadable, match=r"settings\.json: larger than 1 MB; it is not read"):
        json_file.read_object(path, largest=1 << 20)
    with pytest.raises(Unreadable, match=r"settings\.json: larger than 66 kB; it is not read"):
        json_file.read_object(path, largest=1 << 16)


def test_only_a_regular_file_is_read_and_nothing_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "good").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "good")
    (tmp_path / "device").symlink_to("/dev/zero")
    for name, why in (
        ("folder", "a folder stands where a file is needed"),
        ("fifo", "a FIFO, a socket or a device stands where a file is needed"),
        ("link", "a link stands where a file or folder is needed; put"),
    ):
        with pytest.raises(Unreadable, match=f"{name}: {why}"):
            json_file.read_object(tmp_path / name)
    assert json_file.read_object(tmp_path / "link", follow=True) == {}
    with pytest.raises(Unreadable, match="a device stands where a file is needed"):
        json_file.read_object(tmp_path / "device", follow=True)


def test_a_line_is_read_as_strictly() -> None:
    assert json_file.parse_line(b'{"request": "stop"}', "control.jsonl") == {"request": "stop"}
    with pytest.raises(Unreadable, match=r"control\.jsonl: a line is longer than 67 MB"):
        json_file.parse_line("{" + " " * 70_000_000, "control.jsonl")
    with pytest.raises(Unreadable, match=r"control\.jsonl: `NaN`"):
        json_file.parse_line('{"value": NaN}', "control.jsonl")


def test_a_text_that_is_not_utf8_may_be_let_through() -> None:
    assert json_file.parse(b'{"a": "caf\xe9"}', "x", errors="surrogateescape") == {"a": "caf\udce9"}


def test_a_field_is_of_its_type_or_a_sentence() -> None:
    document = {"text": "a", "whole": 3, "number": 0.5, "yes": True, "list": [{}, 1], "none": None}
    assert json_file.field(document, "text", str, "f") == "a"
    assert json_file.field(document, "whole", int, "f") == 3
    assert json_file.field(document, "whole", float, "f") == 3.0
    assert json_file.field(document, "yes", bool, "f") is True
    cases: list[tuple[str, Any, str]] = [
        ("gone", str, "f: `gone` is missing."),
        ("none", str, "f: `none` must be a text, not null."),
        ("yes", int, "f: `yes` must be a whole number, not true or false."),
        ("yes", float, "f: `yes` must be a number, not true or false."),
        ("number", int, "f: `number` must be a whole number, not a number."),
        ("list", dict, "f: `list` must be an object, not a list."),
    ]
    for key, kind, why in cases:
        with pytest.raises(BadInput) as caught:
            json_file.field(document, key, kind, "f")
        assert str(caught.value) == why
    with pytest.raises(Unreadable, match="f: entry 1 of `list`: must hold an object"):
        json_file.objects(document, "list", "f")
