"""The threads of screen 1: read a folder, check its photos, draw the sample ones."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from bear_tui import files, paths
from bear_tui.tui.context import context_of
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.session.decisions import Decided, decided_about
from bear_tui.tui.widgets.work_line import WorkerLine

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.folders.inventory import Inventory
    from bear_tui.data.folders.scan import Problem


class FolderWork(WorkerLine):
    """One folder at a time; the work ends with the screen."""

    @dataclass
    class FolderRead(Message):
        """A folder has been read; or a sentence says why not."""

        folder: Path
        inventory: "Inventory | None"
        dataset: "Dataset | None"
        sentence: str
        decided: Decided

    @dataclass
    class Checked(Message):
        """All photos have been checked, or the person stopped it."""

        inventory: "Inventory"
        problems: "Sequence[Problem]"
        sentence: str = ""

    @dataclass
    class SampleDrawn(Message):
        """The sample photos are on disk, or a sentence says why not."""

        sentence: str = ""

    def read(self, folder: Path) -> None:
        """Read a folder; work on another ends."""
        self._stop.set()
        self._stop = threading.Event()
        self._read(folder, self._stop)

    def check(self, inventory: "Inventory", decided: Decided) -> None:
        """Check every photo; those left out are no problem."""
        self.begin("checking photos, esc stops,")
        self._check(inventory, decided, self._stop)

    def draw_sample(self) -> None:
        """Draw the sample photos if they are missing."""
        self.begin("drawing the sample photos")
        self._draw_sample()

    @work(thread=True, group="read", exclusive=True, exit_on_error=False)
    def _read(self, folder: Path, stop: threading.Event) -> None:
        from bear_tui.data.dataset import open_dataset
        from bear_tui.data.folders.inventory import take_inventory
        from bear_tui.data.parallel import Cancelled

        inventory = dataset = None
        sentence = ""
        decided = Decided()
        try:
            context_of(self.app).writes.finish()  # what was decided about it just now
            inventory = take_inventory(folder, stop)
            decided = decided_about(folder)
            dataset = open_dataset(folder, cancelled=stop)
        except Cancelled:
            if stop is not self._stop:
                return  # another folder is read by now
            sentence = "The folder was not read to its end."
        except Exception as error:  # all: a screen waits for its sentence
            sentence = in_words(error)
        self.post_message(self.FolderRead(folder, inventory, dataset, sentence, decided))

    @work(thread=True, group="check", exclusive=True, exit_on_error=False)
    def _check(self, inventory: "Inventory", decided: Decided, stop: threading.Event) -> None:
        from bear_tui.data.decisions import with_decisions
        from bear_tui.data.folders.check import check
        from bear_tui.data.parallel import Cancelled

        problems: Sequence[Problem] = inventory.problems
        sentence = ""
        try:
            problems = check(with_decisions(inventory, decided.decisions), self.note, stop)
        except Cancelled:
            sentence = "The check was stopped: there may be more."
        except Exception as error:  # all: a screen waits for its sentence
            sentence = in_words(error)
        listed = [*problems, *decided.listed(inventory.photos)]
        self.post_message(self.Checked(inventory, listed, sentence))

    @work(thread=True, group="sample", exclusive=True, exit_on_error=False)
    def _draw_sample(self) -> None:
        from bear_tui.data.sample import write_sample

        folder = paths.sample_folder()
        sentence = ""
        try:
            if not files.is_folder(folder):
                write_sample(folder, progress=self.note)
        except Exception as error:  # all: a screen waits for its sentence
            sentence = in_words(error)
        self.post_message(self.SampleDrawn(sentence))
