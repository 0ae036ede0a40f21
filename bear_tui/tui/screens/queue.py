"""The queue of trainings, over screen 5: reorder it, take one out."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bear_tui.recipe import Recipe
from bear_tui.text import counted, safe
from bear_tui.tui.context import AppContext, context_of
from bear_tui.tui.session.queue import Queue
from bear_tui.tui.toolkit.modal import Sheet
from bear_tui.tui.widgets.rows import Rows

T = TypeVar("T")

_KEYS = "- earlier   + later   del take out"
_RESTING = "enter starts them   - earlier   + later   del take out"
_EMPTY = (
    "The queue is empty. A training started while another runs is queued here; a on screen 5 "
    "queues the ladder."
)


class WaitingRows(Rows):
    """Lists the queued trainings, the next one first."""

    def __init__(self, queue: Queue) -> None:
        super().__init__(id="waiting")
        self.queue = queue
        self.shown = queue.waiting
        """As last read: another process may begin one at any time."""

    def show(self, waiting: Sequence[Recipe]) -> None:
        if self.shown != tuple(waiting):
            self.shown = tuple(waiting)
            self.rows_changed()

    def count(self) -> int:
        return len(self.shown)

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:  # noqa: ARG002
        """`2  vgg16 · head · 10 epochs   ladder-3-head`."""
        recipe = self.shown[index]
        layers, epochs = safe(recipe.unfreeze, 24), counted(recipe.epochs, "epoch")
        facts = f"{safe(recipe.model, 24)} · {layers} · {epochs}"
        return Content(f"{index + 1}  {facts}   {safe(recipe.name, 30)}")


class QueueScreen(Sheet[None]):
    """Shows the app's queue and changes it at once."""

    DEFAULT_CSS = """
    QueueScreen WaitingRows { height: auto; max-height: 12; margin-bottom: 1; }
    """
    BINDINGS: ClassVar = [
        Binding("escape,q", "close", "back"),
        Binding("minus", "shift(-1)", "earlier"),
        Binding("plus", "shift(1)", "later"),
        Binding("delete", "cancel", "take out", key_display="del"),
        Binding("D", "cancel", "take out", show=False, key_display="D"),
        Binding("z", "undo", "undo"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Queue of trainings", classes="title", markup=False)
            yield WaitingRows(self._queue)
            yield Static(classes="hint", markup=False, id="keys")

    def on_mount(self) -> None:
        """Look again twice a second: the next training may start."""
        self.set_interval(0.5, self._show_queue)
        self._show_queue()

    @property
    def _app_context(self) -> AppContext:
        return context_of(self.app)

    @property
    def _rows(self) -> WaitingRows:
        return self.query_one(WaitingRows)

    @property
    def _queue(self) -> Queue:
        return self._app_context.training.queue

    def _show_queue(self) -> None:
        keys = self.query_one("#keys", Static)
        if self._app_context.training.queue.work.busy:  # what is shown is not on the disk yet
            keys.update("saving …")
            return
        waiting = self._queue.waiting
        self._rows.show(waiting)
        self._app_context.refresh_status()  # the header counts them too
        words = [_RESTING if self._queue.resting else _KEYS] if waiting else []
        words += ["z undo"] if self._queue.taken_out else []
        empty = "" if waiting else f"{_EMPTY}\n\n"
        keys.update(empty + "   ".join([*words, "esc back"]))

    @on(WaitingRows.Chosen)
    def _begin(self) -> None:
        """Let trainings start that were queued before the app was opened."""
        self._queue.resting = False
        self._show_queue()

    def action_shift(self, by: int) -> None:
        """Move the training to another place."""
        rows, at = self._rows, self._rows.cursor
        if rows.count():
            moved, order = rows.shown[at], list(rows.shown)
            target = max(0, min(at + by, len(order) - 1))
            order.insert(target, order.pop(at))
            rows.show(order)
            rows.go_to(target)
            self._change(partial(self._queue.move, moved, at, by))

    def action_cancel(self) -> None:
        """Take the training out of the queue."""
        rows, at = self._rows, self._rows.cursor
        if rows.count():
            out = rows.shown[at]
            rows.show((*rows.shown[:at], *rows.shown[at + 1 :]))
            self._change(partial(self._queue.cancel, out, at))

    def action_undo(self) -> None:
        """Put the training that was taken out last back in its place."""
        self._change(self._queue.undo, self._go_to)

    def _go_to(self, place: int | None) -> None:
        if place is not None:
            self._rows.go_to(place)

    def _change(
        self, job: Callable[[], T], then: Callable[[T], object] = lambda _found: None
    ) -> None:
        """Change the queue on disk in a thread, then show it."""

        def done(result: T) -> None:
            if self.is_attached:
                self._show_queue()
                then(result)

        def failed(sentence: str) -> None:
            self._app_context.say(sentence, "error")
            if self.is_attached:
                self._show_queue()

        self._app_context.training.queue.work.do(job, done, failed)
        self._show_queue()

    def action_close(self) -> None:
        self.dismiss()
