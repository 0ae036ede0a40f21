"""What happened in a run, newest first: a table that costs a line of text each."""

import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bear_tui.run.happened import Happened
from bear_tui.text import safe
from bear_tui.tui.widgets.meter import duration

_EVERY = 0.5
"""Seconds between two drawings: a small model has many epochs in that."""


class EventsPane(VerticalScroll):
    """Hidden until it is asked for, and drawn only where there is something new."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: Sequence[Happened] | None = None
        self._drawn = 0.0

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        yield Static(id="events", markup=False)

    def look(self, happened: Sequence[Happened], now: bool = False) -> None:
        """Show these, twice a second at most."""
        waits = time.monotonic() - self._drawn < _EVERY and not now
        if not self.display or happened is self._shown or waits:
            return
        self._shown, self._drawn = happened, time.monotonic()
        self.query_one("#events", Static).update(event_lines(happened))


def event_lines(happened: Sequence[Happened]) -> Content:
    """`  0:41  epoch 5 ended, 97.5% right, the best so far`, newest first."""
    lines = [Content.styled("   time  what happened", "bold")]
    lines += [
        Content.assemble((f"{duration(one.seconds):>7}", "$muted"), f"  {safe(one.what, 200)}")
        for one in reversed(happened)
    ]
    return Content("\n").join(lines)
