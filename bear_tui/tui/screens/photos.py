"""The base of the screens about one photo of a run at a time: Results and the gallery."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding

from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.screens.heat_map import HeatMap
from bear_tui.tui.screens.photo_decisions import PhotoDecisions
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.widgets.picture import Picture

EXPORT = Binding("e", "export", "export", tooltip="the run as a page, a table, a model")
"""After the keys of a subclass that matter more: in a narrow terminal the last are left out."""


class PhotoScreen(BearScreen):
    """Binds the keys about a photo. A subclass says which photo is meant, and draws it."""

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
        self.heat = HeatMap(self, self.current_photo, self.pictures, self.draw_caption)
        self.decisions = PhotoDecisions(self, self.draw_decisions, self._draw_seen)

    def current_photo(self) -> Prediction | None:
        """Return the photo that the keys are about."""
        raise NotImplementedError

    def pictures(self) -> Mapping[Prediction, Picture]:
        """Return the visible photos and their pictures, the photo under the cursor first."""
        raise NotImplementedError

    def draw_decisions(self) -> None:
        """Draw the decisions about the photos."""
        raise NotImplementedError

    def draw_caption(self) -> None:
        """Draw the text about the photo."""
        raise NotImplementedError

    def _draw_seen(self) -> None:
        # The screen on which it was decided may be closed by now.
        screen = self.app.screen
        if isinstance(screen, PhotoScreen):
            screen.draw_decisions()

    def path_here(self) -> Path | None:
        """Return the path of the photo."""
        photo = self.current_photo() if self.photos is not None else None
        return Path(photo.path) if photo is not None else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer keys about a photo only where there is one."""
        if action in ("heat", "relabel", "exclude"):
            return self.is_mounted and self.photos is not None and self.current_photo() is not None
        if action in ("train_again", "undo", "export"):
            return self.photos is not None
        return super().check_action(action, parameters)

    def action_heat(self) -> None:
        """Show what spoke for the predicted class, then for the label, then the photo alone."""
        self.heat.next_class(self.photos)

    def action_relabel(self) -> None:
        if self.photos is not None and (photo := self.current_photo()) is not None:
            self.decisions.relabel(self.photos, photo)

    def action_exclude(self) -> None:
        if self.photos is not None and (photo := self.current_photo()) is not None:
            self.decisions.exclude(self.photos, photo)

    def action_undo(self) -> None:
        if self.photos is not None:
            self.decisions.undo(self.photos)

    def action_train_again(self) -> None:
        if self.photos is not None:
            self.decisions.train_again(self.photos)

    def action_export(self) -> None:
        if self.context.shown_run.value is not None:
            self.app.push_screen(ExportScreen(self.context.shown_run.value))
