"""A table as plain values: its columns, its rows and their order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Column:
    """A heading; numbers are aligned at the right."""

    heading: str
    right: bool = True
    limit: int = 60
    """Longer texts are cut."""


@dataclass(frozen=True)
class Row:
    """Cells as plain text, and a key that identifies the row when the table changes."""

    key: str
    cells: tuple[str, ...]
    style: str = ""
    """Of the whole row: `bold`, `dim`."""
    styles: tuple[str, ...] = ()
    """Of each cell, over the row's."""


@dataclass(frozen=True)
class Sorting:
    """The column that a table is sorted by, from 0; None: the original order."""

    column: int | None = None
    reverse: bool = False

    def next(self, columns: int) -> "Sorting":
        """Return the next column, after the last the original order."""
        following = 0 if self.column is None else self.column + 1
        return Sorting(following if following < columns else None)

    def by(self, column: int) -> "Sorting":
        """Return a sorting by `column`; if that is this one, reversed."""
        return Sorting(column, not self.reverse if column == self.column else False)

    def turned(self) -> "Sorting":
        """Return the reverse order."""
        return Sorting(self.column, self.column is not None and not self.reverse)


AS_IT_COMES = Sorting()


def sorted_columns(columns: Sequence[Column], sorting: Sorting) -> tuple[Column, ...]:
    """Return the headings, with an arrow at the sorted one."""
    arrow = " ▼" if sorting.reverse else " ▲"
    return tuple(
        replace(column, heading=(column.heading + arrow).strip())
        if place == sorting.column
        else column
        for place, column in enumerate(columns)
    )
