"""The ways to get photos when none are chosen: samples, COCO, recent folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.widgets.rows import Rows


@dataclass(frozen=True)
class _Way:
    """A row: a heading, a recent folder, COCO, or the sample photos."""

    words: str = ""
    more: str = ""
    folder: str = ""
    coco: bool = False
    train: bool = False
    heading: bool = False


def _ways(recent: Sequence[str]) -> list[_Way]:
    """Return the rows; someone with recent folders needs no first training."""
    return [
        _Way("sample photos", "drawn here, offline"),
        *([] if recent else [_Way("train on them now", "a first model", train=True)]),
        _Way("COCO", "photos by what is on them", coco=True),
        *([_Way("used before", heading=True)] if recent else []),
        *(_Way(folder=folder) for folder in recent),
    ]


class Starts(Rows):
    """The sample photos first, then recent folders; enter takes one."""

    BINDINGS: ClassVar = [Binding("enter", "choose", "take")]

    @dataclass
    class Picked(Message):
        """A recent folder was chosen; with an empty path COCO or the sample photos."""

        folder: str
        coco: bool = False
        train: bool = False
        """Whether the sample model is to be trained at once."""

    def __init__(self, recent: Sequence[str] = (), id: str | None = None) -> None:
        super().__init__(id=id)
        self._ways = _ways(recent)

    def show_recent(self, recent: Sequence[str]) -> None:
        self._ways = _ways(recent)
        self.rows_changed()

    def count(self) -> int:
        return len(self._ways)

    def selectable(self, index: int) -> bool:
        """Let the cursor skip the heading."""
        return not self._ways[index].heading

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        way, quiet = self._ways[index], "" if under_cursor else "$foreground-muted"
        if way.heading:
            return Content.styled(way.words, "italic $foreground-muted")
        if way.folder:
            path = safe(paths.short(way.folder))
            # The end of a path tells more than its beginning.
            return Content("  " + (path if len(path) <= width - 2 else "…" + path[-(width - 3) :]))
        words = (way.words, "bold" if under_cursor else "bold $primary")
        return Content.assemble(words, (f"  {way.more}", quiet))

    def action_choose(self) -> None:
        way = self._ways[self.cursor]
        if not way.heading:
            self.post_message(self.Picked(way.folder, way.coco, way.train))
