"""Which run Results shows: read in a thread, and what is said while there are no tables."""

from textual import work
from textual.content import Content
from textual.widgets import Static

from bear_tui import paths
from bear_tui.run.folder import RunFolder
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render import report
from bear_tui.tui.render.report import Document
from bear_tui.tui.screens.photos import PhotoScreen
from bear_tui.tui.session.run_photos import RunPhotos, read_run

NOTHING = """No run is open.

5  opens a run of before
3  shows the one that trains now; its results come here when it is done"""
_UNREADABLE = """

f5  reads it again
5   opens another run"""


class RunReadingScreen(PhotoScreen):
    """A subclass lays out what was read, in `#run`; `#nothing` stands in its place before."""

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._folder: RunFolder | None = None
        self._reading = 0
        """The number of the reading that goes on; 0: none."""
        self._readings = 0

    def show_document(self, document: Document, photos: RunPhotos) -> None:
        """Lay out the document of `show` and the test photos, where it `takes` them."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Follow the app's run."""
        self.watch(self.app, "run_folder", self._open, init=True)

    def on_screen_resume(self) -> None:
        """A run may have ended since, or photos were corrected in the gallery."""
        if self._document is None or self._document["test"] is None:
            if not self._reading:
                self.action_reload()
        else:
            self.decided()

    def _open(self, folder: RunFolder | None) -> None:
        self._folder, self._document, self.photos, self._reading = folder, None, None, 0
        self.heat_class = self.heat_words = ""  # asked for on a photo of another run
        self.action_reload()

    def action_reload(self) -> None:
        """Read the run's folder again."""
        feed = self.context.feed if self.context.training else None
        if feed is not None and feed.folder == self._folder and feed.snapshot.state.test is None:
            # Known here: to read all of its journal would keep the training waiting.
            state = feed.snapshot.state
            self._say(report.untested(feed.folder.run, state.status, state.epochs_done))
        elif self._folder is not None:
            self._say(f"Reading {safe(self._folder.run, 60)} …")
            self._readings += 1
            self._reading = self._readings
            self._read(self._folder, self._reading)
        else:
            self._say(NOTHING)

    @work(thread=True, group="results", exclusive=True, exit_on_error=False)
    def _read(self, folder: RunFolder, number: int) -> None:
        self.context.writes.finish()  # what was decided about its photos just now
        try:
            found: tuple[Document, RunPhotos] | str = read_run(folder)
        except Exception as error:  # as in_words says
            found = in_words(error).replace(str(folder.path), paths.short(folder.path))
        self.app.call_from_thread(self._read_done, number, found)

    def _read_done(self, number: int, found: tuple[Document, RunPhotos] | str) -> None:
        if number != self._reading:
            return  # read anew since: photos may have been corrected in what is shown by now
        self._reading = 0
        if not isinstance(found, str):
            self.show_document(*found)
        else:
            self._say(f"! This run cannot be read: {safe(found)}", _UNREADABLE)

    def takes(self, document: Document, photos: RunPhotos) -> bool:
        """Whether these are to be laid out: they are of the run that is open, and it has a test."""
        if photos.folder != self._folder:
            return False
        self._document = document
        if document["test"] is None:
            self._say(report.untested(document["run"], document["status"], document["epochs_done"]))
            return False
        self.photos = photos
        self._say("")
        # The keyboard was taken from tables that were hidden, or not given to them.
        self.call_after_refresh(self._update_auto_focus)
        return True

    def _say(self, text: str, remedy: str = "") -> None:
        """One text in place of the tables, with a remedy where it is trouble; none: the tables."""
        said = Content.styled(text, "$text-error" if remedy else "")
        self._put("#nothing", Content.assemble(said, remedy))
        self.query_one("#nothing").display = bool(text)
        self.query_one("#run").display = not text
        self.refresh_bindings()

    def _put(self, selector: str, content: Content) -> None:
        self.query_one(selector, Static).update(content)
