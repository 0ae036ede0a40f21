"""Screen 3: a training as it goes, one of this app or of another process."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.errors import Failure
from bear_tui.machine import cpus
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.state import RunState
from bear_tui.text import safe
from bear_tui.tui.render import progress
from bear_tui.tui.screens.following import FollowingScreen
from bear_tui.tui.session.engine import engine_loaded
from bear_tui.tui.session.local_run import LocalRun, Snapshot
from bear_tui.tui.session.overrides import Asking
from bear_tui.tui.session.remote_run import RemoteRun
from bear_tui.tui.widgets.charts import Charts
from bear_tui.tui.widgets.events_pane import EventsPane
from bear_tui.tui.widgets.gpu_panel import GpuPanel
from bear_tui.tui.widgets.logtail import LogPane
from bear_tui.tui.widgets.table import Table

_TICK, _TICK_OF_FEW, _FEW = 0.5, 1.0, 4
"""Seconds between two looks at the training, with `_FEW` processors or more and with less: a look
takes 4 ms, which a training that has them all waits for."""
_NEW_EPOCH_EVERY, _SAME_EPOCH_EVERY = 0.9, 1.9
"""Seconds after which charts and table are drawn again, with a new epoch in them and without; a
little less than at the tick that is meant.
"""

_NOTHING = """Nothing is training yet.

1  choose your photos, or the sample photos
2  choose a model, and which of its layers learn; enter starts

5  opens a run of before"""


class TrainScreen(FollowingScreen):
    """Watching a run learn. Draws snapshots: text as it ticks, charts and epochs less often."""

    TAB = "train"
    CSS_PATH = "train.tcss"
    # Below 120 columns a log beside the epochs would be too narrow to read.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide"), (150, "-vast")]
    BINDINGS: ClassVar = [
        Binding("enter", "results", "results"),
        Binding("v", "smooth", "smooth"),
        Binding("l", "log", "log"),
        Binding("E", "events", "events", tooltip="what happened, newest first"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._recipe: Recipe | None = None
        self._smooth = True
        self._shown: dict[str, Content] = {}
        self._drawn, self._rows, self._drawn_at = RunState(), 0, 0.0
        self._going = False
        self._keys_for: tuple[bool, ...] = ()
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Title, meters, charts, then epochs or the log, then the totals."""
        yield Static(_NOTHING, id="nothing", classes="empty", markup=False)
        with Vertical(id="run"):
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
        """Log and events wait for their keys; the clock goes while the screen is seen."""
        self._show_below(None)
        self.watch(self.app, "run_folder", self._open, init=True)
        every = _TICK_OF_FEW if cpus() < _FEW else _TICK
        self._timer = self.set_interval(every, self.tick, pause=True)

    def _update_auto_focus(self) -> None:
        # Before a run has begun the table is hidden, for which Textual does not ask.
        if self._source is not None and self.query_one("#below").display:
            super()._update_auto_focus()

    def on_screen_resume(self) -> None:
        """Seen again."""
        if not self.is_active:
            return
        if self._timer is not None:
            self._timer.resume()
        self.tick()

    def on_screen_suspend(self) -> None:
        """Nothing is drawn that nobody sees."""
        if self._timer is not None:
            self._timer.pause()

    def on_resize(self) -> None:
        """Draw for the new width after the layout is known."""
        self.call_after_refresh(self.tick)

    def _open(self, folder: RunFolder | None) -> None:
        """Show another run."""
        feed = self.context.feed
        self._going = False
        self._shown, self._rows = {}, 0
        if folder is None:
            self._source, self._recipe = None, None
        elif feed is not None and feed.folder == folder and not _taken_elsewhere(feed):
            self._source, self._recipe = feed, feed.recipe
            self._going = True  # a training may be done before it is drawn once
        else:
            self._source = RemoteRun(folder)
            try:
                self._recipe = folder.recipe()
            except (OSError, Failure):
                self._recipe = None
        self._asking = Asking(self._source) if self._source is not None else None
        self.tick()

    def path_here(self) -> Path | None:
        """The run's folder."""
        return self._source.folder.path if self._source is not None else None

    def tick(self) -> None:
        """Draw what has changed."""
        source = self._source
        self.query_one("#nothing").display = source is None
        self.query_one("#run").display = source is not None
        if source is None:
            return
        if isinstance(source, RemoteRun) and not self.up_to_date(source):
            if not source.snapshot.state.run:
                self._put_reading(source)
            return
        snapshot = source.snapshot
        state, run, width = snapshot.state, source.folder.run, max(40, self.size.width - 2)
        begun = state.status != "waiting"
        self._put("title", progress.title_line(snapshot, run, self._recipe, width))
        self._put("progress", self._progress(source, width))
        self._put("ending", progress.ending(snapshot))
        self._put("early", Content(progress.early_test_line(state)))
        self._put("totals", Content(progress.totals_line(state)))
        self.query_one("#charts").display = self.query_one("#below").display = begun
        if begun:
            self._update_auto_focus()
            table = self.query_one(Table)
            table.whole = partial(progress.epoch_rows, state, len(state.history))
            scrolled = state.ended or table.scroll_offset.y > 0
            rows = progress.EPOCHS_SHOWN if scrolled else 2 * max(table.size.height, 10)
            if self._due(state, rows):
                # As many as are seen twice over, and all to who scrolls: each takes 0.2 ms.
                table.show_rows(progress.epoch_rows(state, rows))
                self.query_one(Charts).look(state, self._smooth)
            self.query_one(LogPane).look(source.folder.log_file)
            self.query_one(EventsPane).look(snapshot.happened)
        self.query_one(GpuPanel).look()
        self._after(snapshot)

    def _put_reading(self, source: RemoteRun) -> None:
        for part in ("ending", "early", "totals"):
            self._put(part, Content())
        self._put("title", Content.styled(safe(source.folder.run, 50), "bold"))
        self._put("progress", Content("Reading what it has told so far …"))
        self.query_one("#charts").display = self.query_one("#below").display = False

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

    def _due(self, state: RunState, rows: int) -> bool:
        """Whether charts and table are drawn again, together: a small model has many epochs in two
        seconds, and each moves every row.
        """
        if state is self._drawn and rows == self._rows:
            return False
        waited = time.monotonic() - self._drawn_at
        new = state.epochs_done != self._drawn.epochs_done
        soon = state.ended or rows != self._rows
        if not soon and waited < (_NEW_EPOCH_EVERY if new else _SAME_EPOCH_EVERY):
            return False
        self._drawn, self._rows, self._drawn_at = state, rows, time.monotonic()
        return True

    def _put(self, name: str, content: Content) -> None:
        """Show `content` if it is new: what is drawn again is sent again."""
        if self._shown.get(name) == content:
            return
        lines = content.plain.count("\n")
        before = self._shown.get(name)
        self._shown[name] = content
        part = self.query_one(f"#{name}", Static)
        part.display = bool(content.plain)
        part.update(content, layout=before is None or before.plain.count("\n") != lines)

    def _after(self, snapshot: Snapshot) -> None:
        """Results open by themselves when a run that was seen going on is done."""
        going = self._source is not None and self._source.alive and not snapshot.ended
        saved, tested = snapshot.state.checkpoint is not None, snapshot.state.test is not None
        begun, resumable = snapshot.state.status != "waiting", self.can_conduct("resume")
        keys_for = (going, saved, tested, begun, resumable, self.can_conduct("go_on"))
        if self._keys_for != keys_for:
            self._keys_for = keys_for
            self.refresh_bindings()
        was_going, self._going = self._going, going
        done = was_going and snapshot.state.status == "completed"
        if done and self.app.screen is self and not self.context.leaving:
            self.action_results()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that do nothing now are not in the footer."""
        source = self._source
        if action == "results":
            return source is not None and source.snapshot.state.test is not None
        if action in ("smooth", "log", "events"):  # nothing is drawn of a run that did not begin
            return source is not None and source.snapshot.state.status != "waiting"
        return self.can_conduct(action)

    def _ask(self, wish: Callable[[], str | None]) -> None:
        """What was asked for is seen at once."""
        super()._ask(wish)
        self.tick()

    def action_results(self) -> None:
        """Read what came out."""
        self.context.action_show("results")

    def action_smooth(self) -> None:
        """Curves as they are, or smoothed."""
        self._smooth = not self._smooth
        self._rows = 0  # drawn at once
        self.tick()

    def action_log(self) -> None:
        """The log in place of the epochs, or back."""
        pane = self.query_one(LogPane)
        if self._show_below(pane) and self._source is not None:
            pane.look(self._source.folder.log_file, now=True)
            pane.scroll_end(animate=False)

    def action_events(self) -> None:
        """What happened in place of the epochs, or back."""
        pane = self.query_one(EventsPane)
        if self._show_below(pane) and self._source is not None:
            pane.look(self._source.snapshot.happened, now=True)

    def _show_below(self, pane: LogPane | EventsPane | None) -> bool:
        """This pane, unless it is there already; whether it is there now."""
        opened = pane is not None and not pane.display
        for one in (self.query_one(LogPane), self.query_one(EventsPane)):
            one.display = opened and one is pane
        self.query_one("#below").set_class(opened, "-other")
        if opened and pane is not None:
            pane.focus()
        return opened


def _taken_elsewhere(feed: LocalRun) -> bool:
    """Whether another process goes on with what was trained here."""
    return not feed.alive and feed.folder.being_trained()
