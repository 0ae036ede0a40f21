"""The folder of runs: make a run, list all, find one by name."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from bear_tui import files
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run.folder import CHOOSE_RUNS, RunFolder


def require_room_for_runs(runs: Path) -> None:
    """Raise BadInput if no run can be made in `runs`, which need not exist yet."""
    folder = next((path for path in (runs, *runs.parents) if files.exists(path)), runs)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadInput(f"{runs}: you may not write there. {CHOOSE_RUNS}")


def new_run(runs: Path, recipe: Recipe, token: str) -> RunFolder:
    """Return a folder for a new run, named after dataset and model; `token` makes it unique."""
    name = recipe.name or f"{Path(recipe.data).name}-{recipe.model}"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "run"
    return RunFolder(runs / f"{plain}-{token}")


def all_runs(runs: Path) -> list[RunFolder]:
    """Return every run in `runs`, newest first; runs of unknown age come last.

    Raises BadInput if the folder may not be read.
    """
    return _newest_first(_runs_called(runs, ""))


def _runs_called(runs: Path, beginning: str) -> list[RunFolder]:
    """Return the runs whose ids begin so, without reading any others."""
    try:
        with os.scandir(runs) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(beginning)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise BadInput(f"{files.explain(error, runs)} {CHOOSE_RUNS}") from None
    return [folder for name in names if (folder := RunFolder(runs / name)).on_disk()]


def _newest_first(folders: Iterable[RunFolder]) -> list[RunFolder]:
    return sorted(folders, key=lambda folder: (-(folder.trainer().started or 0.0), folder.run))


def find_run(name: str, runs: Path) -> RunFolder:
    """Return the run called `name`: an id, a unique beginning of one, a path, or `last`.

    Raises BadInput. Files of other runs are not read.
    """
    if name == "last":
        known = all_runs(runs)
        if not known:
            raise BadInput(f"last: no run in {runs} yet; `bear-tui train` makes one.")
        return known[0]
    by_id = RunFolder(runs / name)
    if by_id.run == name != ".." and by_id.on_disk():
        return by_id
    if files.is_file(Path(name) / "recipe.toml"):
        return RunFolder(Path(os.path.realpath(name)))
    beginning = _newest_first(_runs_called(runs, name)) if name else []
    if len(beginning) == 1:
        return beginning[0]
    if beginning:
        names = ", ".join(folder.run for folder in beginning[:5])
        count = f"{len(beginning)} runs begin so"
        raise BadInput(f"{name}: {count}: {names}; type more of the name.")
    raise BadInput(f"{name}: no such run in {runs}; `bear-tui runs` lists them.")
