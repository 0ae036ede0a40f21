"""The learning-rate finder over screen 2: its curve, and the rate it suggests."""

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from bear_tui.forecast import RateCurve
from bear_tui.recipe import Recipe
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render.chart import Canvas
from bear_tui.tui.render.meter import meter
from bear_tui.tui.session import engine
from bear_tui.tui.toolkit.modal import Sheet

_WIDTH, _HEIGHT = 56, 10


class RateScreen(Sheet[float | None]):
    """Trains briefly at rising rates. Returns the rate that the person accepts, or None."""

    CSS_PATH = "rate.tcss"
    BINDINGS = [
        ("enter", "take", "take it"),
        ("escape,q", "leave", "back"),
    ]

    class Stepped(Message):
        """A thread has done so many of its steps."""

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done = done
            self.total = total

    class Found(Message):
        """A thread has the curve, or says why there is none."""

        def __init__(self, curve: RateCurve | None, sentence: str = "") -> None:
            super().__init__()
            self.curve = curve
            self.sentence = sentence

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self._recipe = recipe
        self._rate: float | None = None
        self._left = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("learning rate finder", classes="title", markup=False)
            yield Static("getting the photos and the model ready …", id="curve", markup=False)
            yield Static("escape goes back", classes="hint", id="said", markup=False)

    def on_mount(self) -> None:
        self._find()

    @work(thread=True, group="rate", exit_on_error=False)
    def _find(self) -> None:
        def progress(done: int, total: int) -> None:
            self.post_message(self.Stepped(done, total))

        try:
            message = self.Found(engine.find_rate(self._recipe, progress, lambda: self._left))
        except Exception as error:  # all: a screen waits for its sentence
            message = self.Found(None, in_words(error))
        self.post_message(message)

    def on_rate_screen_stepped(self, event: Stepped) -> None:
        bar = meter(event.done / event.total, _WIDTH - 12)
        line = Content.assemble(bar, f"  {event.done} of {event.total}")
        self.query_one("#curve", Static).update(line)

    def on_rate_screen_found(self, event: Found) -> None:
        """Draw the curve, and say what enter does."""
        note = self.query_one("#said", Static)
        if event.curve is None or not event.curve.losses:
            self.query_one("#curve", Static).update("no curve")
            why = safe(event.sentence) or "No step could be taken."
            note.update(f"! {why}\nescape goes back")
            note.set_classes("error")
            return
        self._rate = event.curve.suggested
        self.query_one("#curve", Static).update(draw_rates(event.curve, _WIDTH, _HEIGHT))
        if self._rate is None:
            note.update("the loss fell at no rate: look at the photos, or unfreeze more")
        else:
            note.update(f"enter takes {self._rate:g}: there the loss falls fastest")

    def action_take(self) -> None:
        """Return the suggested rate, if there is one."""
        if self._rate is not None:
            self.dismiss(self._rate)

    def action_leave(self) -> None:
        """Close the sheet; the thread ends at its next step."""
        self._left = True
        self.dismiss(None)


def draw_rates(curve: RateCurve, width: int, height: int) -> Content:
    """Return the loss over the rate, on an axis in powers of ten; ◆ marks the suggested rate."""
    first, last = curve.rates[0], curve.rates[-1]
    low = min(curve.losses)
    high = max(low + 1e-6, min(max(curve.losses), 2 * curve.losses[0]))
    margin = 6
    canvas = Canvas(width - margin, height - 1, 1.0, low, high)
    count = max(1, len(curve.losses) - 1)
    # Rates rise by the same multiple each step, so the step's number is the power of ten.
    points = [(number / count, loss) for number, loss in enumerate(curve.losses)]
    canvas.line(points)
    wanted = curve.suggested
    below = [
        point for point, rate in zip(points, curve.rates, strict=True) if rate <= (wanted or 0)
    ]
    mark = below[-1] if below else None
    lines = []
    for row, cells in enumerate(canvas.rows(mark)):
        label = f"{high:.2f}" if row == 0 else f"{low:.2f}" if row == height - 2 else ""
        lines.append(Content.assemble((f"{label:>{margin - 1}} ", "$muted"), *cells))
    axis = f"{first:.0e}".ljust((width - margin) // 2) + "rate"
    axis = axis.ljust(width - margin - 5) + f"{last:.0e}"
    lines.append(Content.styled(" " * margin + axis, "$muted"))
    return Content("\n").join(lines)
