"""Queued runs on disk: `<runs>/.queue/`, one recipe a file.

The queue outlives the app that filled it, and any process may change it. The names of the files
are their order.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.recipe_file import from_toml, to_toml
from bear_tui.run import lock


class QueueStore:
    """The queue of a folder of runs."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self._folder = runs / ".queue"

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The queued recipes as they are on disk now, next one first. Unreadable files are left
        out."""
        return tuple(recipe for path in self._paths() if (recipe := _recipe(path)))

    def add(self, recipe: Recipe) -> int:
        """Put a recipe at the end; return its place, counted from 1. Raises Failure."""
        with self._exclusive():
            paths = self._paths()
            last = int(paths[-1].stem) if paths else 0
            files.write_text(self._file(last + 1), to_toml(recipe))
        return len(self.recipes)

    def cancel(self, recipe: Recipe, index: int) -> bool:
        """Remove a recipe that was seen at `index`; return False if it is no longer queued."""
        with self._exclusive():
            paths = self._paths()
            at = _nearest(paths, recipe, index)
            if at is not None:
                paths[at].unlink(missing_ok=True)
        return at is not None

    def put_back(self, recipe: Recipe, index: int) -> int:
        """Queue a recipe again that was removed at `index`; return the index it has now."""
        last = self.add(recipe) - 1
        return self.move(recipe, last, index - last)

    def move(self, recipe: Recipe, index: int, by: int) -> int:
        """Move a recipe that was seen at `index` forward (-1) or back (1); return its new index."""
        with self._exclusive():
            paths = self._paths()
            at = _nearest(paths, recipe, index)
            if at is None:
                return index  # its training has begun meanwhile
            target = max(0, min(at + by, len(paths) - 1))
            order = paths.copy()
            order.insert(target, order.pop(at))
            # To unused names: if this is interrupted anywhere, no file is lost.
            last = int(paths[-1].stem)
            for number, path in enumerate(order[min(at, target) :], start=last + 1):
                path.rename(self._file(number))
        return target

    def take(
        self, begin: Callable[[Recipe], None] = lambda _recipe: None, wait: bool = True
    ) -> Recipe | None:
        """Remove and return the first recipe; None if there is none, or a run is being trained.

        `begin` is called with it first; if that raises, it stays in the queue. Without `wait` also
        None while another process changes the queue.
        """
        if not self.recipes:
            return None
        from bear_tui.run.runs import all_runs  # seldom needed, and this is called at every start

        if any(folder.being_trained() for folder in all_runs(self.runs)):
            return None
        with self._exclusive(wait) as exclusive:
            for path in self._paths() if exclusive else ():
                if recipe := _recipe(path):
                    begin(recipe)
                    path.unlink()
                    return recipe
        return None

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06}.toml"

    def _paths(self) -> list[Path]:
        """Return the files in their order."""
        with suppress(OSError):
            return sorted(path for path in self._folder.glob("*.toml") if path.stem.isdecimal())
        return []

    @contextmanager
    def _exclusive(self, wait: bool = True) -> Iterator[bool]:
        """Keep other processes from changing the queue; without `wait` False if one does."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            files.refuse_link(self._folder)
            with files.open_to_append(self._folder / "lock") as file:
                try:
                    with lock.without_locks():
                        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                except BlockingIOError:
                    yield False
                else:
                    yield True
        except OSError as error:
            raise files.explain(error, self._folder) from None


def _nearest(paths: Sequence[Path], recipe: Recipe, index: int) -> int | None:
    """Return the index of a recipe by now: others may have begun, and files change their names."""
    same = (at for at, path in enumerate(paths) if _recipe(path) == recipe)
    return min(same, key=lambda at: abs(at - index), default=None)


def _recipe(path: Path) -> Recipe | None:
    with suppress(Failure):
        content = files.content(path)
        if content is not None:
            return from_toml(content.decode("utf-8", "surrogateescape"), str(path))
    return None
