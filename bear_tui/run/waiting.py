"""Trainings that wait their turn, on disk: `<runs>/.queue/`, a recipe a file.

They outlive the app that put them there. Whoever takes one trains it; the files' names are their
order.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.recipe_file import from_toml, to_toml
from bear_tui.run.folder import all_runs


class Waiting:
    """What waits in a folder of runs, first to begin first. Any process may change it."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self._folder = runs / ".queue"
        self._seen: tuple[Path, ...] = ()

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """As they are on disk now. A file that cannot be read is left out."""
        read = [(path, recipe) for path in self._paths() if (recipe := _recipe(path))]
        self._seen = tuple(path for path, _ in read)
        return tuple(recipe for _, recipe in read)

    def add(self, recipe: Recipe) -> int:
        """Put a training at the end; its place, counted from 1. Raises Failure."""
        with self._alone():
            paths = self._paths()
            last = int(paths[-1].stem) if paths else 0
            files.write_text(self._folder / f"{last + 1:06}.toml", to_toml(recipe))
        return len(self.recipes)

    def cancel(self, index: int) -> Recipe | None:
        """Take out the one that was at `index` when `recipes` was read; None: it waits no more."""
        with self._alone():
            for path in self._seen[index : index + 1]:
                recipe = _recipe(path)
                path.unlink(missing_ok=True)
                return recipe
        return None

    def put_back(self, recipe: Recipe, index: int) -> int:
        """Let one wait again that was taken out at `index`; where it stands then."""
        last = self.add(recipe) - 1
        return self.move(last, index - last)

    def move(self, index: int, by: int) -> int:
        """Let that one begin earlier (-1) or later (1); where it stands then."""
        with self._alone():
            paths = self._paths()
            if index >= len(self._seen) or self._seen[index] not in paths:
                return index  # it began meanwhile
            moved = self._seen[index]
            target = max(0, min(paths.index(moved) + by, len(paths) - 1))
            order = [path for path in paths if path != moved]
            order.insert(target, moved)
            aside = [path.rename(path.with_suffix(".moving")) for path in order]
            for path, name in zip(aside, paths, strict=True):
                path.rename(name)
        return target

    def take(self, begin: Callable[[Recipe], None] = lambda _recipe: None) -> Recipe | None:
        """The first, which waits no more; None where nothing does, or a run is being trained.

        Where `begin` raises, it goes on waiting.
        """
        if not self.recipes or any(folder.being_trained() for folder in all_runs(self.runs)):
            return None
        with self._alone():
            for path in self._paths():
                if recipe := _recipe(path):
                    begin(recipe)
                    path.unlink()
                    return recipe
        return None

    def _paths(self) -> list[Path]:
        """The files in their order."""
        with suppress(OSError):
            return sorted(path for path in self._folder.glob("*.toml") if path.stem.isdecimal())
        return []

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process changes the queue meanwhile."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise files.explain(error, self._folder) from None


def _recipe(path: Path) -> Recipe | None:
    try:
        return from_toml(files.read_text(path), str(path))
    except (OSError, Failure):
        return None
