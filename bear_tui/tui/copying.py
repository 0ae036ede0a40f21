"""Copying out of the app by OSC 52: the terminal at the person's own desk takes it."""

from typing import TYPE_CHECKING

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.widgets.table import Table

if TYPE_CHECKING:
    from bear_tui.tui.screens.base import BearScreen

_IF_NOT = "If it cannot be pasted: tmux needs `set -g set-clipboard on`, some terminals a setting."
_LONGEST_PATH = 4096


def copy_path(screen: "BearScreen") -> str:
    """Copy the path under the cursor; the sentence to show."""
    path = screen.path_here()
    if path is None:
        return "No file or run is under the cursor here: nothing was copied."
    # Pasted into a shell, a line break does more harm than on the screen.
    screen.app.copy_to_clipboard(safe(path, _LONGEST_PATH))
    return f"Copied {paths.short(path)}. {_IF_NOT}"


def copy_table(screen: "BearScreen") -> str:
    """Copy the table that has the keyboard, else the first in sight; the sentence to show."""
    tables = [table for table in screen.query(Table) if table.size and table.row_count]
    if not tables:
        return "No table is on this screen: nothing was copied."
    table = next((one for one in tables if one.has_focus), tables[0])
    screen.app.copy_to_clipboard(table.as_text())
    count = f"{table.row_count:,} row{'s' if table.row_count != 1 else ''}"
    return f"Copied the table, {count}, cells parted by tabs. {_IF_NOT}"
