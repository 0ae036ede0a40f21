"""Photos of each class in each split, with bars: what lies in a folder."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bear_tui.text import safe
from bear_tui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.inventory import Inventory

_NUMBER_WIDTH = 7
_SHORTEST_BAR = 6
_LONGEST_NAME = 30
_SHORT = {"validation": "valid"}


@dataclass(frozen=True)
class Counts:
    """Photos by class and split. Plain numbers, ready to be drawn."""

    splits: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """Class, and its photos in each of `splits`."""

    @property
    def totals(self) -> tuple[int, ...]:
        """Photos in each split."""
        return tuple(sum(row[1][n] for row in self.rows) for n in range(len(self.splits)))

    @property
    def name_width(self) -> int:
        """Columns for the names."""
        names = (Content(safe(name)).cell_length for name, _ in self.rows)
        return max(5, min(_LONGEST_NAME, max(names, default=0)))

    @property
    def most(self) -> int:
        """Photos of the largest class: the longest bar."""
        return max((sum(numbers) for _, numbers in self.rows), default=0)


def counts(inventory: "Inventory", dataset: "Dataset | None") -> Counts:
    """As the photos will be used; as they lie there, where they cannot be used."""
    if dataset is None:
        found = inventory.counts()
        splits = tuple(next(iter(found.values()), {"all": 0}))
        return Counts(
            splits, tuple((name, tuple(row[s] for s in splits)) for name, row in found.items())
        )
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    tally = {name: [0, 0, 0] for name in dataset.classes}
    for place, photos in enumerate(parts.values()):
        for photo in photos:
            tally[photo.label][place] += 1
    return Counts(tuple(parts), tuple((name, tuple(row)) for name, row in tally.items()))


def set_aside_note(inventory: "Inventory", dataset: "Dataset") -> str:
    """Which photos the seed chose, where the folder does not say; empty where it does."""
    chosen = [split for split in ("validation", "test") if split not in inventory.splits]
    if not chosen:
        return ""
    which = " and ".join(f"{len(getattr(dataset, split)):,} {split} photos" for split in chosen)
    return f"{which} are chosen by the seed; no file is moved."


class ClassTable(Vertical):
    """A heading, a row a class, and the totals, which stay in sight."""

    DEFAULT_CSS = """
    ClassTable { height: auto; }
    ClassTable ClassRows { height: auto; max-height: 100%; }
    ClassTable .heading, ClassTable .totals { height: 1; }
    """

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._counts = Counts((), ())

    def compose(self) -> ComposeResult:
        """Three parts that share their columns."""
        yield _Line("heading")
        yield ClassRows()
        yield _Line("totals")

    def put(self, table: Counts) -> None:
        """Show other counts."""
        self._counts = table
        self.query_one(ClassRows).put(table)
        for line in self.query(_Line):
            line.put(table)


class _Line(Static):
    """The heading or the totals, drawn for the width that is there."""

    def __init__(self, part: str) -> None:
        super().__init__(markup=False, classes=part)
        self._part = part
        self._counts = Counts((), ())

    def put(self, table: Counts) -> None:
        """Other counts."""
        self._counts = table
        self.refresh()

    def render(self) -> Content:
        """One line, less the column of the scrollbar, which the rows may have."""
        splits = self._counts.splits
        if not splits:
            return Content("")
        several = len(splits) > 1
        if self._part == "heading":
            names = [_SHORT.get(split, split) for split in splits] + ["all"] * several
            return class_line("class", names, 0.0, 5, self.size.width, "$foreground-muted")
        totals = self._counts.totals
        numbers = [*totals, sum(totals)] if several else list(totals)
        return class_line("all", [f"{n:,}" for n in numbers], 0.0, 5, self.size.width, "bold")


class ClassRows(Rows):
    """A row a class; left and right leaf through its photos."""

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
        """Enter only where it leads somewhere."""
        return self.usable if action == "choose" else True

    def put(self, table: Counts) -> None:
        """Other counts, from the first class on."""
        self._counts = table
        self.rows_changed()
        self.go_to(0)

    @property
    def label(self) -> str:
        """The class under the cursor."""
        rows = self._counts.rows
        return rows[self.cursor][0] if self.cursor < len(rows) else ""

    def count(self) -> int:
        """Classes."""
        return len(self._counts.rows)

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """`bear  ▇▇▇▇▇▇    213     0     5   218`."""
        name, numbers = self._counts.rows[index]
        total = sum(numbers)
        shown = [f"{n:,}" for n in (*numbers, total)] if len(numbers) > 1 else [f"{total:,}"]
        share = total / self._counts.most if self._counts.most else 0.0
        bar_style = "" if under_cursor else "$primary"
        return class_line(name, shown, share, self._counts.name_width, width, bar_style=bar_style)


def class_line(
    name: str,
    numbers: list[str],
    share: float,
    name_width: int,
    width: int,
    style: str = "",
    bar_style: str = "",
) -> Content:
    """A name, a bar of `share`, and numbers under each other at the right."""
    right = "".join(f"{number:>{_NUMBER_WIDTH}}" for number in numbers)
    room = max(4, min(name_width, width - len(right) - 1))
    left = Content(safe(name, 200))
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    length = max(0, width - room - len(right) - 3)
    length = length if length >= _SHORTEST_BAR else 0
    drawn = bar(share, length)
    gap = width - left.cell_length - len(right)
    before = room - left.cell_length + 2 if length else 0
    return Content.assemble(
        (left.plain, style),
        " " * before,
        (drawn, bar_style),
        " " * (gap - before - len(drawn)),
        (right, style),
    )


def bar(share: float, width: int) -> str:
    """A line in half columns; of something never nothing."""
    halves = round(share * width * 2)
    if share > 0 and width:
        halves = max(1, halves)
    full, half = divmod(halves, 2)
    return "━" * full + "╸" * half
