"""The end of a log file, safe to show."""

import time
from pathlib import Path

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from bear_tui import files, paths
from bear_tui.text import safe
from bear_tui.tui.widgets.reading import Reading

_BYTES = 16 * 1024


class LogPane(Reading):
    """The end of a growing log; a reader at its end stays there."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, classes="-titled")
        self._looked = 0.0
        self._path: Path | None = None
        self._shown: Content | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="log", markup=False)

    def follow(self, path: Path, now: bool = False) -> None:
        """Read the end of the log, once a second at most."""
        if not self.display or (time.monotonic() - self._looked < 1.0 and not now):
            return
        self._looked = time.monotonic()
        self._path = path
        self._show_title()
        at_end = self.scroll_offset.y >= self.max_scroll_y
        tail = read_tail(path)
        if tail != self._shown:
            self._shown = tail
            self.query_one("#log", Static).update(tail)
        if at_end:
            self.scroll_end(animate=False)

    def on_resize(self) -> None:
        self._show_title()

    def _show_title(self) -> None:
        """Show the end of the path, which says more than its beginning."""
        if self._path is None or not self.size.width:  # not laid out yet
            return
        where, room = safe(paths.short(self._path), 4096), max(20, self.size.width - 4)
        where = where if len(where) <= room else f"…{where[1 - room :]}"
        self.border_title = Content(f" {where} ")


def read_tail(path: Path, size: int = _BYTES) -> Content:
    """Return the last lines of `path`."""
    try:
        with files.open_to_read(path) as file:
            length = file.seek(0, 2)
            file.seek(max(0, length - size))
            text = file.read(size).decode("utf-8", "replace")
    except OSError:
        text = ""
    lines = text.splitlines()
    if len(text.encode()) >= size:
        # The first line was most likely cut.
        lines = lines[1:]
    return Content("\n".join(safe(line, 400) for line in lines) or "Nothing is in the log yet.")
