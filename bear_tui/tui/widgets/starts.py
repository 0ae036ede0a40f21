"""Where photos can come from when none are chosen: samples, and folders used before."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.widgets.rows import Rows


class Starts(Rows):
    """The sample photos first, then recent folders; enter takes one."""

    @dataclass
    class Taken(Message):
        """A folder used before, or the sample photos for an empty path."""

        folder: str

    def __init__(self, recent: Sequence[str] = (), id: str | None = None) -> None:
        super().__init__(id=id)
        self._recent = tuple(recent)

    def put(self, recent: Sequence[str]) -> None:
        """Other recent folders."""
        self._recent = tuple(recent)
        self.rows_changed()

    def count(self) -> int:
        """The samples and the recent ones, with a heading between."""
        return 2 + max(1, len(self._recent))

    def selectable(self, index: int) -> bool:
        """Not the heading, nor the line that says there are none."""
        return index == 0 or (index > 1 and bool(self._recent))

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """One way in."""
        quiet = "" if under_cursor else "$foreground-muted"
        if index == 0:
            return Content.assemble(
                ("sample photos", "bold" if under_cursor else "bold $primary"),
                ("  drawn here, offline", quiet),
            )
        if index == 1:
            return Content.styled("used before", "italic $foreground-muted")
        if not self._recent:
            return Content.styled("  nothing yet", "$foreground-muted")
        path = safe(paths.short(self._recent[index - 2]))
        # The end of a path tells more than its beginning.
        return Content("  " + (path if len(path) <= width - 2 else "…" + path[-(width - 3) :]))

    def action_choose(self) -> None:
        """Take it."""
        if self.selectable(self.cursor):
            self.post_message(self.Taken(self._recent[self.cursor - 2] if self.cursor > 1 else ""))
