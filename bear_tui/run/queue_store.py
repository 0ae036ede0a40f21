"""Trainings that wait their turn, on disk: `<runs>/.queue/`, a recipe a file.

They outlive the app that put them there. Whoever takes one trains it; the files' names are their
order.
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


class Waiting:
    """What waits in a folder of runs, first to begin first. Any process may change it."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self._folder = runs / ".queue"

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """As they are on disk now. A file that cannot be read is left out."""
        return tuple(recipe for path in self._paths() if (recipe := _recipe(path)))

    def add(self, recipe: Recipe) -> int:
        """Put a training at the end; its place, counted from 1. Raises Failure."""
        with self._alone():
            paths = self._paths()
            last = int(paths[-1].stem) if paths else 0
            files.write_text(self._file(last + 1), to_toml(recipe))
        return len(self.recipes)

    def cancel(self, recipe: Recipe, index: int) -> bool:
        """Take one out that was seen at `index`; whether it was waiting still."""
        with self._alone():
            paths = self._paths()
            at = _nearest(paths, recipe, index)
            if at is not None:
                paths[at].unlink(missing_ok=True)
        return at is not None

    def put_back(self, recipe: Recipe, index: int) -> int:
        """Let one wait again that was taken out at `index`; where it stands then."""
        last = self.add(recipe) - 1
        return self.move(recipe, last, index - last)

    def move(self, recipe: Recipe, index: int, by: int) -> int:
        """Let one begin earlier (-1) or later (1) that was seen at `index`; where it is then."""
        with self._alone():
            paths = self._paths()
            at = _nearest(paths, recipe, index)
            if at is None:
                return index  # it began meanwhile
            target = max(0, min(at + by, len(paths) - 1))
            order = paths.copy()
            order.insert(target, order.pop(at))
            # To names that nothing has: wherever this breaks off, none of them is lost.
            last = int(paths[-1].stem)
            for number, path in enumerate(order[min(at, target) :], start=last + 1):
                path.rename(self._file(number))
        return target

    def take(
        self, begin: Callable[[Recipe], None] = lambda _recipe: None, wait: bool = True
    ) -> Recipe | None:
        """The first, which waits no more; None where nothing does, or a run is being trained.

        Where `begin` raises, it goes on waiting. Without `wait` None too while another process
        changes the queue.
        """
        if not self.recipes:
            return None
        from bear_tui.run.folder import all_runs  # seldom needed, and asked for at every start

        if any(folder.being_trained() for folder in all_runs(self.runs)):
            return None
        with self._alone(wait) as alone:
            for path in self._paths() if alone else ():
                if recipe := _recipe(path):
                    begin(recipe)
                    path.unlink()
                    return recipe
        return None

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06}.toml"

    def _paths(self) -> list[Path]:
        """The files in their order."""
        with suppress(OSError):
            return sorted(path for path in self._folder.glob("*.toml") if path.stem.isdecimal())
        return []

    @contextmanager
    def _alone(self, wait: bool = True) -> Iterator[bool]:
        """No other process changes the queue meanwhile; False where one does and none `wait`s."""
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
    """Where a recipe stands by now: others may have begun, and files change their names."""
    same = (at for at, path in enumerate(paths) if _recipe(path) == recipe)
    return min(same, key=lambda at: abs(at - index), default=None)


def _recipe(path: Path) -> Recipe | None:
    with suppress(Failure):
        content = files.content(path)
        if content is not None:
            return from_toml(content.decode("utf-8", "surrogateescape"), str(path))
    return None
