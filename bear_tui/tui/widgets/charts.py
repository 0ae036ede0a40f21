"""Loss and accuracy of a run, side by side."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget

from bear_tui.run.state import RunState
from bear_tui.tui.render.chart import draw
from bear_tui.tui.render.curves import FIGURES, chart_of
from bear_tui.tui.widgets.lines import Lines


class Charts(Horizontal):
    """Two charts of the same run."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[RunState, bool] | None = None

    def compose(self) -> Iterable[Widget]:
        for figure in FIGURES:
            yield Lines(id=figure)

    def on_resize(self) -> None:
        """Draw for the new size, once it is known of every part."""
        self.call_after_refresh(self._draw)

    def show(self, state: RunState, smooth: bool) -> None:
        self._shown = (state, smooth)
        self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            return
        state, smooth = self._shown
        for figure in FIGURES:
            part = self.query_one(f"#{figure}", Lines)
            if part.size:
                part.show(draw(chart_of(state, figure, smooth), *part.size))
