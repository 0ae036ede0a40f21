"""What a table shows, as plain values: its columns, its rows and their order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Column:
    """A heading; numbers stand at the right under theirs."""

    heading: str
    right: bool = True
    limit: int = 60
    """Longer texts are cut."""


@dataclass(frozen=True)
class Row:
    """Cells as plain texts, and what tells this row from others when the table changes."""

    key: str
    cells: tuple[str, ...]
    style: str = ""
    """Of the whole row: `bold`, `dim`."""
    styles: tuple[str, ...] = ()
    """Of each cell, over the row's."""


@dataclass(frozen=True)
class Sorting:
    """The column that a table is sorted by, from 0; None: as it comes."""

    column: int | None = None
    reverse: bool = False

    def next(self, columns: int) -> "Sorting":
        """The next column, after the last as it comes."""
        following = 0 if self.column is None else self.column + 1
        return Sorting(following if following < columns else None)

    def by(self, column: int) -> "Sorting":
        """A column; once more turns it round."""
        return Sorting(column, not self.reverse if column == self.column else False)

    def turned(self) -> "Sorting":
        """The other way round."""
        return Sorting(self.column, self.column is not None and not self.reverse)


AS_IT_COMES = Sorting()


def sorted_columns(columns: Sequence[Column], sorting: Sorting) -> tuple[Column, ...]:
    """The headings, that of the sorted one with an arrow."""
    arrow = " ▼" if sorting.reverse else " ▲"
    return tuple(
        replace(column, heading=(column.heading + arrow).strip())
        if place == sorting.column
        else column
        for place, column in enumerate(columns)
    )
