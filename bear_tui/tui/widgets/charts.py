"""Loss and accuracy of a run side by side, drawn no more often than they can be read."""

import time
from collections.abc import Iterable

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.run.state import RunState
from bear_tui.tui.widgets.chart import draw
from bear_tui.tui.widgets.curves import FIGURES, chart_of

_EVERY = 2.0
"""Seconds between two drawings: a small model has three epochs in them."""


class Charts(Horizontal):
    """Two charts of the same run."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[RunState, bool] | None = None
        self._at = 0.0
        self._charts: dict[str, Content] = {}

    def compose(self) -> Iterable[Widget]:
        """One text each."""
        for figure in FIGURES:
            yield Static(id=figure, markup=False)

    def forget(self) -> None:
        """Draw at the next look, however soon that is."""
        self._drawn = None

    def look(self, state: RunState, smooth: bool) -> None:
        """Draw what is new, every two seconds at most."""
        drawn, now = (state, smooth), time.monotonic()
        if self._drawn == drawn or (self._drawn is not None and now - self._at < _EVERY):
            return
        parts = {figure: self.query_one(f"#{figure}", Static) for figure in FIGURES}
        if not parts["loss"].size:
            return
        self._drawn, self._at = drawn, now
        for figure, part in parts.items():
            chart = draw(chart_of(state, figure, smooth), part.size.width, part.size.height)
            if self._charts.get(figure) != chart:  # between two epochs little is new
                self._charts[figure] = chart
                part.update(chart, layout=False)
