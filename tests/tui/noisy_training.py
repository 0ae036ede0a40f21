"""The app with a real training during which libraries print.

python -m tests.tui.noisy_training RECIPE.toml RUNS
"""

import ctypes
import sys
import warnings
from collections.abc import Iterator

from bear_tui.engine.fit import fit
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import EpochCompleted, Event
from bear_tui.run.folder import RunFolder
from bear_tui.tui.run_app import show_app
from tests.benchmarks import train_in_app

NOISES = (
    "NOISE-print",
    "NOISE-stderr",
    "NOISE-c-one",
    "NOISE-c-two",
    "NOISE-c-stdio",
    "NOISE-warning",
    "NOISE-bar",
)


def make_noise() -> None:
    """Print as Python, C libraries and progress bars do."""
    c = ctypes.CDLL(None)
    print("NOISE-print")
    sys.stderr.write("NOISE-stderr\n")
    c.write(1, b"NOISE-c-one\n", 12)
    c.write(2, b"NOISE-c-two\n", 12)
    c.printf(b"NOISE-c-stdio\n")  # C keeps it until its buffer is full or the process ends
    warnings.warn("NOISE-warning", stacklevel=1)
    for percent in (0, 50, 100):
        sys.stderr.write(f"\rNOISE-bar {percent}%|{'#' * (percent // 10):<10}|")
        sys.stderr.flush()


def noisy_fit(recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
    """Train with the engine; print at the end of each epoch."""
    for event in fit(recipe, folder, control):
        if isinstance(event, EpochCompleted):
            make_noise()
        yield event


if __name__ == "__main__":
    train_in_app.engine_fit = noisy_fit  # type: ignore[assignment,attr-defined] # what its app trains with
    arguments = train_in_app._arguments()
    sys.exit(show_app(lambda: train_in_app._Started(arguments)))
