"""Copying out of the app by OSC 52: the terminal at the person's own desk takes it."""

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding
from textual.screen import Screen, ScreenResultType

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.widgets.finding_list import FindingList
from bear_tui.tui.widgets.table import Table

_IF_NOT = "If it cannot be pasted: tmux needs `set -g set-clipboard on`, some terminals a setting."
_LONGEST_PATH = 4096


class CopyingScreen(Screen[ScreenResultType]):
    """A screen with the two keys. A subclass says which path is under the cursor."""

    BINDINGS: ClassVar = [
        Binding(
            "y", "copy_path", "copy path", show=False, tooltip="copy the path under the cursor"
        ),
        Binding("Y", "copy_table", "copy table", show=False, tooltip="copy the table"),
    ]

    def path_here(self) -> Path | None:
        """The file or run that the cursor is on, to be copied."""
        return None

    def action_copy_path(self) -> None:
        """To the clipboard of the person's own terminal."""
        path = self.path_here()
        if path is None:
            self._answer("No file or run is under the cursor here: nothing was copied.")
            return
        # Pasted into a shell, a line break does more harm than on the screen.
        self.app.copy_to_clipboard(safe(path, _LONGEST_PATH))
        self._answer(f"Copied {paths.short(path)}. {_IF_NOT}")

    def action_copy_table(self) -> None:
        """The table or list that has the keyboard, else the first in sight."""
        tables = [
            one
            for one in self.query("*").results()
            if isinstance(one, Table | FindingList) and one.size and one.row_count
        ]
        if not tables:
            self._answer("No table is on this screen: nothing was copied.")
            return
        table = next((one for one in tables if one.has_focus), tables[0])
        self.app.copy_to_clipboard(table.as_text())
        count = f"{table.row_count:,} row{'s' if table.row_count != 1 else ''}"
        self._answer(f"Copied the table, {count}, cells parted by tabs. {_IF_NOT}")

    def _answer(self, sentence: str) -> None:
        self.notify(safe(sentence), markup=False, timeout=8)
