"""Output of commands: JSON and tables on standard output, messages on standard error.

Nothing else in `commands` writes to them. Foreign text printed here cannot control the terminal,
and `streams` keeps a closed output from ending the work.
"""

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

from bear_tui.commands.streams import encodable
from bear_tui.text import safe

_LONGEST_LINE = 10_000


def print_json(document: object) -> None:
    """Print a JSON document on one line. Undecodable file names become `\\udcXX` escapes."""
    print_raw(json.dumps(document, allow_nan=False) + "\n")


def print_raw(text: str) -> None:
    """Print text as it is, for programs. JSON has escaped control characters."""
    sys.stdout.write(text)
    sys.stdout.flush()


def print_line(line: object = "") -> None:
    """Print a line on standard output."""
    print_raw(shown(line, _LONGEST_LINE) + "\n")


def say(message: object) -> None:
    """Print a message for the person on standard error."""
    sys.stderr.write(encodable(safe(message, _LONGEST_LINE), sys.stderr) + "\n")
    sys.stderr.flush()


def shown(text: object, limit: int = 1000) -> str:
    """Return `text` as standard output can show it, without control characters."""
    return encodable(safe(text, limit), sys.stdout)


def print_table(columns: list[str], rows: list[list[str]], right: frozenset[str]) -> None:
    """Print a table on standard output; columns named in `right` are right-aligned.

    In a pipe each row is one line, whatever its length.
    """
    lines = [[shown(cell) for cell in line] for line in (columns, *rows)]
    natural = [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)]
    whole = sum(natural) + _GAP * len(natural)
    width = None if sys.stdout.isatty() else max(whole, 1)
    console = Console(highlight=False, markup=False, width=width)
    console.print(_table(lines, [name in right for name in columns], natural, console.width))


def _table(lines: list[list[str]], right: list[bool], natural: list[int], width: int) -> Table:
    """Return the table, headed by the first of `lines`.

    Names in the first column are copied by people: one is broken only if `width` has no room for
    it beside the longest words of the other columns.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    first, *others = (max(map(_longest_word, cells)) for cells in zip(*lines, strict=True))
    room = width - sum(others) - _GAP * len(others)
    for place, name in enumerate(lines[0]):
        table.add_column(
            Text(name),
            justify="right" if right[place] else "left",
            overflow="fold",
            width=min(natural[0], room) if first <= room and place == 0 else None,
        )
    for row in lines[1:]:
        table.add_row(*map(Text, row))
    return table


_GAP = 2
"""Characters that rich puts between two columns."""


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


@contextlib.contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with count and time left on a terminal; elsewhere nothing.

    Yields `progress(done, total)`.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    bar = Progress(
        TextColumn(safe(title), markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
