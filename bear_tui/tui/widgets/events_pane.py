"""The events of a run, newest first, at a line of text each."""

import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from bear_tui.run.timeline import TimelineEntry
from bear_tui.text import safe
from bear_tui.tui.render.meter import duration
from bear_tui.tui.toolkit.copyable import Cells
from bear_tui.tui.widgets.reading import Reading

_EVERY = 0.5
"""Seconds between two drawings: a small model has many epochs in that."""
_TIME = 7
"""Columns of the time, right of which the words stand."""


class EventsPane(Reading):
    """Hidden until it is asked for; drawn only when something is new."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, classes="-titled")
        self.border_title = " what happened, newest first "
        self._shown: Sequence[TimelineEntry] = ()
        self._drawn = 0.0

    def compose(self) -> ComposeResult:
        yield Static(id="events", markup=False)

    def show(self, happened: Sequence[TimelineEntry], now: bool = False) -> None:
        """Show events, twice a second at most."""
        waits = time.monotonic() - self._drawn < _EVERY and not now
        if not self.display or happened is self._shown or waits:
            return
        self._shown, self._drawn = happened, time.monotonic()
        self._draw()

    def cells(self) -> Cells:
        """Return all events with their times, newest first."""
        rows = [(duration(entry.seconds), entry.what) for entry in reversed(self._shown)]
        return Cells(rows, ("time", "what happened"))

    def on_resize(self) -> None:
        """Wrap the lines at the new width."""
        self._draw()

    def _draw(self) -> None:
        lines = event_lines(self._shown, self.scrollable_content_region.width)
        self.query_one("#events", Static).update(lines)


def event_lines(happened: Sequence[TimelineEntry], width: int) -> Content:
    """Return `0:41  epoch 5 ended, 97.5% right, the best so far`, newest first; only times stand at
    left.
    """
    lines: list[Content] = []
    for entry in reversed(happened):
        first, *more = Content(safe(entry.what, 200)).wrap(max(20, width - _TIME - 2))
        time_of = (f"{duration(entry.seconds):>{_TIME}}", "$muted")
        lines.append(Content.assemble(time_of, "  ", first))
        lines += [Content.assemble(" " * (_TIME + 2), line) for line in more]
    return Content("\n").join(lines)
