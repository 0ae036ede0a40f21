"""What waits to be trained, over screen 5: its order, and taking one out."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from bear_tui.text import safe
from bear_tui.tui.queue import Queue
from bear_tui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from bear_tui.tui.app import BearApp

_KEYS = "- earlier   + later   del take out"
_RESTING = "enter begins them   - earlier   + later   del take out"
_EMPTY = "Nothing waits. Start a training while another runs (2, enter), or 5, a for the ladder."


class WaitingRows(Rows):
    """The waiting trainings, first to begin first."""

    def __init__(self, queue: Queue) -> None:
        super().__init__(id="waiting")
        self.queue = queue
        self.shown = queue.waiting
        """As last read: another process may begin one at any time."""

    def count(self) -> int:
        """How many wait."""
        return len(self.shown)

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:  # noqa: ARG002
        """`2  vgg16 · head · 10 epochs   ladder-3-head`."""
        one = self.shown[index]
        facts = f"{safe(one.model, 24)} · {safe(one.unfreeze, 24)} · {one.epochs} epochs"
        return Content(f"{index + 1}  {facts}   {safe(one.name, 30)}")


class QueueScreen(ModalScreen[None]):
    """Changes the app's queue at once."""

    DEFAULT_CSS = """
    QueueScreen WaitingRows { height: auto; max-height: 12; margin-bottom: 1; }
    """
    BINDINGS: ClassVar = [
        Binding("escape,q", "close", "back"),
        Binding("minus", "shift(-1)", "earlier"),
        Binding("plus", "shift(1)", "later"),
        Binding("delete,D", "cancel", "take out"),
        Binding("z", "undo", "undo"),
    ]

    def compose(self) -> ComposeResult:
        """The list, and its keys."""
        with Vertical(classes="dialog"):
            yield Static("Waiting to be trained", classes="title", markup=False)
            yield WaitingRows(self._queue)
            yield Static(classes="hint", markup=False, id="keys")

    def on_mount(self) -> None:
        """The next may begin while this is open."""
        self.set_interval(0.5, self._look)
        self._look()

    @property
    def _queue(self) -> Queue:
        return cast("BearApp", self.app).queue

    def _look(self) -> None:
        rows, waiting = self.query_one(WaitingRows), self._queue.waiting
        if rows.shown != waiting:
            rows.shown = waiting
            rows.rows_changed()
        keys = [_RESTING if self._queue.resting else _KEYS] if waiting else []
        keys += ["z undo"] if self._queue.taken_out else []
        empty = "" if waiting else f"{_EMPTY}\n\n"
        self.query_one("#keys", Static).update(empty + "   ".join([*keys, "esc back"]))

    @on(WaitingRows.Chosen)
    def _begin(self) -> None:
        """What waits from before this app was opened may begin."""
        self._queue.resting = False
        self._look()

    def action_shift(self, by: int) -> None:
        """Another place in the queue."""
        rows = self.query_one(WaitingRows)
        if rows.count():
            place = self._queue.move(rows.cursor, by)
            self._look()
            rows.go_to(place)

    def action_cancel(self) -> None:
        """Not this one."""
        rows = self.query_one(WaitingRows)
        if rows.count():
            self._queue.cancel(rows.cursor)
            self._look()

    def action_undo(self) -> None:
        """What was taken out last waits again, where it was."""
        if (place := self._queue.undo()) is not None:
            self._look()
            self.query_one(WaitingRows).go_to(place)

    def action_close(self) -> None:
        """Back to the runs."""
        self.dismiss()
