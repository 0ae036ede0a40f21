"""Read untrusted JSON within bounds, with one sentence on what is wrong with it.

All files that another process or person may have written are read here: the result holds finite
numbers of usual size, nested no deeper than Python can handle.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from bear_tui import files
from bear_tui.errors import Unreadable

Kind = TypeVar("Kind", str, int, float, bool, list[Any], dict[str, Any])

LONGEST_LINE = 1 << 26
"""Bytes of one line in a file of one document a line: a matrix of 1,000 classes takes 7 MB."""

_DIGITS = 20
"""The most digits of an integer of 64 bits."""
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_KINDS: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


class NotJson(Unreadable):
    """The text is cut short or is not JSON."""


def read_object(
    path: Path, *, largest: int = files.LARGEST, follow: bool = False
) -> dict[str, Any] | None:
    """Return the object in a file; None if there is no such file.

    Raises Unreadable for anything else: permission, a FIFO, a link (unless `follow`), a cut or
    damaged text, a NaN.
    """
    content = files.content(path, largest=largest, follow=follow)
    return None if content is None else as_object(parse(content, path), path)


def parse(content: bytes | str, where: object, *, errors: str = "strict") -> Any:
    """Return the value in a JSON text, which `where` names. Raises Unreadable.

    `errors` is as in `bytes.decode`: `surrogateescape` accepts text that is not UTF-8.
    """
    try:
        return _DECODER.decode(_decoded(content, errors) if isinstance(content, bytes) else content)
    except json.JSONDecodeError as error:
        raise NotJson(f"{where}: {_words(error)}.") from None
    except UnicodeDecodeError as error:
        why = f"not UTF-8: byte {error.start:,} belongs to no character"
        raise NotJson(f"{where}: {why}.") from None
    except RecursionError:
        raise Unreadable(f"{where}: nested too deeply.") from None
    except ValueError as error:
        raise Unreadable(f"{where}: {error}.") from None


def parse_line(line: bytes | str, where: object) -> dict[str, Any]:
    """Return the object in one line of a file. Raises Unreadable."""
    if len(line) > LONGEST_LINE:
        raise Unreadable(f"{where}: a line is longer than {LONGEST_LINE / 1e6:,.0f} MB.")
    return as_object(parse(line, where), where)


def as_object(value: Any, where: object) -> dict[str, Any]:
    """Return `value` if it is an object. Raises Unreadable otherwise."""
    if not isinstance(value, dict):
        raise Unreadable(f"{where}: must hold an object, not {_kind(value)}.")
    return value


def field(document: Mapping[str, Any], key: str, kind: type[Kind], where: object) -> Kind:
    """Return `document[key]` if it has that type; a float may be written as an integer.

    Raises Unreadable otherwise, also if it is missing.
    """
    if key not in document:
        raise Unreadable(f"{where}: `{key}` is missing.")
    value = document[key]
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise Unreadable(f"{where}: `{key}` must be {_KINDS[kind]}, not {_kind(value)}.")
    result: Kind = value
    return result


def objects(document: Mapping[str, Any], key: str, where: object) -> list[dict[str, Any]]:
    """Return the list of objects at `key`. Raises Unreadable."""
    entries = field(document, key, list, where)
    return [as_object(entry, f"{where}: entry {at} of `{key}`") for at, entry in enumerate(entries)]


def _decoded(content: bytes, errors: str) -> str:
    if content.startswith(_MARKS):
        raise ValueError("begins with a byte order mark; save it as UTF-8 without one")
    return content.decode("utf-8", errors)


def _words(error: json.JSONDecodeError) -> str:
    text = error.doc
    if not text.strip():
        return "empty, where JSON is needed"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "cut short: the end of the JSON text is missing"
    return f"no valid JSON at line {error.lineno:,}, column {error.colno:,}"


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"a number is too large: {text[:_DIGITS]}")
    return value


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > _DIGITS:
        raise ValueError(f"a number has more than {_DIGITS} digits: {text[:_DIGITS]} and more")
    return int(text)


def _constant(text: str) -> float:
    raise ValueError(f"`{text}` is no number that JSON has")


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "something else")


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_whole, parse_constant=_constant)
