"""Make foreign text (names of files, classes and runs, errors) safe to print on a terminal."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

# Cc control, Cf format (bidi marks, zero-width), Cs surrogate, Co private use, Cn unassigned,
# Zl and Zp line and paragraph separators: none of them may reach a terminal.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_COMBINING_RUN = 3
_MARKS = ("Mn", "Me")  # the category, because some marks have no combining class


def safe(text: object, limit: int = 1000) -> str:
    """Return `text` as one line that cannot control a terminal.

    Control, bidi and surrogate characters become U+FFFD, line breaks and tabs a space; long runs
    of combining marks and long texts are cut. Markup stays: show the result with markup off
    (`Content(text)`, `rich.text.Text(text)`).
    """
    shown: list[str] = []
    combining = 0
    whole = str(text)
    for character in whole[: limit + 1]:
        if character in "\n\r\t":
            shown.append(" ")
            continue
        combining = combining + 1 if unicodedata.category(character) in _MARKS else 0
        if combining > _COMBINING_RUN:
            continue
        unsafe = unicodedata.category(character) in _UNSAFE
        shown.append(_REPLACEMENT if unsafe else character)
    if len(whole) > limit:
        shown[limit - 1 :] = "…"
    return "".join(shown)


def safe_in_place(text: str) -> str:
    """Return the same with one character for each of `text`, so that cursor positions match."""
    shown: list[str] = []
    combining = 0
    for character in text:
        combining = combining + 1 if unicodedata.category(character) in _MARKS else 0
        shown.append(_REPLACEMENT if combining > _COMBINING_RUN else safe(character))
    return "".join(shown)


def counted(number: int, noun: str) -> str:
    """Return `1 epoch` or `2,000 epochs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def first_few(names: Sequence[str], most: int) -> str:
    """Return `one, two and 3 more`."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def relabelled(sentence: str, labels: Mapping[str, str]) -> str:
    """Return a sentence with a form's labels for command-line options, `batch` for `--batch-size`.

    `labels` maps options to labels. Other options, and text in backticks, stay as they are.
    """
    parts = sentence.split("`")
    for place in range(0, len(parts), 2):
        parts[place] = _OPTION.sub(
            lambda option: f"`{labels[option[0]]}`" if option[0] in labels else option[0],
            parts[place],
        )
    return "`".join(parts)


_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
