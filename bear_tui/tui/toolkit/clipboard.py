"""Copying out of the app by OSC 52: the terminal at the person's own desk takes it."""

import os
import unicodedata
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding
from textual.screen import Screen, ScreenResultType

from bear_tui import paths
from bear_tui.text import counted, safe
from bear_tui.tui.toolkit.copyable import Cells, HasCells

_IF_NOT = "If it cannot be pasted: tmux needs `set -g set-clipboard on`, some terminals a setting."
_MUCH = 75_000
"""Bytes, of which some terminals take no more."""


def pasteable(path: Path) -> str:
    """The path itself; in a shell's quotes where pasting its own characters would do harm.

    A line break or an escape runs as a command, and a byte that is no text reaches no clipboard:
    `$'...'` names them, and bash and zsh make of it the path to the byte.
    """
    text = str(path)
    if not any(unicodedata.category(one) in ("Cc", "Cs") for one in text):
        return text
    return f"$'{''.join(_quoted(one) for one in text)}'"


def _quoted(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cs"):
        return "".join(f"\\{byte:03o}" for byte in os.fsencode(character))
    return f"\\{character}" if character in "\\'" else character


class CopyingScreen(Screen[ScreenResultType]):
    """A screen with the two keys. A subclass says which path is under the cursor."""

    BINDINGS: ClassVar = [
        Binding(
            "y", "copy_path", "copy path", show=False, tooltip="copy the path under the cursor"
        ),
        Binding("Y", "copy_table", "copy table", show=False, tooltip="copy the table, all of it"),
    ]

    def path_here(self) -> Path | None:
        """The file or run that the cursor is on, to be copied."""
        return None

    def cells_here(self) -> Cells | None:
        """The table or list that has the keyboard, else the first in sight that is not empty."""
        parts = [one for one in self.query("*").results() if isinstance(one, HasCells) and one.size]
        for one in sorted(parts, key=lambda part: not part.has_focus):
            cells = one.cells()
            if cells.rows:
                return cells
        return None

    def action_copy_path(self) -> None:
        """To the clipboard of the person's own terminal."""
        path = self.path_here()
        if path is None:
            self._answer("No file or run is under the cursor here: nothing was copied.")
            return
        text = pasteable(path)
        self.app.copy_to_clipboard(text)
        how = ""
        if text != str(path):
            how = ", quoted for a shell: its name holds characters that would do harm when pasted"
        self._answer(f"Copied {paths.short(path)}{how}. {_IF_NOT}")

    def action_copy_table(self) -> None:
        """All of it, also the rows that the screen leaves out."""
        cells = self.cells_here()
        if cells is None:
            self._answer("No table is on this screen: nothing was copied.")
            return
        text = cells.as_text()
        self.app.copy_to_clipboard(text)
        count = counted(len(cells.rows), "row")
        much = " It is long: some terminals take no more than 75 kB." if len(text) > _MUCH else ""
        self._answer(f"Copied the table, {count}, cells parted by tabs. {_IF_NOT}{much}")

    def _answer(self, sentence: str) -> None:
        self.notify(safe(sentence), markup=False, timeout=8)
