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

    def show_items(self, items: Sequence[Item], root: Path, decided: Decided) -> None:
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
        findings = [self._words(item, self._root) for item in self.items]
        return Cells(
            [
                (
                    finding.path,
                    finding.lead.strip(),
                    self._decided.mark(finding.path),
                    finding.what,
                    finding.detail,
                )
                for finding in findings
            ]
        )

    def draw(
        self,
        index: int,
        width: int,  # noqa: ARG002 - a row that is too long is cut by Rows
        under_cursor: bool,
    ) -> Content:
        """Draw one item; under the cursor in the cursor's colours."""
        finding = self._words(self.items[index], self._root)
        tint = "$text-error" if finding.serious else "$text-warning"
        mark = self._decided.mark(finding.path)
        return Content.assemble(
            (finding.lead, "" if under_cursor else tint),
            (f"[{safe(mark, 30)}] " if mark else "", "" if under_cursor else "bold $primary"),
            f"{safe(finding.what, 200)}  ",
            (safe(finding.detail, 200), "" if under_cursor else "$foreground-muted"),
        )
