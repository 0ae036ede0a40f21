"""A run as it trains: meters, charts, epochs or log, totals."""

import time
from collections.abc import Iterable
from functools import partial

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.recipe import Recipe
from bear_tui.run.state import RunState
from bear_tui.text import safe
from bear_tui.tui.render import progress
from bear_tui.tui.session.engine import engine_loaded
from bear_tui.tui.session.local_run import LocalRun
from bear_tui.tui.session.remote_run import RemoteRun
from bear_tui.tui.widgets.charts import Charts
from bear_tui.tui.widgets.events_pane import EventsPane
from bear_tui.tui.widgets.gpu_panel import GpuPanel
from bear_tui.tui.widgets.logtail import LogPane
from bear_tui.tui.widgets.table import Table

_NEW_EPOCH_EVERY, _SAME_EPOCH_EVERY = 0.9, 1.9
"""Seconds after which charts and table are drawn again, with a new epoch in them and without; a
little less than at the tick that is meant.
"""


class RunView(Vertical):
    """Draws snapshots: text at every call, charts and epochs less often."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.drawn = RunState()
        """What charts and epochs show."""
        self._rows, self._drawn_at = 0, 0.0
        self._shown: dict[str, Content] = {}
        self._smooth = True

    def compose(self) -> Iterable[Widget]:
        yield Static(id="title", markup=False)
        yield Static(id="progress", markup=False)
        yield Static(id="ending", markup=False)
        yield Charts(id="charts")
        with Horizontal(id="below"):
            yield Table(progress.EPOCH_COLUMNS, id="epochs", cursor="none")
            yield LogPane(id="log-pane")
            yield EventsPane(id="happened")
        yield GpuPanel(id="gpus")
        yield Static(id="early", markup=False)
        yield Static(id="totals", markup=False)

    def on_mount(self) -> None:
        """Hide log and events until their keys are pressed."""
        self._toggle(None)

    def clear(self) -> None:
        """Forget what was drawn, for another run."""
        self._shown, self._rows = {}, 0

    def show_reading(self, source: RemoteRun) -> None:
        """Say that the run's journal is being read."""
        for part in ("ending", "early", "totals"):
            self._set_text(part, Content())
        self._set_text("title", Content.styled(safe(source.folder.run, 50), "bold"))
        self._set_text("progress", Content("Reading the run's journal …"))
        self.query_one("#charts").display = self.query_one("#below").display = False

    def show(self, source: LocalRun | RemoteRun, recipe: Recipe | None) -> bool:
        """Draw what has changed; return True once the run has begun and shows epochs."""
        snapshot = source.snapshot
        state, run, width = snapshot.state, source.folder.run, self._columns
        begun = state.status != "waiting"
        self._set_text("title", progress.title_line(snapshot, run, recipe, width))
        self._set_text("progress", self._progress(source, width))
        self._set_text("ending", progress.ending(snapshot))
        self._set_text("early", Content(progress.early_test_line(state)))
        self._set_text("totals", Content(progress.totals_line(state)))
        self.query_one("#charts").display = self.query_one("#below").display = begun
        if begun:
            self._show_epochs(state)
            self.query_one(LogPane).follow(source.folder.log_file)
            self.query_one(EventsPane).show(snapshot.happened)
        self.query_one(GpuPanel).show_newest()
        return begun

    @property
    def _columns(self) -> int:
        return max(40, self.screen.size.width - 2)

    def _show_epochs(self, state: RunState) -> None:
        table = self.query_one(Table)
        table.whole = partial(progress.epoch_rows, state, len(state.history))
        scrolled = state.ended or table.scroll_offset.y > 0
        rows = progress.EPOCHS_SHOWN if scrolled else 2 * max(table.size.height, 10)
        if self._due(state, rows):
            # As many as are seen twice over, and all to who scrolls: each takes 0.2 ms.
            table.show_rows(progress.epoch_rows(state, rows))
            self.query_one(Charts).show(state, self._smooth)

    def _due(self, state: RunState, rows: int) -> bool:
        """Check whether charts and table are drawn again, together: a small model trains many
        epochs in two seconds, and each moves every row.
        """
        if state is self.drawn and rows == self._rows:
            return False
        waited = time.monotonic() - self._drawn_at
        new = state.epochs_done != self.drawn.epochs_done
        soon = state.ended or rows != self._rows
        if not soon and waited < (_NEW_EPOCH_EVERY if new else _SAME_EPOCH_EVERY):
            return False
        self.drawn, self._rows, self._drawn_at = state, rows, time.monotonic()
        return True

    def _progress(self, source: LocalRun | RemoteRun, width: int) -> Content:
        if source.snapshot.ended:
            return Content("")
        state = source.snapshot.state
        if state.status == "waiting":
            return self._starting()
        return progress.progress_lines(state, source.elapsed_in_phase(), width)

    def _starting(self) -> Content:
        # Seven of its ten frames in a second: it stands still at neither tick.
        frame = progress.SPINNER[int(time.monotonic() * 7) % len(progress.SPINNER)]
        doing = (
            "checking the photos and building the model"
            if engine_loaded()
            else "loading torch (a few seconds, once)"
        )
        return Content.assemble((frame, "$primary"), f" starting: {doing} …")

    def _set_text(self, name: str, content: Content) -> None:
        """Show `content` if it has changed: each drawing is sent over the network."""
        if self._shown.get(name) == content:
            return
        lines = content.plain.count("\n")
        before = self._shown.get(name)
        self._shown[name] = content
        part = self.query_one(f"#{name}", Static)
        part.display = bool(content.plain)
        part.update(content, layout=before is None or before.plain.count("\n") != lines)

    def toggle_smooth(self) -> None:
        """Draw the curves raw, or smoothed, from the next drawing on."""
        self._smooth = not self._smooth
        self._rows = 0  # drawn at once

    def toggle_log(self, source: LocalRun | RemoteRun) -> None:
        """Show the log in place of the epochs, or the epochs again."""
        pane = self.query_one(LogPane)
        if self._toggle(pane):
            pane.follow(source.folder.log_file, now=True)
            pane.scroll_end(animate=False)

    def toggle_events(self, source: LocalRun | RemoteRun) -> None:
        """Show what happened in place of the epochs, or the epochs again."""
        pane = self.query_one(EventsPane)
        if self._toggle(pane):
            pane.show(source.snapshot.happened, now=True)

    def _toggle(self, pane: LogPane | EventsPane | None) -> bool:
        """Show a pane, or hide it if it is visible; return True if it is visible now."""
        opened = pane is not None and not pane.display
        for other in (self.query_one(LogPane), self.query_one(EventsPane)):
            other.display = opened and other is pane
        self.query_one("#below").set_class(opened, "-other")
        if opened and pane is not None:
            pane.focus()
        return opened
