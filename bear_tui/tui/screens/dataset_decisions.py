"""Deciding about the photos of the folder that is open."""

from functools import partial
from typing import TYPE_CHECKING

from textual import work

from bear_tui.errors import Failure
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.session.autosave import Kept
from bear_tui.tui.session.decisions import Decided, keep
from bear_tui.tui.widgets.folder_contents import FolderContents
from bear_tui.tui.widgets.ways_in import FolderField

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.folders.inventory import Inventory


class JudgingScreen(BearScreen):
    """A screen with a folder's contents: photos of it are left out, or taken for another class."""

    def __init__(self) -> None:
        super().__init__()
        self.inventory: Inventory | None = None
        self._as_is: Dataset | None = None
        """The photos as the folder and its manifest say."""
        self.chosen: Dataset | None = None
        """The same as decided: what is trained on."""
        self._kept = Kept(Decided(), keep)

    @property
    def decided(self) -> Decided:
        """What the person sees as decided."""
        return self._kept.now

    @property
    def contents(self) -> FolderContents:
        """What lies in the folder."""
        return self.query_one(FolderContents)

    def _note(self, text: str, wrong: bool = False) -> None:
        self.query_one(FolderField).note(text, wrong)

    def action_leave_out(self) -> None:
        """Leave out the photo of a problem, or take it in again."""
        problem = self.contents.problem_list.item
        photos = self.inventory.photos if self.inventory is not None else ()
        if problem is not None and any(photo.path == problem.path for photo in photos):
            self._decide(self.decided.toggled(problem.path))
        elif problem is not None:
            self.context.say("No photo of a class is meant here: there is nothing to leave out.")

    def action_suspects(self) -> None:
        """Look for photos whose label looks wrong."""
        if self.inventory is None:
            return
        if self.context.training.running:
            self.context.say(
                "A training is going on; look for suspects when it is done.", "warning"
            )
            return
        from bear_tui.tui.screens.suspects import SuspectsScreen

        photos, _ = self.decided.decisions.apply(self.inventory.photos)
        screen = SuspectsScreen(photos, self.inventory.classes, self._kept)
        self.app.push_screen(screen, partial(self._suspects_seen, self.decided))

    def _suspects_seen(self, before: Decided, _: None) -> None:
        self._listen(self._kept)
        self._show_decided()
        if self.decided is not before and not self._kept.saving:
            self._written()

    def open_contents(
        self, inventory: "Inventory", opened: "Dataset | None", decided: Decided
    ) -> str:
        """Another folder; a sentence where it cannot be trained on as it was decided."""
        self.inventory, self._as_is = inventory, opened
        self._kept = Kept(decided, keep)
        self._listen(self._kept)
        sentence = self._choose()
        self.contents.open(inventory, self.chosen, decided)
        return sentence

    def _listen(self, kept: Kept[Decided]) -> None:
        kept.told = partial(self._told, kept)

    def _decide(self, decided: Decided) -> None:
        """Keep the decisions, and show the folder as it is with them."""
        self._kept.put(decided, self.context.writes)
        self._show_decided()

    def action_undo(self) -> None:
        """Take the last decision back."""
        if self._kept.undo(self.context.writes):
            self._show_decided()
        else:
            self.context.say("Nothing was decided since this folder was opened.", "information")

    def _show_decided(self) -> None:
        self.contents.decide(self.decided, self._kept.saving)
        # How a prepared folder is split its manifest says: it is read again when that is written.
        if self._as_is is not None and not self.decided.prepared:
            self._note(self._choose(), wrong=True)
            self._use_chosen()

    def _told(self, kept: Kept[Decided], sentence: str) -> None:
        """They are kept; or not, and are what they were."""
        if kept is self._kept:
            self._show_decided() if sentence else self._written()
        if sentence:
            self._note(sentence, wrong=True)

    def _written(self) -> None:
        self.contents.decide(self.decided)
        if self.decided.prepared:
            self._read_again(self.decided)

    def _choose(self) -> str:
        """The photos as decided; a sentence where none are to be had."""
        self.chosen = None
        try:
            self.chosen = self._as_is and self.decided.followed(self._as_is)
        except Failure as failure:
            return str(failure)
        return ""

    def _use_chosen(self) -> None:
        """Who works on these photos already works on them as decided now."""
        used = self.context.photos.dataset.value
        if used is not None and self.inventory is not None and used.root == self.inventory.root:
            self.context.photos.dataset.set(self.chosen)
        self.contents.put_dataset(self.chosen)

    @work(thread=True, group="decide", exclusive=True, exit_on_error=False)
    def _read_again(self, decided: Decided) -> None:
        from bear_tui.data.dataset import open_dataset

        dataset, sentence = None, ""
        try:
            dataset = open_dataset(decided.decisions.root)
        except Exception as error:  # as in_words says
            sentence = in_words(error)
        self.app.call_from_thread(self._read, decided, dataset, sentence)

    def _read(self, decided: Decided, dataset: "Dataset | None", sentence: str) -> None:
        if decided is self.decided:  # else it is read once more
            self._as_is = self.chosen = dataset
            self._use_chosen()
            self._note(sentence, wrong=True)
