"""Loading the run that Results shows, in a thread."""

from collections.abc import Callable
from functools import partial

from bear_tui import paths
from bear_tui.run.folder import RunFolder
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render import report
from bear_tui.tui.render.report import Document
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.session.run_photos import RunPhotos, read_run

NOTHING = """No run is open.

5  opens an earlier run
3  shows the run that trains now; its results appear here when it is done"""
_UNREADABLE = """

f5  reads it again
5   opens another run"""


class RunLoader:
    """Reads a run's summary and test photos; only the newest request counts."""

    def __init__(
        self,
        screen: BearScreen,
        show: Callable[[Document, RunPhotos], object],
        say: Callable[[str, str], object],
    ) -> None:
        """`show` lays out results; `say` shows a text in their place, with a remedy after a
        failure.
        """
        self._screen = screen
        self._show = show
        self._say = say
        self.folder: RunFolder | None = None
        self.document: Document | None = None
        self._reading = 0
        """The number of the reading that goes on; 0: none."""
        self._readings = 0

    def open(self, folder: RunFolder | None) -> None:
        self.folder, self.document, self._reading = folder, None, 0
        self.reload()

    def reload_untested(self) -> bool:
        """Read the run again if it had no test; return False if its results are shown."""
        if self.document is not None and self.document["test"] is not None:
            return False
        if not self._reading:
            self.reload()
        return True

    def reload(self) -> None:
        """Read the run's folder again."""
        context = self._screen.context
        feed = context.training.local_run if context.training.running else None
        if feed is not None and feed.folder == self.folder and feed.snapshot.state.test is None:
            # Known here: to read all of its journal would keep the training waiting.
            state = feed.snapshot.state
            self._say(report.untested(feed.folder.run, state.status, state.epochs_done), "")
        elif self.folder is not None:
            self._say(f"Reading {safe(self.folder.run, 60)} …", "")
            self._readings += 1
            self._reading = self._readings
            read = partial(self._read, self.folder, self._reading)
            self._screen.run_worker(
                read, thread=True, group="results", exclusive=True, exit_on_error=False
            )
        else:
            self._say(NOTHING, "")

    def _read(self, folder: RunFolder, number: int) -> None:
        self._screen.context.writes.finish()  # what was decided about its photos just now
        try:
            results: tuple[Document, RunPhotos] | str = read_run(folder)
        except Exception as error:  # all: a screen waits for its sentence
            results = in_words(error).replace(str(folder.path), paths.short(folder.path))
        self._screen.app.call_from_thread(self._read_done, number, results)

    def _read_done(self, number: int, results: tuple[Document, RunPhotos] | str) -> None:
        if number != self._reading:
            return  # read anew since: photos may have been corrected in what is shown by now
        self._reading = 0
        if isinstance(results, str):
            self._say(f"! This run cannot be read: {safe(results)}", _UNREADABLE)
        else:
            self.show_results(*results)

    def show_results(self, document: Document, photos: RunPhotos) -> None:
        """Show results that belong to the open run, or say that it has no test yet."""
        if photos.folder != self.folder:
            return
        self.document = document
        if document["test"] is None:
            text = report.untested(document["run"], document["status"], document["epochs_done"])
            self._say(text, "")
        else:
            self._show(document, photos)
