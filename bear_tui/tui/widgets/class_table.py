"""The photos of a folder by class and split, with bars."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bear_tui.tui.render.class_counts import Counts, class_line
from bear_tui.tui.toolkit.copyable import Cells
from bear_tui.tui.widgets.rows import Rows


class ClassTable(Vertical):
    """A heading, a row per class, and the totals, which stay in sight."""

    DEFAULT_CSS = """
    ClassTable { height: auto; }
    ClassTable ClassRows { height: auto; max-height: 100%; }
    ClassTable .heading, ClassTable .totals { height: 1; }
    """

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._counts = Counts((), ())

    def compose(self) -> ComposeResult:
        yield _Line("heading")
        yield ClassRows()
        yield _Line("totals")

    def show_counts(self, table: Counts) -> None:
        self._counts = table
        self.query_one(ClassRows).show_counts(table)
        for line in self.query(_Line):
            line.show_counts(table)


class _Line(Static):
    """The heading or the totals, drawn for the width there is."""

    def __init__(self, part: str) -> None:
        super().__init__(markup=False, classes=part)
        self._part = part
        self._counts = Counts((), ())

    def show_counts(self, table: Counts) -> None:
        self._counts = table
        self.refresh()

    def render(self) -> Content:
        """Draw one line, leaving the scrollbar's column empty."""
        splits = self._counts.splits
        if not splits:
            return Content("")
        if self._part == "heading":
            names = self._counts.heading()
            return class_line("class", names, 0.0, 5, self.size.width, "$foreground-muted")
        return class_line("all", self._counts.total_numbers(), 0.0, 5, self.size.width, "bold")


class ClassRows(Rows):
    """A row per class; left and right go through its photos."""

    BINDINGS: ClassVar = [Binding("enter", "choose", "use", tooltip="train on these photos")]

    def __init__(self) -> None:
        super().__init__()
        self._counts = Counts((), ())
        self.usable = False
        """Whether these photos can be trained on."""

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Offer enter only for photos that can be trained on."""
        return self.usable if action == "choose" else True

    def show_counts(self, table: Counts) -> None:
        """Show counts; the cursor starts anew if the classes are others."""
        same = [name for name, _ in table.rows] == [name for name, _ in self._counts.rows]
        self._counts = table
        self.rows_changed()
        if not same:
            self.go_to(0)

    def cells(self) -> Cells:
        """Return the counts without their bars."""
        rows = [
            (name, *(number.strip() for number in self._counts.numbers(index)))
            for index, (name, _) in enumerate(self._counts.rows)
        ]
        return Cells(rows, ["class", *(name.strip() for name in self._counts.heading())])

    @property
    def label(self) -> str:
        """Return the class under the cursor."""
        rows = self._counts.rows
        return rows[self.cursor][0] if self.cursor < len(rows) else ""

    def count(self) -> int:
        return len(self._counts.rows)

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """Draw `bear  ▇▇▇▇▇▇    213     0     5   218`."""
        name, numbers = self._counts.rows[index]
        total = sum(numbers)
        cells = self._counts.numbers(index)
        share = total / self._counts.most if self._counts.most else 0.0
        bar_style = "" if under_cursor else "$primary"
        return class_line(name, cells, share, self._counts.name_width, width, bar_style=bar_style)
