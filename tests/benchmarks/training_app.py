"""An app that trains on made photos, again and again, for whoever drives it in a terminal."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from tests.benchmarks import train_in_app
from tests.engine.conftest import draw_photos


def prepare(home: Path, epochs: int, environment: Mapping[str, str] | None = None) -> list[str]:
    """Make photos and a run that is done in `home`; return the command of the app.

    `epochs` is the length of each of its trainings. The run is made with this environment.
    """
    for split, count in (("train", 24), ("test", 8)):
        draw_photos(home / "photos" / split / "bear", count, (190, 70, 70), count)
        draw_photos(home / "photos" / split / "not_bear", count, (70, 190, 70), count + 1)
    recipe = default_recipe(str(home / "photos"), "mlp", image_size=8)
    recipe = replace(recipe, batch_size=8, device="cpu")
    files = home / "first.toml", home / "recipe.toml"
    for file, length in zip(files, (2, epochs), strict=True):
        file.write_text(to_toml(replace(recipe, epochs=length)))
    runs = str(home / "runs")
    first = [sys.executable, "-m", "bear_tui", "train", "--recipe", str(files[0]), "--runs", runs]
    subprocess.run(first, check=True, capture_output=True, env=environment)
    return [sys.executable, train_in_app.__file__, str(files[1]), runs, "--pace", "0.25", "--again"]
