"""Check and convert what callers of the Python API give; name keywords in its errors."""

import difflib
import numbers
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict

from bear_tui import paths, recipe_file
from bear_tui.errors import Failure
from bear_tui.recipe import (
    OPTIONS,
    Augment,
    ClassWeights,
    Framing,
    Interpolation,
    Optimizer,
    Precision,
    Scheduler,
)
from bear_tui.text import relabelled

File: TypeAlias = str | os.PathLike[str]


class Settings(TypedDict, total=False):
    """The fields of a recipe as keywords."""

    model: str
    weights: File
    unfreeze: str
    image_size: int
    epochs: int
    batch_size: int | Literal["auto"]
    learning_rate: float
    optimizer: Optimizer
    scheduler: Scheduler
    augment: Augment
    validation: float
    patience: int
    seed: int
    device: str
    precision: Precision
    warmup: float
    stage_factor: float
    label_smoothing: float
    class_weights: ClassWeights
    mixup: float
    views: int
    framing: Framing
    interpolation: Interpolation
    name: str
    corrections: Iterable[tuple[str, str]]


def checked(settings: Mapping[str, Any], keywords: Iterable[str]) -> dict[str, Any]:
    """Return the settings as a recipe holds them.

    Raises TypeError for an unknown keyword, with the nearest of `keywords`, which are the
    caller's own, and BadInput for a value of a wrong type.
    """
    plain: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in Settings.__annotations__:
            names = {key: key for key in (*keywords, *Settings.__annotations__)}
            names["lr"] = "learning_rate"
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean '{names[near[0]]}'?" if near else f"known: {', '.join(names)}"
            raise TypeError(f"train() got an unexpected keyword argument '{name}'; {hint}")
        plain[name] = _plain(value)
        recipe_file.check_type(name, plain[name], "train()")
    return plain


def _plain(value: Any) -> Any:
    """Return a value of numpy or pathlib as one of Python's own types."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, bool | str):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    return tuple(map(tuple, value)) if isinstance(value, Iterable) else value


def runs_folder(runs: File | None) -> Path:
    """Return the folder of runs: the one given, or the usual one."""
    return paths.runs_folder() if runs is None else path_of(runs)


def path_of(file: File) -> Path:
    """Return the absolute path of a file that a caller names."""
    return paths.absolute(os.fspath(file))


def in_python(sentence: str) -> str:
    """Return a sentence with keywords in place of the options of commands."""
    return relabelled(sentence, _KEYWORDS)


@contextmanager
def errors_in_python() -> Iterator[None]:
    """Replace the options of commands by keywords in a Failure that leaves the block."""
    try:
        yield
    except Failure as failure:
        failure.args = (in_python(str(failure)),)
        raise


_KEYWORDS = {option: field for field, option in OPTIONS.items()} | {
    "--recipe": "recipe",
    **{f"--{name}": name for name in ("runs", "out", "to")},
}
