"""How commands speak: JSON on standard output, messages and progress on standard error."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from bear_tui.text import safe


def print_json(document: object) -> None:
    """One JSON document on one line. Undecodable file names come out as `\\udcXX` escapes."""
    sys.stdout.write(json.dumps(document, allow_nan=False) + "\n")
    sys.stdout.flush()


def say(message: str) -> None:
    """A message for the person, on standard error."""
    print(safe(message), file=sys.stderr, flush=True)


def print_table(columns: list[str], rows: list[list[str]], right: frozenset[str]) -> None:
    """A plain table on standard output; columns named in `right` hold numbers."""
    # A pipe has no width: let lines be as long as they need.
    width = None if sys.stdout.isatty() else 1000
    console = Console(highlight=False, markup=False, width=width)
    console.print(_table(columns, rows, right, console.width))


def _table(columns: list[str], rows: list[list[str]], right: frozenset[str], width: int) -> Table:
    """A name in the first column is to be copied: broken only where `width` has no room for it
    beside the words of the other columns.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    lines = [[safe(cell) for cell in line] for line in (columns, *rows)]
    first, *others = (max(map(_longest_word, cells)) for cells in zip(*lines, strict=True))
    fits = first + sum(others) + _GAP * len(others) <= width
    for place, name in enumerate(columns):
        table.add_column(
            Text(safe(name)),
            justify="right" if name in right else "left",
            overflow="fold",
            width=first if fits and place == 0 else None,
        )
    for row in lines[1:]:
        table.add_row(*map(Text, row))
    return table


_GAP = 2
"""Columns that rich leaves between two of the table's."""


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


@contextlib.contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with count, rate and time left on a terminal; nothing elsewhere.

    Yields `progress(done, total)`.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    bar = Progress(
        TextColumn(title, markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
