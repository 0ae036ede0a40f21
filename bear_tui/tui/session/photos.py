"""Which photos the app works on: chosen by the person, or those of a run or a recipe."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.session.autosave import OrderedWork
from bear_tui.tui.session.decisions import open_decided
from bear_tui.tui.session.observable import Observable
from bear_tui.tui.session.settings import SavedSettings

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset


class PhotoSelection:
    """The chosen dataset, opened in a thread and remembered for the next start."""

    def __init__(
        self,
        settings: SavedSettings,
        writes: OrderedWork,
        in_thread: Callable[[Callable[[], None]], object],
        call: Callable[[Callable[[], object]], object],
    ) -> None:
        """`in_thread` runs a function in a thread; `call` runs one on the app's own thread."""
        self._settings = settings
        self._writes = writes
        self._in_thread = in_thread
        self._call = call
        self._openings = 0
        self.dataset: Observable[Dataset | None] = Observable(None)

    def use(self, dataset: "Dataset") -> None:
        """Work on these photos from now on."""
        self.dataset.set(dataset)
        self._settings.change(self._settings.now.with_dataset(str(dataset.root)))

    def open(
        self, folder: Path, then: Callable[[], object], otherwise: Callable[[str], object]
    ) -> None:
        """Read a folder of photos in a thread, use it and call `then`; `otherwise` gets a sentence
        where it has none. The folder that was asked for last wins.
        """
        self._openings += 1
        opening = self._openings

        def use(dataset: "Dataset") -> None:
            if opening == self._openings:
                self.use(dataset)
                then()

        self._read(folder, use, otherwise)

    def open_if_none(self, folder: Path) -> None:
        """Read a folder of photos that nobody asked for, and use it if none is chosen by then."""
        opening = self._openings

        def use(dataset: "Dataset") -> None:
            if opening == self._openings and self.dataset.value is None:
                self.use(dataset)

        if self.dataset.value is None:
            self._read(folder, use, lambda _sentence: None)

    def _read(
        self,
        folder: Path,
        then: Callable[["Dataset"], object],
        otherwise: Callable[[str], object],
    ) -> None:
        def read() -> None:
            try:
                self._writes.finish()
                dataset = open_decided(folder)
            except Exception as error:  # all: a screen waits for its sentence
                sentence = in_words(error)
                self._call(lambda: otherwise(sentence))
            else:
                self._call(lambda: then(dataset))

        self._in_thread(read)
