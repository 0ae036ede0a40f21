"""The comparison of several runs, over screen 5."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bear_tui import paths
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.compare import compare
from bear_tui.run.results.ladder_lesson import lesson
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render.comparison import Document, comparison, copied
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.toolkit.copyable import Cells
from bear_tui.tui.widgets.reading import Reading

_REMEDY = """

esc  back to the runs; there, space unmarks one"""


class CompareScreen(BearScreen):
    """Reads the runs in a thread, and draws them for the width of the screen."""

    TAB = "runs"
    DEFAULT_CSS = """
    CompareScreen #comparison { padding: 0 1; height: 1fr; }
    CompareScreen #text { height: auto; }
    """
    BINDINGS: ClassVar = [Binding("escape", "back", "back to the runs")]
    AUTO_FOCUS = "#comparison"

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        super().__init__()
        self._folders = tuple(folders)
        self._found: tuple[Document, list[str]] | None = None

    def compose_body(self) -> Iterable[Widget]:
        with Reading(id="comparison"):
            yield Static("Reading the runs …", id="text", markup=False)

    def on_mount(self) -> None:
        self._read()

    @work(thread=True, group="compare", exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        try:
            document = compare(self._folders)
            lesson_lines = lesson(self._folders, document)
        except Exception as error:  # all: a screen waits for its sentence
            self.app.call_from_thread(self._cannot_compare, in_words(error))
        else:
            self.app.call_from_thread(self.show_document, document, lesson_lines)

    def show_document(self, document: Document, lesson_lines: list[str]) -> None:
        """Show the document of `compare` and what the ladder teaches."""
        self._found = document, lesson_lines
        self._draw()

    def cells_here(self) -> Cells | None:
        """Return the tables of the comparison, one below the other."""
        return copied(self._found[0]) if self._found is not None else None

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self._found is not None:
            document, lesson_lines = self._found
            self._set_text(comparison(document, lesson_lines, max(40, self.size.width - 4)))

    def _cannot_compare(self, sentence: str) -> None:
        for folder in self._folders:
            sentence = sentence.replace(str(folder.path), paths.short(folder.path))
        error = Content.styled(f"! These runs cannot be compared: {safe(sentence)}", "$text-error")
        self._set_text(Content.assemble(error, _REMEDY))

    def _set_text(self, content: Content) -> None:
        self.query_one("#text", Static).update(content)

    def action_back(self) -> None:
        self.dismiss()
