"""Photos of each class in each split, as numbers and as lines with bars."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.content import Content

from bear_tui.text import safe
from bear_tui.tui.render.meter import bar

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.folders.inventory import Inventory
    from bear_tui.data.folders.scan import Problem

_NUMBER_WIDTH = 7
_PROBLEMS_WIDTH = 10
_SHORTEST_BAR = 4
_LONGEST_NAME = 30
_SHORT = {"validation": "valid"}


@dataclass(frozen=True)
class Counts:
    """Photos by class and split, as numbers to draw."""

    splits: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """Class, and its photos in each of `splits`."""
    problems: tuple[int, ...] | None = None
    """Problems of each class; None where no one has looked."""

    @property
    def totals(self) -> tuple[int, ...]:
        """Return the photos of each split."""
        return tuple(sum(row[1][n] for row in self.rows) for n in range(len(self.splits)))

    def numbers(self, row: int) -> list[str]:
        """Return a class's photos in each split, then its problems, or else all its photos."""
        counts = self.rows[row][1]
        return self._shown(counts, self.problems[row] if self.problems is not None else None)

    def total_numbers(self) -> list[str]:
        """Return the same numbers for all classes together."""
        return self._shown(self.totals, sum(self.problems) if self.problems is not None else None)

    def _shown(self, counts: tuple[int, ...], problems: int | None) -> list[str]:
        cells = [f"{number:,}" for number in counts]
        if problems is not None:
            return [*cells, f"{problems or '–':>{_PROBLEMS_WIDTH}}"]
        return [*cells, f"{sum(counts):,}"] if len(counts) > 1 else cells

    def heading(self) -> list[str]:
        """Return the names of the columns."""
        names = [_SHORT.get(split, split) for split in self.splits]
        if self.problems is not None:
            return [*names, f"{'problems':>{_PROBLEMS_WIDTH}}"]
        return [*names, "all"] if len(names) > 1 else names

    @property
    def name_width(self) -> int:
        """Return the width of the names' column."""
        names = (Content(safe(name)).cell_length for name, _ in self.rows)
        return max(5, min(_LONGEST_NAME, max(names, default=0)))

    @property
    def most(self) -> int:
        """Return the photos of the largest class, which has the longest bar."""
        return max((sum(numbers) for _, numbers in self.rows), default=0)


def counts(inventory: "Inventory", dataset: "Dataset | None") -> Counts:
    """Return the photos as they are used; where they cannot be, as they lie in the folder."""
    if dataset is None:
        counts = inventory.counts()
        splits = tuple(next(iter(counts.values()), {"all": 0}))
        return Counts(
            splits, tuple((name, tuple(row[s] for s in splits)) for name, row in counts.items())
        )
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    tally = {name: [0, 0, 0] for name in dataset.classes}
    for place, photos in enumerate(parts.values()):
        for photo in photos:
            tally[photo.label][place] += 1
    return Counts(tuple(parts), tuple((name, tuple(row)) for name, row in tally.items()))


def with_problems(table: Counts, inventory: "Inventory", problems: "Sequence[Problem]") -> Counts:
    """Return the counts with the number of problems of each class."""
    labels = {photo.file: photo.label for photo in inventory.photos}
    counts = Counter(labels.get(os.fspath(problem.path), problem.path.name) for problem in problems)
    return replace(table, problems=tuple(counts[name] for name, _ in table.rows))


def set_aside_note(inventory: "Inventory", dataset: "Dataset") -> str:
    """Say which photos the seed selected, if the folder does not; else ""."""
    chosen = [split for split in ("validation", "test") if split not in inventory.splits]
    if not chosen:
        return ""
    which = " and ".join(f"{len(getattr(dataset, split)):,} {split}" for split in chosen)
    return f"{which} photos are chosen by the seed"


def class_line(
    name: str,
    numbers: list[str],
    share: float,
    name_width: int,
    width: int,
    style: str = "",
    bar_style: str = "",
) -> Content:
    """Return a name, a bar of `share`, and numbers aligned at the right."""
    right = "".join(f"{number:>{_NUMBER_WIDTH}}" for number in numbers)
    room = max(4, min(name_width, width - len(right) - 1))
    left = Content(safe(name, 200))
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    length = max(0, width - room - len(right) - 3)
    length = length if length >= _SHORTEST_BAR else 0
    drawn = bar(share, length)
    gap = width - left.cell_length - len(right)
    gap_before_bar = room - left.cell_length + 2 if length else 0
    return Content.assemble(
        (left.plain, style),
        " " * gap_before_bar,
        (drawn, bar_style),
        " " * (gap - gap_before_bar - len(drawn)),
        (right, style),
    )
