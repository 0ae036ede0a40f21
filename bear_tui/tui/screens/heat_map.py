"""Heat maps of the visible photos: requested class by class, computed in a thread."""

from collections.abc import Callable, Mapping
from functools import partial

from textual.worker import get_current_worker

from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.session.heat import Heat, whereabouts
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.widgets.picture import Picture


class HeatMap:
    """Lays what the network looked at over the pictures of a screen."""

    def __init__(
        self,
        screen: BearScreen,
        current: Callable[[], Prediction | None],
        in_sight: Callable[[], Mapping[Prediction, Picture]],
        caption: Callable[[], object],
    ) -> None:
        """`in_sight` gives the pictures to overlay; `caption` draws `words` beside `current`."""
        self._screen = screen
        self._current = current
        self._in_sight = in_sight
        self._caption = caption
        self.label = ""
        """The class whose heat is asked for; empty: the photo as it is."""
        self.words = ""

    def clear(self) -> None:
        """Forget the requested class, for another run."""
        self.label = self.words = ""

    def next_class(self, photos: RunPhotos | None) -> None:
        """Request the predicted class, then the label, then none."""
        photo = self._current()
        if photo is None or photos is None:
            return
        turns = list(dict.fromkeys((photo.predicted, _other_class(photo, photos))))
        place = turns.index(self.label) + 1 if self.label in turns else 0
        self.label = turns[place] if place < len(turns) else ""
        self.refresh(photos)

    def refresh(self, photos: RunPhotos | None) -> None:
        """Show heat over the visible photos, or remove it if no class is requested."""
        self.words, pictures = "", self._in_sight()
        if not self.label:
            for picture in pictures.values():
                picture.heat = None
        elif pictures and photos is not None:
            self.words = f"looking for {safe(self.label, 30)} …"
            find = partial(self._find, photos, tuple(pictures), self.label)
            self._screen.run_worker(
                find, thread=True, group="heat", exclusive=True, exit_on_error=False
            )
        self._caption()

    def _find(self, photos: RunPhotos, asked: tuple[Prediction, ...], label: str) -> None:
        worker = get_current_worker()
        for photo in asked:
            if worker.is_cancelled:  # others are in sight by now, or another class is asked for
                return
            try:
                heat: Heat | None = photos.heat(photo, label)
                words = ""
            except Exception as error:  # all: a screen waits for its sentence
                heat, words = None, f"no heat map: {in_words(error)}"
            show = partial(self._show, photos, photo, label, heat, words)
            self._screen.app.call_from_thread(show)

    def _show(
        self, photos: RunPhotos, photo: Prediction, label: str, heat: Heat | None, words: str
    ) -> None:
        picture = self._in_sight().get(photo)
        if label != self.label or picture is None:
            return
        picture.framing = photos.recipe.framing
        picture.heat = heat
        if photo != self._current():
            return
        if heat is not None:
            words = f"heat of {safe(label, 30)}: {whereabouts(heat)}"
        self.words = safe(words)
        self._caption()


def _other_class(photo: Prediction, photos: RunPhotos) -> str:
    """Return the label; where the prediction is the label, the next likeliest class."""
    if photo.label != photo.predicted:
        return photo.label
    ranked = sorted(zip(photo.probabilities, photos.classes, strict=False), reverse=True)
    return next((name for _, name in ranked if name != photo.predicted), photo.label)
