"""Deciding about the photos of the folder that is open."""

from typing import TYPE_CHECKING

from textual import work
from textual.worker import Worker, WorkerState

from bear_tui.errors import Failure
from bear_tui.tui.deciding import Decided, keep
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.widgets.folder_contents import FolderContents
from bear_tui.tui.widgets.ways_in import FolderField

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.inventory import Inventory


class JudgingScreen(BearScreen):
    """A screen with a folder's contents: photos of it are left out, or taken for another class."""

    def __init__(self) -> None:
        super().__init__()
        self.inventory: Inventory | None = None
        self.chosen: Dataset | None = None
        self.decided = Decided()

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
            self.bear.say("No photo of a class is meant here: there is nothing to leave out.")

    def action_suspects(self) -> None:
        """Look for photos whose label looks wrong."""
        if self.inventory is None:
            return
        if self.bear.training:
            self.bear.say("A training is going on; look for suspects when it is done.", "warning")
            return
        from bear_tui.tui.screens.suspects import SuspectsScreen

        photos, _ = self.decided.decisions.followed(self.inventory.photos)
        screen = SuspectsScreen(photos, self.inventory.classes, self.decided)
        self.app.push_screen(screen, self._suspects_seen)

    def _suspects_seen(self, decided: Decided | None) -> None:
        if decided is not None:
            self._decide(decided)

    def _decide(self, decided: Decided) -> None:
        """Keep the decisions, and show the folder as it is with them."""
        if decided == self.decided:
            return
        self.decided = decided
        self.contents.decide(decided)
        if decided.prepared:
            self._keep(decided)

    @work(thread=True, group="decide", exit_on_error=False)
    def _keep(self, decided: Decided) -> None:
        from bear_tui.data.dataset import open_dataset

        try:
            keep(decided)
            dataset = open_dataset(decided.decisions.root)
        except Failure as failure:
            self.app.call_from_thread(self._note, str(failure), True)
        else:
            self.app.call_from_thread(self._kept, dataset)

    def _kept(self, dataset: "Dataset") -> None:
        if self.inventory is None or self.inventory.root != dataset.root:
            return
        used = self.bear.dataset is not None and self.bear.dataset is self.chosen
        self.chosen = dataset
        if used:
            self.bear.dataset = dataset
        self.contents.put_dataset(dataset)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What no one foresaw while decisions were kept is a sentence too."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            self._note(f"This went wrong: {type(error).__name__}: {error}", wrong=True)
