"""Making a folder of photos to train on: prepared from another, or taken out of COCO."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui.data.decisions import Decisions
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.session.decisions import Decided

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import LocalPhotos


class FolderMaking:
    """Leads through the sheets that write a folder, and opens what they wrote."""

    def __init__(self, screen: BearScreen, open_folder: Callable[[Path], object]) -> None:
        self._screen = screen
        self._open_folder = open_folder

    def prepare(self, root: Path | None, decided: Decided) -> None:
        """Write a prepared copy of the photos with their decisions applied."""
        self._prepare(root, Decisions() if decided.prepared else decided.decisions)

    def take_from_coco(self) -> None:
        """Take photos out of a COCO dataset, then prepare them."""
        from bear_tui.tui.screens.coco import CocoScreen

        def taken(photos: "LocalPhotos | None") -> None:
            if photos is not None:
                self._prepare(None, Decisions(), photos)

        self._screen.app.push_screen(CocoScreen(), taken)

    def _prepare(
        self, root: Path | None, decisions: Decisions, photos: "LocalPhotos | None" = None
    ) -> None:
        from bear_tui.tui.screens.prepare import PrepareScreen

        def prepared(folder: Path | None) -> None:
            if folder is not None:
                self._open_folder(folder)

        self._screen.app.push_screen(PrepareScreen(root, decisions, photos), prepared)
