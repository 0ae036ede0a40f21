"""A run's figures class by class, in the order that a person asks for."""

from textual import on
from textual.widgets import DataTable

from bear_tui.tui.render import report
from bear_tui.tui.render.report import Document
from bear_tui.tui.render.table_model import AS_IT_COMES, Sorting, sorted_columns
from bear_tui.tui.widgets.table import Table


class FiguresTable(Table):
    """A row per class, and all of them below."""

    def __init__(self, id: str) -> None:
        super().__init__(report.CLASS_COLUMNS, id=id)
        self.sorting = AS_IT_COMES
        self._told: Document | None = None

    def open(self, document: Document) -> None:
        """Another run, in the order of the one before."""
        self._told = document
        self._draw()

    def sort_next(self) -> None:
        """By the next column; after the last as it comes."""
        self._sort_by(self.sorting.next(len(report.CLASS_COLUMNS)))

    def sort_turned(self) -> None:
        """The other way round."""
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
