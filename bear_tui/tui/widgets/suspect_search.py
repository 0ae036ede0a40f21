"""The search for a run's photos whose label looks wrong, in a thread with its progress."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from textual import work
from textual.message import Message

from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.session import engine
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.widgets.work_line import WorkerLine


class SuspectSearch(WorkerLine):
    """One search at a time; it ends with the screen."""

    @dataclass
    class Ended(Message):
        """The search has found photos, or a sentence says why not."""

        photos: RunPhotos
        found: Sequence[Prediction]
        sentence: str = ""

    def search(self, photos: RunPhotos) -> None:
        """Start a search, unless one is running."""
        if not self.busy:
            self._stop = threading.Event()
            self.begin("looking for wrong labels, esc stops,")
            self._search(photos, self._stop)

    @work(thread=True, group="suspects", exit_on_error=False)
    def _search(self, photos: RunPhotos, stop: threading.Event) -> None:
        predictions: Sequence[Prediction] = ()
        sentence = ""
        try:
            # As rows of the gallery: what was said of each is the class it looks like.
            predictions = [
                Prediction(
                    suspect.photo.file,
                    suspect.photo.label,
                    suspect.suggested,
                    suspect.confidence,
                    (),
                )
                for suspect in engine.run_suspects(photos.folder, self.note, stop)
            ]
            if not predictions:
                sentence = "No label looks wrong."
        except Exception as error:  # all: a screen waits for its sentence
            sentence = in_words(error)
        self.post_message(self.Ended(photos, predictions, sentence))

    def on_suspect_search_ended(self) -> None:
        self.end()
