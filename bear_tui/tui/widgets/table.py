"""A table of texts: foreign text shown literally, numbers at the right, vi keys, stable cursor."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal, TypeAlias

from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets.data_table import Column as DataTableColumn

from bear_tui.text import safe
from bear_tui.tui.render.table_model import Column, Row
from bear_tui.tui.toolkit.bindings import bind
from bear_tui.tui.toolkit.copyable import Cells

Cursor: TypeAlias = Literal["row", "cell", "none"]


class Table(DataTable[Text], inherit_bindings=False):
    """A table that leaves enter to the screen, which names it in its key bar."""

    BINDINGS: ClassVar = [
        Binding("up,k", "cursor_up", "up", show=False),
        Binding("down,j", "cursor_down", "down", show=False),
        Binding("left", "cursor_left", "left", show=False),
        Binding("right", "cursor_right", "right", show=False),
        Binding("pageup", "page_up", "page up", show=False),
        Binding("pagedown", "page_down", "page down", show=False),
        Binding("home,g", "scroll_top", "first", show=False),
        Binding("end,G", "scroll_bottom", "last", show=False),
    ]

    def __init__(self, columns: Sequence[Column], *, id: str, cursor: Cursor = "row") -> None:
        super().__init__(id=id, cursor_type=cursor, cell_padding=1)
        if cursor != "none":  # without a cursor h and l are left to the screen
            bind(self, "h", "cursor_left", "left")
            bind(self, "l", "cursor_right", "right")
        self._of = tuple(columns)
        self._shown: tuple[Row, ...] = ()
        self._lines_style: Style | None = None
        self.whole: Callable[[], Sequence[Row]] | None = None
        """All rows, where only as many are shown as a person looks at."""

    def show_table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        whole: Callable[[], Sequence[Row]],
    ) -> None:
        """Replace the columns and rows; `whole` returns all rows."""
        self.show_columns(columns)
        self.show_rows(rows)
        self.whole = whole

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Replace the headings and remove the rows."""
        if tuple(columns) == self._of and self.columns:
            return
        self._of, self._shown = tuple(columns), ()
        self.clear(columns=True)
        self._head()

    def on_mount(self) -> None:
        self._head()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows; the cursor stays on its row if that is still there."""
        before, under = self._shown, self.row_under_cursor
        if tuple(rows) == before:
            return
        self._shown = tuple(rows)
        keys = [row.key for row in rows]
        if keys == [row.key for row in before]:
            self._change(before)
            return
        place, top = self.cursor_row, self.scroll_offset.y
        self.clear()
        columns = self.ordered_columns
        for row in rows:
            texts = self._texts(row)
            _widen(columns, texts)
            self.add_row(*texts, key=row.key)
        if under is not None and under.key in keys:
            place = keys.index(under.key)
        if self.cursor_type == "none":
            # Newest first: who has not scrolled sees the newest, who has stays at the place.
            self.call_after_refresh(self.scroll_to, y=top, animate=False)
        elif rows:
            self.move_cursor(row=min(place, len(rows) - 1), animate=False)

    def _change(self, old_rows: Sequence[Row]) -> None:
        """Update the cells of rows that keep their places."""
        columns = self.ordered_columns
        for y, (old, new) in enumerate(zip(old_rows, self._shown, strict=True)):
            if old != new:
                texts = self._texts(new)
                wider = _widen(columns, texts)
                for x, text in enumerate(texts):
                    self.update_cell_at(Coordinate(y, x), text, update_width=wider)

    def _texts(self, row: Row) -> list[Text]:
        styles = row.styles or (row.style,) * len(row.cells)
        return [_text(*cell) for cell in zip(row.cells, self._of, styles, strict=True)]

    def cells(self) -> Cells:
        """Return all cells as text."""
        rows = self._shown if self.whole is None else self.whole()
        return Cells([row.cells for row in rows], [column.heading for column in self._of])

    @property
    def row_under_cursor(self) -> Row | None:
        """Return the row under the cursor."""
        if 0 <= self.cursor_row < len(self._shown):
            return self._shown[self.cursor_row]
        return None

    def render_lines(self, crop: Region) -> list[Strip]:
        self._lines_style = super().rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._lines_style = None

    @property
    def rich_style(self) -> Style:
        """Compute the style once for all lines drawn together; Textual does it for each."""
        return super().rich_style if self._lines_style is None else self._lines_style

    def _head(self) -> None:
        if not self.columns:
            for column in self._of:
                self.add_column(_text(column.heading, column, ""), key=None)


def _widen(columns: Sequence[DataTableColumn], texts: Sequence[Text]) -> bool:
    """Widen columns for their texts; return True if any got wider.

    At once: Textual does it later, when lines may have been drawn, and keeps those.
    """
    wider = False
    for column, text in zip(columns, texts, strict=False):
        if text.cell_len > column.content_width:
            column.content_width, wider = text.cell_len, True
    return wider


def _text(cell: str, column: Column, style: str) -> Text:
    return Text(
        safe(cell, column.limit),
        style=style,
        justify="right" if column.right else "left",
        no_wrap=True,
    )
