"""Screen 4: how far to trust a run, class by class, and its mistakes."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from textwrap import wrap
from typing import ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bear_tui import paths
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.text import safe
from bear_tui.tui.render import photo_rows, report
from bear_tui.tui.render.report import Document
from bear_tui.tui.screens.gallery import GalleryScreen
from bear_tui.tui.screens.photos import EXPORT, PhotoScreen
from bear_tui.tui.screens.run_loader import NOTHING, RunLoader
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.widgets.figures_table import FiguresTable
from bear_tui.tui.widgets.photo_list import PhotoList
from bear_tui.tui.widgets.picture import Picture
from bear_tui.tui.widgets.suspect_search import SuspectSearch
from bear_tui.tui.widgets.table import Table

_OF_TABLES = (
    *("suspects", "choose", "mistakes", "sort", "sort_reverse", "threshold", "unsure"),
    "all_photos",
)
"""Actions on tables."""


_FEW_LINES = 5
"""Of classes and notes; where there are more, a low terminal needs its empty lines for photos."""


class ResultsScreen(PhotoScreen):
    """Shows the test of a run: figures, confusion matrix, photos."""

    TAB = "results"
    CSS_PATH = "results.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]
    AUTO_FOCUS = "#mistakes"
    BINDINGS: ClassVar = [
        Binding("enter", "choose", "photos", tooltip="these photos; of the list: as a gallery"),
        EXPORT,
        Binding("escape", "mistakes", "mistakes", tooltip="list the mistakes again"),
        Binding("b", "sort", "sort by", tooltip="sort the table by its next column"),
        Binding("B", "sort_reverse", "reverse", show=False, tooltip="reverse the order"),
        # The line about the threshold names its keys.
        Binding("left_square_bracket", "threshold(-1)", "fewer unsure", show=False),
        Binding("right_square_bracket", "threshold(1)", "more unsure", show=False),
        Binding("v", "unsure", "unsure ones", show=False, tooltip="list the unsure photos"),
        Binding("a", "all_photos", "all", show=False, tooltip="list all test photos"),
        Binding(
            "i", "suspects", "inspect labels", tooltip="training photos that may be mislabelled"
        ),
        Binding("f5", "reload", "read again", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.loader = RunLoader(self, self._show_results, self._say)

    def compose_body(self) -> Iterable[Widget]:
        yield Static(NOTHING, id="nothing", classes="empty", markup=False)
        with Vertical(id="run"):
            yield Static(id="title", markup=False)
            yield Static(id="facts", markup=False)
            yield FiguresTable(id="classes")
            yield Static(id="beyond", markup=False)
            yield Static(id="notes", markup=False)
            with Horizontal(id="lower"):
                with Vertical(id="left"):
                    yield Table((), id="matrix", cursor="cell")
                    yield PhotoList(id="list")
                with Vertical(id="right"):
                    yield Picture(id="photo")
                    yield Static(id="caption", markup=False)
            yield Static(id="threshold", markup=False)
            yield Static(id="next", markup=False)
            yield SuspectSearch(id="search")

    def on_mount(self) -> None:
        self.follow(self.context.shown_run, self._open)

    def on_screen_resume(self) -> None:
        """Read a run again that had no test; draw corrections that were made in the gallery."""
        if not self.loader.reload_untested():
            self.draw_decisions()

    def on_resize(self) -> None:
        """Draw the title for the new width."""
        if self.loader.document is not None and self.photos is not None:
            self._set_text("#title", report.title(self.loader.document, self.size.width - 2))

    # Which run is shown

    def _open(self, folder: RunFolder | None) -> None:
        self.photos = None
        self.heat.clear()
        self.loader.open(folder)

    def action_reload(self) -> None:
        self.loader.reload()

    def _say(self, text: str, remedy: str) -> None:
        """Show a text in place of the tables; with a remedy, as an error."""
        self._set_text(
            "#nothing",
            Content.assemble(Content.styled(text, "$text-error" if remedy else ""), remedy),
        )
        self._show_tables(not text)

    def _show_tables(self, shown: bool) -> None:
        self.query_one("#nothing").display = not shown
        self.query_one("#run").display = shown
        self.refresh_bindings()

    def _set_text(self, selector: str, content: Content) -> None:
        self.query_one(selector, Static).update(content)

    def _show_results(self, document: Document, photos: RunPhotos) -> None:
        """Lay out the document of `show` and the test photos."""
        self.photos = photos
        self._show_tables(True)
        # The keyboard was taken from tables that were hidden, or not given to them.
        self.call_after_refresh(self.focus_first)
        self._set_text("#title", report.title(document, self.size.width - 2))
        self._set_text("#facts", Content(report.facts(document)))
        self.query_one("#run").set_class(len(document["classes"]) > report.FEW_CLASSES, "-many")
        self.query_one(FiguresTable).open(document)
        self._set_text("#beyond", Content(report.beyond(document)))
        notes = report.notes(document)
        self._set_text("#notes", Content("\n".join(f"! {safe(note)}" for note in notes)))
        self.query_one("#notes").display = bool(notes)
        lines = sum(len(wrap(f"! {note}", max(20, self.size.width - 2))) for note in notes)
        crowded = lines + len(document["classes"]) > _FEW_LINES
        self.query_one("#run").set_class(crowded, "-crowded")
        whole = partial(report.matrix_whole, document)
        self.query_one("#matrix", Table).show_table(*report.matrix_table(document), whole)
        sample = Path(photos.recipe.data) == paths.sample_folder()
        self._set_text("#next", Content(report.next_steps(document, sample)))
        self.photo_list.open(photos)
        self.refresh_bindings()

    @property
    def photo_list(self) -> PhotoList:
        """Return the list of photos at the left."""
        return self.query_one(PhotoList)

    # Which photos are listed, and in which order

    def action_mistakes(self) -> None:
        """List the mistakes, or end a search."""
        if self.query_one(SuspectSearch).busy:
            self.query_one(SuspectSearch).cancel()
        else:
            self.photo_list.list_mistakes()

    def action_suspects(self) -> None:
        """Search the training photos for wrong labels."""
        if self.photos is not None:
            self.query_one(SuspectSearch).search(self.photos)
            self.refresh_bindings()

    def on_suspect_search_ended(self, event: SuspectSearch.Ended) -> None:
        """Open the photos in a gallery."""
        self.refresh_bindings()
        if event.sentence:
            self.context.say(event.sentence, "information")
        elif event.photos is self.photos and self.app.screen is self:
            heading = f"{len(event.found):,} labels in doubt, worst first"
            self.app.push_screen(GalleryScreen(event.photos, event.found, 0, heading))

    def action_all_photos(self) -> None:
        self.photo_list.list_all()

    def action_unsure(self) -> None:
        """List the photos below the threshold."""
        self.photo_list.list_unsure()

    def action_choose(self) -> None:
        """List the photos of a class or a cell; from the list, open the gallery."""
        photos, table = self.photos, self.focused
        if photos is None or not isinstance(table, Table):
            return
        row, column = table.row_under_cursor, table.cursor_column
        kind, *numbers = row.key.split() if row else ["all"]  # without mistakes: all photos
        if table.id == "mistakes" and row is not None:
            photo_list = self.photo_list
            self.app.push_screen(
                GalleryScreen(photos, photo_list.listed, photo_list.cursor, photo_list.title)
            )
        elif kind == "all":
            self.photo_list.list_all()
        elif kind == "class" or (kind == "true" and column < 1):
            self.photo_list.list_class(photos.classes[int(numbers[0])])
        else:
            predicted = int(numbers[1]) if kind == "pair" else column - 1
            self.photo_list.list_cell(photos.classes[int(numbers[0])], photos.classes[predicted])

    def action_sort(self) -> None:
        """Sort the focused table by its next column."""
        if isinstance(self.focused, FiguresTable):
            self.focused.sort_next()
        else:
            self.photo_list.sort(self.photo_list.sorting.next(len(photo_rows.COLUMNS)))

    def action_sort_reverse(self) -> None:
        """Reverse the order of the focused table."""
        if isinstance(self.focused, FiguresTable):
            self.focused.sort_turned()
        else:
            self.photo_list.sort(self.photo_list.sorting.turned())

    def action_threshold(self, step: int) -> None:
        """Raise or lower the probability from which a prediction counts as sure."""
        self.photo_list.move_threshold(step)

    # The photo under the cursor

    def current_photo(self) -> Prediction | None:
        """Return the photo under the list's cursor."""
        return self.photo_list.photo

    def pictures(self) -> dict[Prediction, Picture]:
        """Return the photo under the cursor and its picture at the right."""
        photo = self.current_photo()
        return {photo: self._picture} if photo is not None else {}

    @property
    def _picture(self) -> Picture:
        return self.query_one("#photo", Picture)

    @on(PhotoList.Moved)
    def _show_photo(self) -> None:
        """Show the photo and its caption; say what remains above the threshold."""
        photo = self.current_photo()
        self._set_text("#threshold", Content(self.photo_list.threshold_line))
        self._picture.show(Path(photo.path) if photo else None)
        self.heat.refresh(self.photos) if self.heat.label else self.draw_caption()

    def draw_decisions(self) -> None:
        """Mark the decisions in the list."""
        self.photo_list.draw()

    def draw_caption(self) -> None:
        """Write under the picture: label, prediction, where the heat lies."""
        photo, photos = self.current_photo(), self.photos
        if photo is None or photos is None:
            self._set_text("#caption", Content(""))
        else:
            self._set_text("#caption", photo_rows.caption(photo, photos, self.heat.words))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer keys about tables only where there are tables."""
        if action in _OF_TABLES:
            loaded = self.photos is not None
            if action == "mistakes":
                return loaded and (self.photo_list.filtered or self.query_one(SuspectSearch).busy)
            return loaded
        return super().check_action(action, parameters)
