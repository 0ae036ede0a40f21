"""A run's photos a page at a time, to look at, correct, and train on again."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.data.decisions import OUT
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.text import safe
from bear_tui.tui.render import photo_rows
from bear_tui.tui.screens.photos import EXPORT, PhotoScreen
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.toolkit.copyable import Cells
from bear_tui.tui.widgets.gallery import Gallery
from bear_tui.tui.widgets.picture import Picture


class GalleryScreen(PhotoScreen):
    """Opened over Results; escape returns there."""

    TAB = "results"
    CSS_PATH = "gallery.tcss"
    BINDINGS: ClassVar = [EXPORT]

    def __init__(
        self, photos: RunPhotos, listed: Sequence[Prediction], cursor: int, heading: str
    ) -> None:
        super().__init__()
        self.photos = photos
        self._listed = tuple(listed)
        self._first = cursor
        self._heading = heading

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="gallery-title", markup=False)
        yield Gallery(self._line, id="gallery")
        yield Static(id="detail", markup=False)

    def on_mount(self) -> None:
        """Select the photo that was chosen; close when another run is opened."""
        gallery = self.query_one(Gallery)
        gallery.show_photos(self._listed, self._first)
        gallery.focus()
        self.follow(self.context.shown_run, self._run_opened, now=False)

    def _run_opened(self, folder: RunFolder | None) -> None:
        if self.photos is not None and folder != self.photos.folder:
            self.dismiss()

    def current_photo(self) -> Prediction | None:
        """Return the photo under the cursor."""
        return self.query_one(Gallery).photo

    def pictures(self) -> dict[Prediction, Picture]:
        """Return the photos of the page, the one under the cursor first."""
        current, page = self.current_photo(), self.query_one(Gallery).page
        return dict(sorted(page.items(), key=lambda tile: tile[0] != current))

    def cells_here(self) -> Cells | None:
        """Return all photos of the gallery, in its order."""
        return photo_rows.photo_cells(self._listed, self.photos) if self.photos else None

    def _line(self, photo: Prediction) -> Content:
        """Return the line under a photo: `✓ bear 99%`, `bear, says not_bear 81%`, or a decision."""
        decided = self.photos.decided(photo) if self.photos else None
        prediction = f"{safe(photo.predicted, 14)} {photo.probability:.0%}"
        if decided is not None:
            return Content("✗ left out" if decided == OUT else f"→ {safe(decided, 20)}")
        return Content(
            f"✓ {prediction}" if photo.right else f"{safe(photo.label, 14)}, says {prediction}"
        )

    @on(Gallery.Moved)
    def _moved(self) -> None:
        self.heat.refresh(self.photos) if self.heat.label else self.draw_caption()

    def draw_decisions(self) -> None:
        """Draw the line under each photo, and the counts."""
        self.query_one(Gallery).draw()
        self.draw_caption()

    def draw_caption(self) -> None:
        """Write all that is known of the photo under the page."""
        gallery, photo, photos = self.query_one(Gallery), self.current_photo(), self.photos
        page, pages = gallery.pages
        count = f"{gallery.cursor + 1:,} of {len(gallery.photos):,}" if photo else "no photo"
        corrections = (
            f" · {len(photos.decisions):,} corrected" if photos and photos.decisions else ""
        )
        where = "" if gallery.large else f" · page {page:,} of {pages:,}"
        title = f"{self._heading} · {count}{where}{corrections}"
        self.query_one("#gallery-title", Static).update(Content(title), layout=False)
        detail = self.query_one("#detail", Static)
        if photo is None or photos is None:
            detail.update(Content(""), layout=False)
            return
        words = f" · {self.heat.words}" if self.heat.words else ""
        name = safe(Path(photo.path).name, 60)
        head = Content.assemble((name, "bold"), f" · {photo_rows.verdict(photo, photos)}{words}")
        chances = photo_rows.chances(photo, photos.classes, max(20, self.size.width - 2))
        lines = [head, *chances.split("\n")[:3]]
        detail.update(Content("\n").join(lines), layout=False)

    def action_large(self) -> None:
        """Show one photo large, or a page."""
        gallery = self.query_one(Gallery)
        gallery.large = not gallery.large

    def action_back(self) -> None:
        """Return from a large photo to the page, from the page to Results."""
        gallery = self.query_one(Gallery)
        if gallery.large:
            gallery.large = False
        else:
            self.dismiss()
