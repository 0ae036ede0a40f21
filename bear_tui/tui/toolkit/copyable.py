"""A table or list as it leaves the app: all of it, as texts. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bear_tui.text import safe

_LONGEST = 4096
"""A path may be so long."""


@dataclass(frozen=True)
class Cells:
    """Rows of cells, under a heading where there is one."""

    rows: Sequence[Sequence[object]]
    heading: Sequence[str] = ()

    def as_text(self) -> str:
        """Cells parted by tabs: what a spreadsheet takes."""
        lines = [self.heading, *self.rows] if self.heading else self.rows
        return "\n".join("\t".join(safe(cell, _LONGEST) for cell in line) for line in lines)


@runtime_checkable
class HasCells(Protocol):
    """A part of a screen that can be copied."""

    def cells(self) -> Cells:
        """All of it, also what is not drawn."""
        ...
