"""Some of a run's photos as a table: the mistakes, a cell of the matrix, the unsure ones."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable, Static

from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.text import counted, safe
from bear_tui.tui.render import photo_rows
from bear_tui.tui.render.table_model import Sorting, sorted_columns
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.widgets.table import Table

THRESHOLDS = (0.0, *(percent / 100 for percent in range(50, 100, 5)), 0.99)
"""Below which an answer counts as unsure; the first asks for nothing."""


class PhotoList(Vertical):
    """A heading and a table below it."""

    DEFAULT_CSS = """
    PhotoList .heading { height: 1; padding: 0 1; text-style: bold; }
    PhotoList Table { height: 1fr; scrollbar-size-horizontal: 0; }
    """

    class Moved(Message):
        """Another photo is under the cursor, or other photos are listed."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.photos: RunPhotos | None = None
        self.title = ""
        """Which photos these are."""
        self.filtered = False
        """Whether other photos than the mistakes are listed."""
        self.listed: list[Prediction] = []
        """The photos in the order of the table."""
        self.threshold = 0.0
        """Answers less sure are marked."""
        self._chosen: Sequence[Prediction] = ()
        self._sorting = Sorting()

    def compose(self) -> ComposeResult:
        yield Static(classes="heading", markup=False)
        yield Table(photo_rows.COLUMNS, id="mistakes")

    @property
    def photo(self) -> Prediction | None:
        """Return the photo under the cursor."""
        row = self.query_one(Table).row_under_cursor
        return self.listed[int(row.key)] if row is not None else None

    @property
    def cursor(self) -> int:
        """Return the cursor's place in `listed`."""
        return self.query_one(Table).cursor_row

    def open(self, photos: RunPhotos) -> None:
        """Show the mistakes of another run."""
        self.photos = photos
        self.list_mistakes()

    def move_threshold(self, step: int) -> None:
        """Raise or lower the threshold by steps."""
        place = THRESHOLDS.index(self.threshold) + step
        self.threshold = THRESHOLDS[max(0, min(place, len(THRESHOLDS) - 1))]
        self.draw()

    @property
    def threshold_line(self) -> str:
        """Return what remains of all predictions above the threshold."""
        return photo_rows.threshold_line(self._rows, self.threshold)

    def list_mistakes(self) -> None:
        wrong = [photo for photo in self._rows if not photo.right]
        count = counted(len(wrong), "mistake")
        self._list(f"{count}, surest first" if wrong else "no mistakes", wrong, filtered=False)

    def list_all(self) -> None:
        self._list(f"{len(self._rows):,} photos", self._rows)

    def list_unsure(self) -> None:
        photos = [photo for photo in self._rows if photo.probability < self.threshold]
        self._list(f"{len(photos):,} unsure", photos)

    def list_class(self, name: str) -> None:
        """List the photos of a true class."""
        photos = [photo for photo in self._rows if photo.label == name]
        self._list(f"{len(photos):,} of {safe(name, 20)}", photos)

    def list_cell(self, label: str, predicted: str) -> None:
        """List the photos of a cell of the confusion matrix."""
        photos = [
            photo for photo in self._rows if (photo.label, photo.predicted) == (label, predicted)
        ]
        words = f"taken for {safe(predicted, 20)}" if label != predicted else "were right"
        self._list(f"{len(photos):,} of {safe(label, 20)} {words}", photos)

    def sort(self, sorting: Sorting) -> None:
        self._sorting = sorting
        self.draw()

    @on(DataTable.HeaderSelected)
    def _heading_clicked(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        self.sort(self._sorting.by(event.column_index))

    @property
    def sorting(self) -> Sorting:
        """Return the current order."""
        return self._sorting

    @property
    def _rows(self) -> tuple[Prediction, ...]:
        return self.photos.rows if self.photos is not None else ()

    def _list(self, title: str, chosen: Sequence[Prediction], filtered: bool = True) -> None:
        self.title, self.filtered = title, filtered
        self._chosen = sorted(chosen, key=lambda photo: -photo.probability)
        self.draw()

    def draw(self) -> None:
        """Draw the photos with their marks."""
        photos = self.photos
        if photos is None:
            return
        self.listed = photo_rows.sort(self._chosen, photos, self.threshold, self._sorting)
        count = len(photos.decisions)
        corrected = f" · {count:,} corrected" if count else ""
        back = " · esc mistakes" if self.filtered else ""
        self.query_one(Static).update(Content(self.title + back + corrected))
        table = self.query_one(Table)
        table.show_columns(sorted_columns(photo_rows.COLUMNS, self._sorting))
        table.show_rows(photo_rows.photo_rows(self.listed, photos, self.threshold))
        listed, threshold = self.listed, self.threshold
        table.whole = lambda: photo_rows.photo_rows(listed, photos, threshold, len(listed))
        self.post_message(self.Moved())

    @on(DataTable.RowHighlighted)
    def _moved(self) -> None:
        self.post_message(self.Moved())
