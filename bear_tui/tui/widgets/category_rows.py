"""The categories of a COCO dataset, and the class that each is taken for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content

from bear_tui.text import counted, safe
from bear_tui.tui.widgets.rows import Rows, columns

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import CocoPhoto


class CategoryRows(Rows):
    """A row per category; enter takes it for a class, or no longer."""

    BINDINGS: ClassVar = [Binding("enter", "choose", "take it", tooltip="for a class")]

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.categories: Sequence[tuple[str, int]] = ()
        """Each with the number of photos that show it, by name."""
        self._labels: Mapping[str, str] = {}

    def show_photos(self, photos: "Iterable[CocoPhoto]") -> None:
        """List the categories of these photos."""
        counts = Counter(category for photo in photos for category in photo.categories)
        self.categories = sorted(counts.items())
        self.rows_changed()
        self.go_to(0)

    def mark(self, labels: Mapping[str, str]) -> None:
        """Show the class that each category is taken for."""
        self._labels = labels
        self.refresh()

    @property
    def category(self) -> str:
        """Return the category under the cursor."""
        return self.categories[self.cursor][0] if self.cursor < len(self.categories) else ""

    def count(self) -> int:
        return len(self.categories)

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """Draw `x bear → bear                   1,294 photos`."""
        name, photos = self.categories[index]
        label = self._labels.get(name)
        taken = Content.assemble(
            ("x " if label else "  ", "" if under_cursor else "bold $primary"),
            safe(name, 40),
            (f" → {safe(label, 30)}" if label else "", "" if under_cursor else "$primary"),
        )
        words = counted(photos, "photo")
        return columns(taken, words, width)
