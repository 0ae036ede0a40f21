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


_LONGEST_NAME = 50
"""Columns."""


def print_table(columns: list[str], rows: list[list[str]], right: frozenset[str]) -> None:
    """A plain table on standard output; columns named in `right` hold numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    first = max((cell_len(safe(row[0])) for row in rows), default=0)
    for name in columns:
        table.add_column(
            Text(safe(name)),
            justify="right" if name in right else "left",
            overflow="fold",
            # A name that is to be copied is not broken, unless nothing could stand beside it.
            min_width=min(first, _LONGEST_NAME) if name == columns[0] else None,
        )
    for row in rows:
        table.add_row(*(Text(safe(cell)) for cell in row))
    console = Console(highlight=False, markup=False)
    # A pipe has no width: let lines be as long as they need.
    if not sys.stdout.isatty():
        console = Console(highlight=False, markup=False, width=1000)
    console.print(table)


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
