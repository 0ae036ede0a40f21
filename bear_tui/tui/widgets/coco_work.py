"""The threads of the COCO sheet: read the file, select photos, download missing ones."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message
from textual.worker import Worker

from bear_tui.tui.forms.prepare_form import CocoWishes, in_form_words
from bear_tui.tui.widgets.work_line import WorkerLine

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import Instances, LocalPhotos, Selection


class CocoWork(WorkerLine):
    """One job at a time; it ends with the sheet."""

    @dataclass
    class JsonRead(Message):
        """The file has been read."""

        path: Path
        instances: "Instances"

    @dataclass
    class Selected(Message):
        """Photos have been selected; some may have to be downloaded."""

        selection: "Selection"
        wishes: CocoWishes
        missing: int

    @dataclass
    class Taken(Message):
        """All photos are on this disk."""

        found: "LocalPhotos"

    @dataclass
    class Refused(Message):
        """A job failed: the sentence, and the field it concerns."""

        sentence: str
        field: str = ""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._job: Worker[None] | None = None

    def read(self, path: Path) -> None:
        """Read what is on which photo; all of COCO takes some seconds."""
        from bear_tui.data.coco.selection import read_instances

        stop = self._begin("reading the file, esc stops,")
        self._job = self._do(lambda: self.JsonRead(path, read_instances(path, stop)))

    def select(self, instances: "Instances", labels: Mapping[str, str], wishes: CocoWishes) -> None:
        """Select the photos of each class; `labels` is the class of each category."""
        from bear_tui.data.coco.download import to_download
        from bear_tui.data.coco.selection import categories_by_class, select

        def choose() -> Message:
            pairs = [(label, category) for category, label in labels.items()]
            selection = select(
                instances, categories_by_class(pairs, wishes.rest), wishes.rest, wishes.seed
            )
            missing = 0 if wishes.images else to_download(selection, wishes.limit)
            return self.Selected(selection, wishes, missing)

        self._begin("choosing")
        self._job = self._do(choose)

    def take(self, selection: "Selection", wishes: CocoWishes) -> None:
        """Use the photos in the folder, else download them."""
        from bear_tui.data.coco.download import local_photos

        stop = self._begin("taking the photos" if wishes.images else "downloading, esc stops,")
        self._job = self._do(
            lambda: self.Taken(
                local_photos(selection, wishes.images, wishes.limit, self.note, stop)
            )
        )

    def _begin(self, verb: str) -> threading.Event:
        self._stop = threading.Event()
        self.begin(verb)
        return self._stop

    @work(thread=True, group="coco", exclusive=True, exit_on_error=False)
    def _do(self, job: Callable[[], Message]) -> None:
        try:
            self.post_message(job())
        except Exception as error:  # all: a screen waits for its sentence
            field, sentence = in_form_words(error)
            self.post_message(self.Refused(sentence, field))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        # The next may have begun already.
        if event.worker is self._job and event.worker.is_finished:
            self.end()
