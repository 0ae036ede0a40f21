"""Train an image classifier on folders of photos: in the terminal, over SSH, or from Python."""

import importlib
from typing import TYPE_CHECKING, Any

from bear_tui.version import VERSION as __version__

if TYPE_CHECKING:
    from bear_tui import errors
    from bear_tui.api.predictions import Prediction
    from bear_tui.api.run import Run, compare, open_run, runs, sample_photos
    from bear_tui.api.train import train
    from bear_tui.errors import BadInput, Failure
    from bear_tui.recipe import Recipe

__all__ = [
    "BadInput",
    "Failure",
    "Prediction",
    "Recipe",
    "Run",
    "__version__",
    "compare",
    "errors",
    "open_run",
    "runs",
    "sample_photos",
    "train",
]

_HOMES = {
    "BadInput": "bear_tui.errors",
    "Failure": "bear_tui.errors",
    "Prediction": "bear_tui.api.predictions",
    "Recipe": "bear_tui.recipe",
    "Run": "bear_tui.api.run",
    "compare": "bear_tui.api.run",
    "open_run": "bear_tui.api.run",
    "runs": "bear_tui.api.run",
    "sample_photos": "bear_tui.api.run",
    "train": "bear_tui.api.train",
}
"""The module of each public name."""


def __getattr__(name: str) -> Any:
    """Import what is asked for, and nothing before: commands and the app start at once."""
    if name == "errors":
        return importlib.import_module("bear_tui.errors")
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
