"""The real photos as a dataset of a fixed size, and tables, for the benchmarks."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bear_tui.engine.fit import fit
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder

SHARED = Path(__file__).parents[3] / "shared" / "data"

PARTS = {"train": 160, "validation": 40, "test": 18}
"""Photos a class in each part: 320 to train on, 80 to validate."""


def make_dataset(out: Path, classes: Sequence[str] = ("bear", "not_bear")) -> Path:
    """`train/`, `validation/` and `test/` of two classes, the same photos every time."""
    for name in classes:
        files = sorted((SHARED / "photos" / name).iterdir())
        for part, count in PARTS.items():
            folder = out / part / name
            folder.mkdir(parents=True)
            for file in files[:count]:
                shutil.copy(file, folder)
            files = files[count:]
    return out


def head_only(folder: Path) -> RunFolder:
    """A MobileNetV2 whose head has learned bears from other animals."""
    weights = next((SHARED / "weights").glob("mobilenet_v2*.pth"))
    data = make_dataset(folder / "data")
    recipe = default_recipe(str(data), "mobilenet_v2", str(weights), "head")
    run = RunFolder(folder / "runs" / "head-only")
    list(fit(replace(recipe, epochs=2, augment="none"), run, Control()))
    return run


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they need."""
    widths = [max(len(row[n]) for row in (columns, *rows)) for n in range(len(columns))]
    for row in (columns, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
