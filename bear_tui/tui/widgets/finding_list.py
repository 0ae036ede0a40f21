"""Photos with what was found about each and what was decided: problems, suspects."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from textual.content import Content

from bear_tui.text import safe
from bear_tui.tui.render.problems import Finding
from bear_tui.tui.session.decisions import Decided
from bear_tui.tui.toolkit.copyable import Cells
from bear_tui.tui.widgets.rows import Rows

Item = TypeVar("Item")


class FindingList(Rows, Generic[Item]):
    """A row per item, worst first."""

    def __init__(self, words: Callable[[Item, Path], Finding], id: str | None = None) -> None:
        """`words` makes the row of an item, with paths relative to the folder it is given."""
        super().__init__(id=id)
        self.items: list[Item] = []
        self._words = words
        self._root = Path()
        self._decided = Decided()

    def put(self, items: Sequence[Item], root: Path, decided: Decided) -> None:
        """Show others."""
        self.items = list(items)
        self._root, self._decided = root, decided
        self.rows_changed()

    def mark(self, decided: Decided) -> None:
        """Show other decisions about the same items."""
        self._decided = decided
        self.refresh()

    @property
    def item(self) -> Item | None:
        """Return the item under the cursor."""
        return self.items[self.cursor] if self.cursor < len(self.items) else None

    def count(self) -> int:
        return len(self.items)

    def cells(self) -> Cells:
        """Return all items, each with its whole path first."""
        found = [self._words(item, self._root) for item in self.items]
        return Cells(
            [
                (one.path, one.lead.strip(), self._decided.mark(one.path), one.what, one.detail)
                for one in found
            ]
        )

    def draw(
        self,
        index: int,
        width: int,  # noqa: ARG002 - a row that is too long is cut by Rows
        under_cursor: bool,
    ) -> Content:
        """Draw one item; under the cursor in the cursor's colours."""
        one = self._words(self.items[index], self._root)
        tint = "$text-error" if one.serious else "$text-warning"
        mark = self._decided.mark(one.path)
        return Content.assemble(
            (one.lead, "" if under_cursor else tint),
            (f"[{safe(mark, 30)}] " if mark else "", "" if under_cursor else "bold $primary"),
            f"{safe(one.what, 200)}  ",
            (safe(one.detail, 200), "" if under_cursor else "$foreground-muted"),
        )
