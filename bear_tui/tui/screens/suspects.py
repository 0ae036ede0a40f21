"""Photos whose label looks wrong, worst first, to relabel or leave out."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from bear_tui.data.decisions import OUT
from bear_tui.data.suspect import Suspect
from bear_tui.text import safe
from bear_tui.tui.context import context_of
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render.problems import Finding
from bear_tui.tui.session import engine
from bear_tui.tui.session.autosave import OrderedWork, SavedValue
from bear_tui.tui.session.decisions import Decided
from bear_tui.tui.toolkit.clipboard import CopyingScreen
from bear_tui.tui.toolkit.modal import Sheet
from bear_tui.tui.widgets.finding_list import FindingList
from bear_tui.tui.widgets.keybar import KeyBar
from bear_tui.tui.widgets.photo_pane import PhotoPane
from bear_tui.tui.widgets.rows import Rows
from bear_tui.tui.widgets.work_line import WorkLine

if TYPE_CHECKING:
    from bear_tui.data.folders.inventory import Photo


def suspect_words(suspect: Suspect, _root: Path) -> Finding:
    """Return the row of a suspect: `0.94 bear → not_bear  0012.jpg`."""
    words = f"{safe(suspect.photo.label, 20)} → {safe(suspect.suggested, 20)}"
    path = suspect.photo.path
    return Finding(path, f"{suspect.confidence:.2f} ", words, path.name, suspect.confidence > 0.5)


class SuspectsScreen(CopyingScreen[None], Sheet[None]):
    """Searches a folder; saves each decision at once."""

    CSS_PATH = "suspects.tcss"
    BINDINGS: ClassVar = [
        Binding(
            "m",
            "move",
            "move",
            tooltip="to the class that it looks like; again: the next, back",
        ),
        Binding("x", "exclude", "leave out", tooltip="leave it out; again takes it back"),
        Binding("z", "undo", "undo", tooltip="take the last decision back"),
        Binding("v,enter", "view", "view", tooltip="as it is, or as the network sees it"),
        Binding("y", "copy_path", "copy path"),
        Binding("escape,q", "back", "back"),
    ]

    class Found(Message):
        """A thread has the suspects, or says why there are none."""

        def __init__(self, found: Sequence[Suspect], how: str, sentence: str = "") -> None:
            super().__init__()
            self.found = found
            self.how = how
            self.sentence = sentence

    def __init__(
        self, photos: "Sequence[Photo]", classes: Sequence[str], kept: SavedValue[Decided]
    ) -> None:
        super().__init__()
        self._photos = photos
        self._names = tuple(classes)
        self._kept = kept
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        with Vertical(id="suspects-sheet", classes="pane"):
            yield Static(_WHAT, id="how", classes="hint", markup=False)
            with Horizontal(id="both"):
                yield FindingList(suspect_words, id="suspect-list")
                yield PhotoPane(id="suspect-photo")
            yield Static("", id="decided", classes="hint", markup=False)
            yield WorkLine(id="looking")
        yield KeyBar()

    def on_mount(self) -> None:
        self._kept.told = self._saved
        self.query_one("#suspects-sheet").border_title = "photos whose label looks wrong"
        self._show_decided()
        self._rows.focus()
        self.query_one(WorkLine).begin("looking at every photo, esc stops,")
        self._search()

    @property
    def decided(self) -> Decided:
        """Return the decisions as the person sees them, saved or not."""
        return self._kept.now

    @property
    def _rows(self) -> FindingList[Suspect]:
        return self.query_one("#suspect-list", FindingList)

    def path_here(self) -> Path | None:
        suspect = self._rows.item
        return suspect.photo.path if suspect is not None else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer keys about a photo only where there is one."""
        if action in ("move", "exclude", "view", "copy_path"):
            return self.is_mounted and self._rows.item is not None
        return super().check_action(action, parameters)

    def on_unmount(self) -> None:
        """End the search."""
        self._stop.set()

    @work(thread=True, group="suspects", exclusive=True, exit_on_error=False)
    def _search(self) -> None:
        note = self.query_one(WorkLine).note
        try:
            suspects, how = engine.suspects(self._photos, self._names, note, self._stop)
        except Exception as error:  # all: a screen waits for its sentence
            self.post_message(self.Found((), "", in_words(error)))
        else:
            self.post_message(self.Found(suspects, how))

    def on_suspects_screen_found(self, event: Found) -> None:
        self.query_one(WorkLine).end()
        self._say(event.sentence, event.how, len(event.found))
        self._rows.show_items(event.found, self.decided.decisions.root, self.decided)
        self.refresh_bindings()
        self._show_photo()

    def _say(self, sentence: str, how: str, count: int) -> None:
        line = self.query_one("#how", Static)
        none = "" if count else " ✓ No label looks wrong."
        line.update(safe(f"! {sentence}" if sentence else f"Found {how}.{none}"))
        line.set_classes("error" if sentence else "hint")

    @on(Rows.Moved)
    def _show_photo(self) -> None:
        rows, suspect = self._rows, self._rows.item
        if suspect is None:
            return
        ahead = [other.photo.path for other in rows.items[rows.cursor + 1 : rows.cursor + 5]]
        detail = f"{suspect.confidence:.0%} {suspect.suggested}; its label is {suspect.photo.label}"
        self.query_one(PhotoPane).show(
            suspect.photo.path, self.decided.decisions.root, ahead, detail
        )

    def _decide(self, path: Path, label: str | None) -> None:
        self._kept.put(self.decided.with_label(path, label), self._writes)
        self._show_decided()

    @property
    def _writes(self) -> OrderedWork:
        return context_of(self.app).writes

    def _saved(self, sentence: str) -> None:
        """Handle the end of a write: after a failure the saved decisions are shown again."""
        self._show_decided()
        if sentence:
            self._say(sentence, "", 0)

    def _show_decided(self) -> None:
        self._rows.mark(self.decided)
        self.query_one("#decided", Static).update(self.decided.sentence(self._kept.saving))

    def action_move(self) -> None:
        """Give the photo the suggested class; press again for the next, and in the end its own."""
        suspect = self._rows.item
        if suspect is None:
            return
        others = [name for name in self._names if name != suspect.photo.label]
        first = others.index(suspect.suggested)
        turns = [*others[first:], *others[:first], None]
        now = self.decided.decisions.of(suspect.photo.path)
        self._decide(suspect.photo.path, turns[turns.index(now) + 1] if now in others else turns[0])

    def action_exclude(self) -> None:
        """Leave the photo out, or take it in again."""
        suspect = self._rows.item
        if suspect is not None:
            path = suspect.photo.path
            self._decide(path, None if self.decided.out(path) else OUT)

    def action_undo(self) -> None:
        """Take back the last decision, whichever photo it was about."""
        if self._kept.undo(self._writes):
            self._show_decided()

    def action_view(self) -> None:
        self.query_one(PhotoPane).next_view()

    def action_back(self) -> None:
        """Stop the search, or close the sheet."""
        if self.query_one(WorkLine).busy:
            self._stop.set()
        else:
            self.dismiss()


_WHAT = "Every photo is compared with the others of its class; nothing is changed."
