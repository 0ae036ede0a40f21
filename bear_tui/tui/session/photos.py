"""Which photos the app works on: chosen by the person, of a recipe of before, of a run."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.reactive import reactive
from textual.worker import get_current_worker

from bear_tui import paths
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render.status import status_line
from bear_tui.tui.session import settings as memory
from bear_tui.tui.session.decisions import open_decided
from bear_tui.tui.session.engine import Fit, engine_fit
from bear_tui.tui.session.training import TrainingApp

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset


class ChoosingApp(TrainingApp):
    """An app that has photos, remembers them, and says so in its header."""

    dataset: "reactive[Dataset | None]" = reactive(None, init=False)
    """The photos chosen on screen 1."""
    status: reactive[str] = reactive("", repaint=False)
    """What the header says at right."""

    def __init__(self, runs: Path | None = None, fit: Fit = engine_fit) -> None:
        super().__init__(runs, fit)
        self.settings = memory.load(paths.settings_file())

    def remember(self, settings: memory.Settings) -> None:
        """Keep `settings` for the next start."""
        if settings != self.settings:
            self.settings = settings
            memory.save(settings, paths.settings_file())

    def refresh_status(self) -> None:
        """What the header says: the training here first, else the photos."""
        snapshot = self.feed.snapshot if self.feed else None
        self.status = status_line(self.dataset, snapshot, len(self.queue.waiting))

    def use_photos_of_run(self) -> None:
        """Who comes to Model from a run, and has chosen no photos yet, goes on with those of it;
        not beside a training, which reading them would slow down.
        """
        if self.dataset is None and self.run_folder is not None and not self.training:
            with contextlib.suppress(OSError, Failure):
                self.open_dataset(Path(self.run_folder.recipe().data), asked=False)

    def use_dataset(self, dataset: "Dataset", go_on: bool = True) -> None:
        """Work on these photos from now on; `go_on` to the model for them."""
        self.dataset = dataset
        self.remember(self.settings.with_dataset(str(dataset.root)))
        self.refresh_status()
        if go_on:
            self.switch_mode("model")

    @work(thread=True, group="dataset", exclusive=True, exit_on_error=False)
    def open_dataset(self, folder: Path, asked: bool = True) -> None:
        """Read a folder of photos, use it and go on to Model; a sentence where it is none. Where
        nobody `asked` for it, use it if nothing else was chosen meanwhile, and say nothing.
        """
        worker = get_current_worker()
        try:
            self.writes.finish()
            dataset = open_decided(folder)
        except Exception as error:  # as in_words says
            if asked:
                self.call_from_thread(self.say, in_words(error), "error")
            return

        def use() -> None:
            if not worker.is_cancelled and (asked or self.dataset is None):
                self.use_dataset(dataset, go_on=asked)

        self.call_from_thread(use)

    def use_recipe(self, recipe: Recipe, photos: bool = True) -> None:
        """Begin again from a recipe of before: its choices on Model, on its `photos` or on those
        that are chosen now.
        """
        self.recipe = None  # one that was copied before is told again: it may have been edited
        self.recipe = recipe
        folder = Path(recipe.data)
        if photos and (self.dataset is None or self.dataset.root != folder):
            self.open_dataset(folder)
        else:
            self.switch_mode("model")
        self.say("These are the settings of that run: z brings back yours.", "information")
