"""Where photos can come from when none are chosen: samples, and folders used before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.widgets.rows import Rows

_SAMPLES = (
    ("sample photos", "drawn here, offline"),
    ("train on them now", "about a minute"),
)


class Starts(Rows):
    """The sample photos first, then recent folders; enter takes one."""

    BINDINGS: ClassVar = [Binding("enter", "choose", "take")]

    @dataclass
    class Taken(Message):
        """A folder used before, or the sample photos for an empty path."""

        folder: str
        train: bool = False
        """Whether the sample model is to be trained at once."""

    def __init__(self, recent: Sequence[str] = (), id: str | None = None) -> None:
        super().__init__(id=id)
        self._recent = tuple(recent)

    def put(self, recent: Sequence[str]) -> None:
        """Other recent folders."""
        self._recent = tuple(recent)
        self.rows_changed()

    @property
    def _heading(self) -> int:
        """The heading's row. Who has folders to go back to needs no first training."""
        return len(_SAMPLES) if not self._recent else 1

    def count(self) -> int:
        """The samples and the recent ones, with a heading between."""
        return self._heading + 1 + max(1, len(self._recent))

    def selectable(self, index: int) -> bool:
        """Not the heading, nor the line that says there are none."""
        return index < self._heading or (index > self._heading and bool(self._recent))

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """One way in."""
        quiet = "" if under_cursor else "$foreground-muted"
        if index < self._heading:
            sample, more = _SAMPLES[index]
            return Content.assemble(
                (sample, "bold" if under_cursor else "bold $primary"), (f"  {more}", quiet)
            )
        if index == self._heading:
            return Content.styled("used before", "italic $foreground-muted")
        if not self._recent:
            return Content.styled("  nothing yet", "$foreground-muted")
        path = safe(paths.short(self._recent[index - self._heading - 1]))
        # The end of a path tells more than its beginning.
        return Content("  " + (path if len(path) <= width - 2 else "…" + path[-(width - 3) :]))

    def action_choose(self) -> None:
        """Take it."""
        at = self.cursor
        if self.selectable(at):
            folder = self._recent[at - self._heading - 1] if at > self._heading else ""
            self.post_message(self.Taken(folder, train=0 < at < self._heading))
