"""A recipe as TOML: write, read and check it."""

import difflib
import re
import reprlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import tomli_w

from bear_tui import files
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe


def to_toml(recipe: Recipe) -> str:
    """Return the recipe as TOML, one key a field."""
    return tomli_w.dumps(asdict(recipe))


def from_toml(text: str, source: str, older: Mapping[str, Any] | None = None) -> Recipe:
    """The recipe in `text`; fields left out take what suits its model. `source` names it.

    `older` has values for what a recipe lacks that was written before there was such a field.
    """
    if _LONG_KEY.search(text):
        raise BadInput(f"{source}: no valid TOML: a key of more than {_PARTS} parts.")
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise BadInput(f"{source}: no valid TOML: {error}.") from None
    for key, value in table.items():
        if key not in _TYPES:
            raise BadInput(f"{source}: unknown key `{key[:40]}`; {_hint(key[:40])}")
        check_type(key, value, source)
    if "model" not in table:
        raise BadInput(f'{source}: no `model`; add a line such as `model = "mobilenet_v2"`.')
    basis = {key: table.get(key) for key in ("weights", "unfreeze", "image_size")}
    try:
        recipe = default_recipe(table.get("data", ""), table["model"], **basis)
    except BadInput as problem:  # no such model
        raise BadInput(f"{source}: {problem}") from None
    table = {**(older or {}), **table}
    if "corrections" in table:
        table["corrections"] = tuple((path, label) for path, label in table["corrections"])
    numbers = {key: float(value) for key, value in table.items() if _TYPES[key] is float}
    return replace(recipe, **{**table, **numbers})


def _hint(key: str) -> str:
    """The known key that `key` is meant for, which may be called as its option is."""
    names = {name: name for name in _TYPES} | {"lr": "learning_rate"}
    near = difflib.get_close_matches(key, names, n=1)
    return f"did you mean `{names[near[0]]}`?" if near else f"known keys: {', '.join(_TYPES)}."


def load(path: Path) -> Recipe:
    """The recipe in a file; BadInput where it cannot be read."""
    try:
        return from_toml(files.read_text(path), str(path))
    except OSError as error:
        raise BadInput(str(files.explain(error, path))) from None


_PARTS = 50
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}\s*+\.\s*+){{{_PARTS}}}")
"""The time that a key `a.a.a…` takes to read grows with the square of its length."""


def keys(path: Path) -> set[str]:
    """Return what a recipe's file says itself; nothing where it cannot be read."""
    try:
        return set(tomllib.loads(files.read_text(path)))
    except (OSError, ValueError, RecursionError):
        return set()


_TYPES = {field.name: field.type for field in fields(Recipe)}


def check_type(key: str, value: Any, source: str) -> None:
    """Raise BadInput for a value of a type that the field `key` cannot have, found in `source`."""
    if _TYPES[key] is float:
        good, wanted = type(value) in (int, float) and abs(value) < 2**63, "a number"
    elif _TYPES[key] is int:
        good, wanted = type(value) is int and abs(value) < 2**63, "a whole number"
    elif key == "batch_size":
        good = value == "auto" or (type(value) is int and abs(value) < 2**63)
        wanted = 'a whole number or "auto"'
    elif key == "corrections":
        good = isinstance(value, list | tuple) and all(_is_pair(item) for item in value)
        wanted = "a list of pairs [path, class]"
    else:
        good, wanted = isinstance(value, str), "a text in quotes"
    if not good:
        raise BadInput(f"{source}: `{key}` must be {wanted}, not {reprlib.repr(value)}.")


def _is_pair(value: Any) -> bool:
    texts = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return texts and len(value) == 2
