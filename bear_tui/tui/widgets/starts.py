"""Where photos can come from when none are chosen: samples, COCO, folders used before."""

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
_COCO = ("COCO", "photos by what is on them")


class Starts(Rows):
    """The sample photos first, then recent folders; enter takes one."""

    BINDINGS: ClassVar = [Binding("enter", "choose", "take")]

    @dataclass
    class Taken(Message):
        """A folder used before; where the path is empty COCO or the sample photos."""

        folder: str
        coco: bool = False
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
        return len(self._first)

    @property
    def _first(self) -> tuple[tuple[str, str], ...]:
        return (*(_SAMPLES if not self._recent else _SAMPLES[:1]), _COCO)

    def count(self) -> int:
        """The first ones, and the recent ones, if any, under their heading."""
        return self._heading + (1 + len(self._recent) if self._recent else 0)

    def selectable(self, index: int) -> bool:
        """Not the heading."""
        return index != self._heading

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """One way in."""
        quiet = "" if under_cursor else "$foreground-muted"
        if index < self._heading:
            sample, more = self._first[index]
            return Content.assemble(
                (sample, "bold" if under_cursor else "bold $primary"), (f"  {more}", quiet)
            )
        if index == self._heading:
            return Content.styled("used before", "italic $foreground-muted")
        path = safe(paths.short(self._recent[index - self._heading - 1]))
        # The end of a path tells more than its beginning.
        return Content("  " + (path if len(path) <= width - 2 else "…" + path[-(width - 3) :]))

    def action_choose(self) -> None:
        """Take it."""
        at = self.cursor
        if self.selectable(at):
            folder = self._recent[at - self._heading - 1] if at > self._heading else ""
            coco = at == self._heading - 1
            self.post_message(self.Taken(folder, coco, train=0 < at < self._heading and not coco))
