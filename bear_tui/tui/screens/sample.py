"""The sample photos, drawn on the way to the first training."""

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bear_tui import files, paths
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import sample_recipe
from bear_tui.tui.context import context_of
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render.meter import meter
from bear_tui.tui.session import engine
from bear_tui.tui.session.decisions import open_decided
from bear_tui.tui.toolkit.modal import Sheet

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset


class SampleScreen(Sheet[None]):
    """Draws the sample photos if they are missing, then trains the sample model."""

    BINDINGS: ClassVar = [Binding("escape", "back", "back")]
    DEFAULT_CSS = "SampleScreen #sample-progress { margin-top: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._progress = (0, 0)
        self._measuring = False
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Getting the sample photos ready", classes="title", markup=False)
            yield Static(
                f"They are kept in {paths.short(paths.sample_folder())}.",
                classes="hint",
                markup=False,
            )
            yield Static("…", id="sample-progress", markup=False)
            yield Static("esc back: nothing is saved", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Draw in a thread; show the progress ten times a second."""
        self.set_interval(0.1, self._show_progress)
        self._prepare()

    def on_unmount(self) -> None:
        self._stop.set()

    def _show_progress(self) -> None:
        done, total = self._progress
        if self._measuring:
            sentence = "measuring how fast this machine trains …"
            self.query_one("#sample-progress", Static).update(Content(sentence))
        elif total:
            drawn = Content.assemble(meter(done / total, 36), f"  {done:,} of {total:,}")
            self.query_one("#sample-progress", Static).update(drawn)

    @work(thread=True, group="sample", exclusive=True, exit_on_error=False)
    def _prepare(self) -> None:
        from bear_tui.data.parallel import Cancelled
        from bear_tui.data.sample import write_sample

        folder = paths.sample_folder()
        try:
            if not files.is_folder(folder):
                write_sample(folder, progress=self._note, cancelled=self._stop)
            dataset = open_decided(folder)
            self._measuring = True
            parts = len(dataset.train), len(dataset.validation)
            recipe = engine.fit_sample(sample_recipe(str(folder)), len(dataset.classes), *parts)
        except Cancelled:
            return
        except Exception as error:  # all: a screen waits for its sentence
            self.app.call_from_thread(self._give_up, in_words(error))
        else:
            self.app.call_from_thread(self._train, dataset, recipe)

    def _note(self, done: int, total: int) -> None:
        self._progress = (done, total)

    def _give_up(self, sentence: str) -> None:
        self.dismiss()
        context_of(self.app).say(sentence, "error")

    def _train(self, dataset: "Dataset", recipe: Recipe) -> None:
        if self._stop.is_set():
            return
        context = context_of(self.app)
        self.dismiss()
        context.photos.dataset.set(dataset)
        # Its values suit drawings of 64 pixels: for the person's own photos Model has better ones.
        context.training.start(replace(recipe, corrections=dataset.corrections), to_model=False)

    def action_back(self) -> None:
        self._stop.set()
        self.dismiss()
