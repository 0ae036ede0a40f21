"""What two screens do with a run's photo: heat map, another label, out, train again."""

from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.worker import get_current_worker

from bear_tui.data.decisions import OUT
from bear_tui.run.changes import AS_STARTED
from bear_tui.run.results.predictions_csv import Answered
from bear_tui.text import counted, safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.screens.relabel import RelabelScreen
from bear_tui.tui.session.heat import Heat, whereabouts
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.widgets.picture import Picture

_AS_IT_IS = " "
"""The answer that takes a decision back; no class is called so."""


EXPORT = Binding("e", "export", "export", tooltip="the run as a page, a table, a model")
"""After the keys of a subclass that matter more: in a narrow terminal the last are left out."""


class PhotoScreen(BearScreen):
    """A subclass says which photo is meant and where it is drawn."""

    BINDINGS: ClassVar = [
        Binding(
            "g",
            "heat",
            "heat map",
            tooltip="what the network looked at, class by class",
            priority=True,  # in a table g goes to the first row
        ),
        Binding("m", "relabel", "relabel", tooltip="another class; again takes it back"),
        Binding("x", "exclude", "exclude", tooltip="leave it out; again takes it back"),
        Binding("z", "undo", "undo", show=False, tooltip="take the last decision back"),
        Binding("r", "train_again", "train again", tooltip="train again with the corrections"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.photos: RunPhotos | None = None
        self.heat_class = ""
        """The class whose heat is asked for; empty: the photo as it is."""
        self.heat_words = ""

    def current(self) -> Answered | None:
        """The photo that the keys are about."""
        raise NotImplementedError

    def current_picture(self) -> Picture | None:
        """Where it is drawn."""
        raise NotImplementedError

    def in_sight(self) -> dict[Answered, Picture]:
        """The photos that heat is shown of, and where; the one under the cursor first."""
        photo, picture = self.current(), self.current_picture()
        return {photo: picture} if photo is not None and picture is not None else {}

    def decided(self) -> None:
        """Draw what was decided."""
        raise NotImplementedError

    def captioned(self) -> None:
        """Draw what is said about the photo."""
        raise NotImplementedError

    def path_here(self) -> Path | None:
        """The photo."""
        photo = self.current() if self.photos is not None else None
        return Path(photo.path) if photo is not None else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for a photo only where there is one."""
        if action in ("heat", "relabel", "exclude"):
            return self.is_mounted and self.photos is not None and self.current() is not None
        if action in ("train_again", "undo", "export"):
            return self.photos is not None
        return super().check_action(action, parameters)

    def action_export(self) -> None:
        """The run as a file."""
        if self.context.run_folder is not None:
            self.app.push_screen(ExportScreen(self.context.run_folder))

    # Decisions

    def action_relabel(self) -> None:
        """Another class: of two the other one, of more the one chosen."""
        photo, photos = self.current(), self.photos
        if photo is None or photos is None:
            return
        others = [name for name in photos.classes if name != photo.label]
        if len(others) == 1:
            again = photos.decided(photo) == others[0]
            self._decide(photo, None if again else others[0])
            return
        answers = {name: safe(name, 60) for name in others}
        as_it_is = {_AS_IT_IS: f"{photo.label}, as it is"}
        question = RelabelScreen(Path(photo.path), {**as_it_is, **answers})

        def answered(answer: str | None) -> None:
            if answer:
                self._decide(photo, None if answer == _AS_IT_IS else answer)

        self.app.push_screen(question, answered)

    def action_exclude(self) -> None:
        """Leave the photo out, or take it in again."""
        photo, photos = self.current(), self.photos
        if photo is not None and photos is not None:
            self._decide(photo, None if photos.decided(photo) == OUT else OUT)

    def action_undo(self) -> None:
        """Take the last decision back."""
        if self.photos is None:
            return
        self.photos.kept.told = self._told
        if not self.photos.undo(self.context.writes):
            self.context.say("Nothing was decided since this run was opened.", "information")
        self.decided()

    def _decide(self, photo: Answered, label: str | None) -> None:
        if self.photos is None:
            return
        self.photos.kept.told = self._told
        self.photos.decide(photo, label, self.context.writes)
        self.decided()

    def _told(self, sentence: str) -> None:
        """What is decided is kept; or not, and is what it was."""
        if sentence:
            self.context.say(sentence, "error")
            shown = self.app.screen
            if isinstance(shown, PhotoScreen):
                shown.decided()

    def action_train_again(self) -> None:
        """A new run with the corrections, after asking."""
        photos = self.photos
        if photos is None:
            return
        count = len(photos.decisions)
        if not count:
            self.context.say(
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
                self.context.start_training(photos.corrected_recipe())

        self.app.push_screen(question, answered)

    # Heat map

    def action_heat(self) -> None:
        """What spoke for the class it says; then for the label; then the photo as it is."""
        photo = self.current()
        if photo is None or self.photos is None:
            return
        turns = list(dict.fromkeys((photo.predicted, self._other(photo, self.photos))))
        at = turns.index(self.heat_class) + 1 if self.heat_class in turns else 0
        self.heat_class = turns[at] if at < len(turns) else ""
        self.refresh_heat()

    def _other(self, photo: Answered, photos: RunPhotos) -> str:
        """The label; where that is what it says, the next likeliest class."""
        if photo.label != photo.predicted:
            return photo.label
        ranked = sorted(zip(photo.probabilities, photos.classes, strict=False), reverse=True)
        return next((name for _, name in ranked if name != photo.predicted), photo.label)

    def refresh_heat(self) -> None:
        """The heat of the photos that are there now, if heat is asked for."""
        self.heat_words, here = "", self.in_sight()
        if not self.heat_class:
            for picture in here.values():
                picture.heat = None
        elif here and self.photos is not None:
            self.heat_words = f"looking for {safe(self.heat_class, 30)} …"
            self._find_heat(self.photos, tuple(here), self.heat_class)
        self.captioned()

    @work(thread=True, group="heat", exclusive=True, exit_on_error=False)
    def _find_heat(self, photos: RunPhotos, asked: tuple[Answered, ...], name: str) -> None:
        worker = get_current_worker()
        for photo in asked:
            if worker.is_cancelled:  # others are in sight by now, or another class is asked for
                return
            try:
                heat: Heat | None = photos.heat(photo, name)
                words = ""
            except Exception as error:  # as in_words says
                heat, words = None, f"no heat map: {in_words(error)}"
            self.app.call_from_thread(self._show_heat, photo, name, heat, words)

    def _show_heat(self, photo: Answered, name: str, heat: Heat | None, words: str) -> None:
        picture = self.in_sight().get(photo)
        if name != self.heat_class or picture is None:
            return
        if self.photos is not None:
            picture.framing = self.photos.recipe.framing
        picture.heat = heat
        if photo != self.current():
            return
        if heat is not None:
            words = f"heat of {safe(name, 30)}: {whereabouts(heat)}"
        self.heat_words = safe(words)
        self.captioned()
