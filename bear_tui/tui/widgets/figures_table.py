"""A run's figures class by class, in the order that a person chooses."""

from textual import on
from textual.widgets import DataTable

from bear_tui.tui.render import report
from bear_tui.tui.render.report import Document
from bear_tui.tui.render.table_model import AS_IT_COMES, Sorting, sorted_columns
from bear_tui.tui.widgets.table import Table


class FiguresTable(Table):
    """A row per class, and one for all of them below."""

    def __init__(self, id: str) -> None:
        super().__init__(report.CLASS_COLUMNS, id=id)
        self.sorting = AS_IT_COMES
        self._told: Document | None = None

    def open(self, document: Document) -> None:
        """Show another run, in the same order."""
        self._told = document
        self._draw()

    def sort_next(self) -> None:
        """Sort by the next column; after the last, restore the first order."""
        self._sort_by(self.sorting.next(len(report.CLASS_COLUMNS)))

    def sort_turned(self) -> None:
        """Reverse the order."""
        self._sort_by(self.sorting.turned())

    @on(DataTable.HeaderSelected)
    def _heading_clicked(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        self._sort_by(self.sorting.by(event.column_index))

    def _sort_by(self, sorting: Sorting) -> None:
        self.sorting = sorting
        self._draw()

    def _draw(self) -> None:
        if self._told is not None:
            self.show_columns(sorted_columns(report.CLASS_COLUMNS, self.sorting))
            self.show_rows(report.class_rows(self._told, self.sorting))
