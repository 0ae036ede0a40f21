"""Screen 4: how far to trust a run, class by class, and what it got wrong."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Static

from bear_tui import paths
from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder
from bear_tui.text import safe
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.widgets import report
from bear_tui.tui.widgets.picture import Picture
from bear_tui.tui.widgets.report import Document
from bear_tui.tui.widgets.table import Table

_NOTHING = """No run is open.

5  opens a run of before
3  shows the one that trains now; its results come here when it is done"""


class ResultsScreen(BearScreen):
    """Reading what a run came to."""

    TAB = "results"
    CSS_PATH = "results.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]
    AUTO_FOCUS = "#mistakes"
    BINDINGS: ClassVar = [
        Binding("enter", "photos_of_cell", "only these photos"),
        Binding("escape", "all_photos", "all mistakes"),
        Binding("r", "reload", "read again", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._folder: RunFolder | None = None
        self._listed: list[Document] = []
        self._pair: tuple[str, str] | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Figures above; below, what was mistaken for what, and the photos."""
        yield Static(_NOTHING, id="nothing", classes="empty", markup=False)
        with Vertical(id="run"):
            yield Static(id="title", markup=False)
            yield Static(id="facts", markup=False)
            yield Table(report.CLASS_COLUMNS, id="classes", cursor="none")
            yield Static(id="notes", markup=False)
            with Horizontal(id="lower"):
                with Vertical(id="left"):
                    yield Table((), id="matrix", cursor="cell")
                    yield Static(id="mistakes-heading", classes="heading", markup=False)
                    yield Table(report.MISTAKE_COLUMNS, id="mistakes")
                with Vertical(id="right"):
                    yield Picture(id="photo")
                    yield Static(id="caption", markup=False)
            yield Static(id="next", markup=False)

    def on_mount(self) -> None:
        """Follow the app's run."""
        self.query_one("#run").display = False
        self.watch(self.app, "run_folder", self._open, init=True)

    def on_screen_resume(self) -> None:
        """A run may have ended since."""
        if self._document is None or self._document["test"] is None:
            self.action_reload()

    def _open(self, folder: RunFolder | None) -> None:
        self._folder, self._document, self._pair = folder, None, None
        self.action_reload()

    def action_reload(self) -> None:
        """Read the run's folder again."""
        if self._folder is not None:
            self._say(f"Reading {safe(self._folder.run, 60)} …")
            self._read(self._folder)
        else:
            self._say(_NOTHING)

    @work(thread=True, group="results", exclusive=True, exit_on_error=False)
    def _read(self, folder: RunFolder) -> None:
        from bear_tui.run.results import summary

        try:
            document = summary(folder)
        except (Failure, OSError, ValueError, KeyError) as error:
            self.app.call_from_thread(self._failed, folder, str(error))
        else:
            self.app.call_from_thread(self.show_document, folder, document)

    def _failed(self, folder: RunFolder, error: str) -> None:
        if folder == self._folder and not self.bear.training:
            self._say(f"This run cannot be read: {safe(error)}\n\n5  opens another run")
        elif folder == self._folder:
            self._say("This run has only begun.\n\n3  shows how it goes")

    def _say(self, text: str) -> None:
        """One text in place of the tables."""
        self.query_one("#nothing", Static).update(Content(text))
        self.query_one("#nothing").display = True
        self.query_one("#run").display = False
        self.refresh_bindings()

    def show_document(self, folder: RunFolder, document: Document) -> None:
        """Lay out the document of `show`."""
        if folder != self._folder:
            return
        self._document = document
        if document["test"] is None:
            status = safe(document["status"])
            self._say(
                f"{safe(document['run'], 60)} has no test yet: it is {status} after "
                f"{document['epochs_done']} epochs.\n\n"
                "3  shows how it goes\n"
                f"   `bear-tui resume {safe(folder.run, 60)}` goes on with a stopped run"
            )
            return
        self.query_one("#nothing").display = False
        self.query_one("#run").display = True
        self._put("#title", report.title(document, self.size.width - 2))
        self._put("#facts", Content(report.facts(document)))
        self.query_one("#classes", Table).show_rows(report.class_rows(document))
        notes = report.notes(document)
        self._put("#notes", Content("\n".join(f"! {safe(note)}" for note in notes)))
        self.query_one("#notes").display = bool(notes)
        self._show_matrix(document)
        sample = self._is_sample(folder)
        self._put("#next", Content(report.next_steps(document, sample)))
        self._list(None)

    def _show_matrix(self, document: Document) -> None:
        table = self.query_one("#matrix", Table)
        if len(document["classes"]) <= report.MATRIX_CLASSES:
            table.show_columns(report.matrix_columns(document["classes"]))
            table.show_rows(report.matrix_rows(document))
        else:
            table.show_columns(report.PAIR_COLUMNS)
            table.show_rows(report.pair_rows(document))

    def _is_sample(self, folder: RunFolder) -> bool:
        try:
            return Path(folder.recipe().data) == paths.sample_folder()
        except (Failure, OSError):
            return False

    def _list(self, pair: tuple[str, str] | None) -> None:
        """The mistakes, of one pair of classes or all."""
        document = self._document
        if document is None:
            return
        self._pair, self._listed = pair, report.mistakes(document, pair)
        self._put("#mistakes-heading", Content(self._heading()))
        self.query_one("#mistakes", Table).show_rows(report.mistake_rows(self._listed))
        self._show_photo()
        self.refresh_bindings()

    def _heading(self) -> str:
        if self._pair is not None:
            label, predicted = (safe(name, 20) for name in self._pair)
            return f"{len(self._listed)} of {label} taken for {predicted} · esc all"
        if not self._listed:
            return "no mistakes"
        return f"{len(self._listed):,} mistakes, surest first"

    @on(DataTable.RowHighlighted, "#mistakes")
    def _show_photo(self) -> None:
        """The photo under the cursor, with what was said of it."""
        row = self.query_one("#mistakes", Table).row_under_cursor
        one = self._listed[int(row.key)] if row is not None else None
        self.query_one(Picture).show(Path(one["path"]) if one else None)
        if one is None:
            self._put("#caption", Content(""))
            return
        self._put(
            "#caption",
            Content.assemble(
                (safe(Path(one["path"]).name, 60), "bold"),
                f"\nlabel {safe(one['label'], 30)}\n",
                f"says  {safe(one['predicted'], 30)} {one['probability']:.0%}",
            ),
        )

    def _put(self, selector: str, content: Content) -> None:
        self.query_one(selector, Static).update(content)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Enter is for the matrix, escape for what enter did."""
        if action == "photos_of_cell":
            return self._document is not None and self.query_one("#matrix").has_focus
        if action == "all_photos":
            return self._pair is not None
        return True

    def on_descendant_focus(self) -> None:
        """Other keys matter now."""
        self.refresh_bindings()

    def action_photos_of_cell(self) -> None:
        """List only the mistakes of the cell under the cursor."""
        document, table = self._document, self.query_one("#matrix", Table)
        row = table.row_under_cursor
        if document is None or row is None:
            return
        names, column = document["classes"], table.cursor_column
        kind, *numbers = row.key.split()
        if kind == "pair":
            self._list((names[int(numbers[0])], names[int(numbers[1])]))
        elif column >= 1:
            label, predicted = names[int(numbers[0])], names[column - 1]
            if label == predicted:
                self.bear.say(f"{label}: these were right; mistakes stand beside.", "information")
            else:
                self._list((label, predicted))

    def action_all_photos(self) -> None:
        """List all mistakes again."""
        self._list(None)
