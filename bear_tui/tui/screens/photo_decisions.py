"""Decisions about a run's photos: relabel, exclude, undo, train again."""

from collections.abc import Callable
from pathlib import Path

from bear_tui.data.decisions import OUT
from bear_tui.run.changes import AS_STARTED
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.text import counted, safe
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.screens.relabel import RelabelScreen
from bear_tui.tui.session.run_photos import RunPhotos

_AS_IT_IS = " "
"""The answer that takes a decision back; no class is called so."""


class PhotoDecisions:
    """Asks where a choice is needed, and saves each decision in the run's folder."""

    def __init__(
        self, screen: BearScreen, draw: Callable[[], object], failed: Callable[[], object]
    ) -> None:
        """`draw` shows a decision; `failed` shows the saved state after a failed write."""
        self._screen = screen
        self._draw = draw
        self._failed = failed

    def relabel(self, photos: RunPhotos, photo: Prediction) -> None:
        """Give the photo another class: the other one of two, else ask which."""
        others = [name for name in photos.classes if name != photo.label]
        if len(others) == 1:
            again = photos.decided(photo) == others[0]
            self._decide(photos, photo, None if again else others[0])
            return
        answers = {name: safe(name, 60) for name in others}
        as_it_is = {_AS_IT_IS: f"{photo.label}, as it is"}
        question = RelabelScreen(Path(photo.path), {**as_it_is, **answers})

        def answered(answer: str | None) -> None:
            if answer:
                self._decide(photos, photo, None if answer == _AS_IT_IS else answer)

        self._screen.app.push_screen(question, answered)

    def exclude(self, photos: RunPhotos, photo: Prediction) -> None:
        """Leave the photo out, or take it in again."""
        self._decide(photos, photo, None if photos.decided(photo) == OUT else OUT)

    def undo(self, photos: RunPhotos) -> None:
        """Take the last decision back."""
        photos.kept.told = self._saved
        if not photos.undo(self._screen.context.writes):
            self._screen.context.say(
                "Nothing was decided since this run was opened.", "information"
            )
        self._draw()

    def _decide(self, photos: RunPhotos, photo: Prediction, label: str | None) -> None:
        photos.kept.told = self._saved
        photos.decide(photo, label, self._screen.context.writes)
        self._draw()

    def _saved(self, sentence: str) -> None:
        """Handle the end of a write; an empty sentence means that it worked."""
        if sentence:
            self._screen.context.say(sentence, "error")
            self._failed()

    def train_again(self, photos: RunPhotos) -> None:
        """Start a new run with the corrections, after asking."""
        count = len(photos.decisions)
        if not count:
            self._screen.context.say(
                "Correct a photo first: m gives it another class, x leaves it out.", "information"
            )
            return
        question = AskScreen(
            f"Train again with {counted(count, 'correction')}?",
            {"": "Not now", "train": "Train: a new run, this one stays"},
            f"{photos.recipe.model} with the same settings, on the same photos as you see them."
            f"{f' {AS_STARTED}' if photos.changed else ''}",
        )

        def answered(answer: str | None) -> None:
            if answer == "train":
                self._screen.context.training.start(photos.corrected_recipe())

        self._screen.app.push_screen(question, answered)
