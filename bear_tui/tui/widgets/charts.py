"""Loss and accuracy of a run side by side."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.run.state import RunState
from bear_tui.tui.widgets.chart import draw
from bear_tui.tui.widgets.curves import FIGURES, chart_of


class Charts(Horizontal):
    """Two charts of the same run."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[RunState, bool] | None = None
        self._charts: dict[str, Content] = {}

    def compose(self) -> Iterable[Widget]:
        """One text each."""
        for figure in FIGURES:
            yield Static(id=figure, markup=False)

    def on_resize(self) -> None:
        """Draw for the new size once all of it is known."""
        self.call_after_refresh(self._draw)

    def look(self, state: RunState, smooth: bool) -> None:
        """Draw what is new."""
        self._shown = (state, smooth)
        self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            return
        state, smooth = self._shown
        for figure in FIGURES:
            part = self.query_one(f"#{figure}", Static)
            if not part.size:
                continue
            chart = draw(chart_of(state, figure, smooth), part.size.width, part.size.height)
            if self._charts.get(figure) != chart:  # between two epochs little is new
                self._charts[figure] = chart
                part.update(chart, layout=False)
