"""Decisions about the photos of the open folder: leave out, relabel, undo."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bear_tui.errors import Failure
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.session.autosave import SavedValue
from bear_tui.tui.session.decisions import Decided, keep
from bear_tui.tui.widgets.folder_contents import FolderContents

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.folders.inventory import Inventory


class DatasetDecisions:
    """Applies decisions to the open folder and saves each at once."""

    def __init__(self, screen: BearScreen, note: Callable[[str], object]) -> None:
        """`note` shows a problem below the path; it is called with "" when there is none."""
        self._screen = screen
        self._note = note
        self.inventory: Inventory | None = None
        self._as_is: Dataset | None = None
        """The photos as the folder and its manifest say."""
        self.chosen: Dataset | None = None
        """The same as decided: what is trained on."""
        self._kept = SavedValue(Decided(), keep)

    @property
    def decided(self) -> Decided:
        """Return the decisions as the person sees them, saved or not."""
        return self._kept.now

    @property
    def contents(self) -> FolderContents:
        """Return the widget that shows the folder."""
        return self._screen.query_one(FolderContents)

    def leave_out(self) -> None:
        """Leave out the photo of the selected problem, or take it in again."""
        problem = self.contents.problem_list.item
        photos = self.inventory.photos if self.inventory is not None else ()
        if problem is not None and any(photo.path == problem.path for photo in photos):
            self._decide(self.decided.toggled(problem.path))
        elif problem is not None:
            self._screen.context.say(
                "This problem is not about one photo: there is nothing to leave out."
            )

    def find_suspects(self) -> None:
        """Search for photos whose label looks wrong."""
        if self.inventory is None:
            return
        if self._screen.context.training.running:
            self._screen.context.say(
                "A training is running; search for suspects when it is done.", "warning"
            )
            return
        from bear_tui.tui.screens.suspects import SuspectsScreen

        photos, _ = self.decided.decisions.apply(self.inventory.photos)
        screen = SuspectsScreen(photos, self.inventory.classes, self._kept)
        self._screen.app.push_screen(screen, partial(self._suspects_seen, self.decided))

    def _suspects_seen(self, before: Decided, _: None) -> None:
        self._listen(self._kept)
        self._show_decided()
        if self.decided is not before and not self._kept.saving:
            self._written()

    def open(self, inventory: "Inventory", opened: "Dataset | None", decided: Decided) -> str:
        """Show another folder; return why it cannot be trained on with its decisions, or ""."""
        self.inventory, self._as_is = inventory, opened
        self._kept = SavedValue(decided, keep)
        self._listen(self._kept)
        sentence = self._choose()
        self.contents.open(inventory, self.chosen, decided)
        return sentence

    def _listen(self, saved: SavedValue[Decided]) -> None:
        saved.told = partial(self._saved, saved)

    def _decide(self, decided: Decided) -> None:
        """Save decisions, and show the folder with them."""
        self._kept.put(decided, self._screen.context.writes)
        self._show_decided()

    def undo(self) -> None:
        """Take the last decision back."""
        if self._kept.undo(self._screen.context.writes):
            self._show_decided()
        else:
            self._screen.context.say(
                "Nothing was decided since this folder was opened.", "information"
            )

    def _show_decided(self) -> None:
        self.contents.decide(self.decided, self._kept.saving)
        # How a prepared folder is split its manifest says: it is read again when that is written.
        if self._as_is is not None and not self.decided.prepared:
            self._note(self._choose())
            self._use_chosen()

    def _saved(self, saved: SavedValue[Decided], sentence: str) -> None:
        """Handle the end of a write: after a failure the saved decisions are shown again."""
        if saved is self._kept:
            self._show_decided() if sentence else self._written()
        if sentence:
            self._note(sentence)

    def _written(self) -> None:
        self.contents.decide(self.decided)
        if self.decided.prepared:
            self._screen.run_worker(
                partial(self._read_again, self.decided),
                thread=True,
                group="decide",
                exclusive=True,
                exit_on_error=False,
            )

    def _choose(self) -> str:
        """Apply the decisions to the photos; return why that is impossible, or ""."""
        self.chosen = None
        try:
            self.chosen = self._as_is and self.decided.followed(self._as_is)
        except Failure as failure:
            return str(failure)
        return ""

    def _use_chosen(self) -> None:
        """Train on the photos as decided now, if the app works on this folder already."""
        used = self._screen.context.photos.dataset.value
        if used is not None and self.inventory is not None and used.root == self.inventory.root:
            self._screen.context.photos.dataset.set(self.chosen)
        self.contents.show_dataset(self.chosen)

    def _read_again(self, decided: Decided) -> None:
        from bear_tui.data.dataset import open_dataset

        dataset, sentence = None, ""
        try:
            dataset = open_dataset(decided.decisions.root)
        except Exception as error:  # all: a screen waits for its sentence
            sentence = in_words(error)
        self._screen.app.call_from_thread(self._read, decided, dataset, sentence)

    def _read(self, decided: Decided, dataset: "Dataset | None", sentence: str) -> None:
        if decided is self.decided:  # else it is read once more
            self._as_is = self.chosen = dataset
            self._use_chosen()
            self._note(sentence)
