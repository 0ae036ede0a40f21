"""Screen 3: a training as it runs, in this process or another."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.errors import Failure
from bear_tui.machine import cpus
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.journal_reader import JournalReader
from bear_tui.tui.screens.train_actions import TrainActions, possible
from bear_tui.tui.session.local_run import LocalRun, Snapshot
from bear_tui.tui.session.remote_run import RemoteRun
from bear_tui.tui.widgets.run_view import RunView

_TICK, _TICK_OF_FEW, _FEW = 0.5, 1.0, 4
"""Seconds between two looks at the training, with `_FEW` processors or more and with less: a look
takes 4 ms, which a training that has them all waits for."""

_NOTHING = """Nothing is training yet.

1  choose your photos, or the sample photos
2  choose a model, and which of its layers learn; enter starts

5  opens an earlier run"""


class TrainScreen(BearScreen):
    """Watches a run train; opens its results when it completes."""

    TAB = "train"
    AUTO_FOCUS = ""
    """Textual would focus the table while it is hidden; focus_first() does not."""
    CSS_PATH = "train.tcss"
    # Below 120 columns a log beside the epochs would be too narrow to read.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide"), (150, "-vast")]
    BINDINGS: ClassVar = [
        Binding("space", "pause", "pause"),
        Binding("space", "go_on", "go on"),
        Binding("s", "stop", "stop and save"),
        Binding("u", "resume", "resume"),
        Binding("t", "test", "test now"),
        Binding("d", "detach", "detach"),
        Binding("plus,equals_sign", "epochs(1)", "one epoch more", show=False),
        Binding("minus", "epochs(-1)", "one epoch fewer", show=False),
        Binding("left_square_bracket", "rate(0.5)", "half the learning rate", show=False),
        Binding("right_square_bracket", "rate(2.0)", "twice the learning rate", show=False),
        Binding("enter", "results", "results"),
        Binding("v", "smooth", "smooth"),
        Binding("l", "log", "log"),
        Binding("E", "events", "events", tooltip="what happened, newest first"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.actions = TrainActions(self, self.tick)
        self.journal = JournalReader(self, self.tick)
        self._source: LocalRun | RemoteRun | None = None
        self._recipe: Recipe | None = None
        self._going = False
        self._keys_for: tuple[bool, ...] = ()
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Static(_NOTHING, id="nothing", classes="empty", markup=False)
        yield RunView(id="run")

    @property
    def view(self) -> RunView:
        """Return the widget that draws the run."""
        return self.query_one(RunView)

    def on_mount(self) -> None:
        """Follow the app's run; the timer runs while the screen is seen."""
        self.follow(self.context.shown_run, self._open)
        every = _TICK_OF_FEW if cpus() < _FEW else _TICK
        self._timer = self.set_interval(every, self.tick, pause=True)

    def focus_first(self) -> None:
        """Focus the first widget once a run has begun: until then the table is hidden."""
        if self.focused is None and self._source is not None and self.query_one("#below").display:
            self.set_focus(next((widget for widget in self.query("*") if widget.focusable), None))

    def on_screen_resume(self) -> None:
        if not self.is_active:
            return
        if self._timer is not None:
            self._timer.resume()
        self.tick()

    def on_screen_suspend(self) -> None:
        """Draw nothing while nobody sees it."""
        if self._timer is not None:
            self._timer.pause()

    def on_resize(self) -> None:
        """Draw for the new width, once the layout is known."""
        self.call_after_refresh(self.tick)

    def _open(self, folder: RunFolder | None) -> None:
        feed = self.context.training.local_run
        self._going = False
        self.view.clear()
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
        self.actions.open(self._source)
        self.tick()

    def path_here(self) -> Path | None:
        return self._source.folder.path if self._source is not None else None

    def tick(self) -> None:
        """Draw what has changed."""
        source = self._source
        self.query_one("#nothing").display = source is None
        self.view.display = source is not None
        if source is None:
            return
        if isinstance(source, RemoteRun) and not self.journal.up_to_date(source):
            if not source.snapshot.state.run:
                self.view.show_reading(source)
            return
        if self.view.show(source, self._recipe):
            self.focus_first()
        self._after(source, source.snapshot)

    def _after(self, source: LocalRun | RemoteRun, snapshot: Snapshot) -> None:
        """Open the results of a run that was seen running and has completed."""
        going = source.alive and not snapshot.ended
        saved, tested = snapshot.state.checkpoint is not None, snapshot.state.test is not None
        begun, resumable = snapshot.state.status != "waiting", possible("resume", source)
        keys_for = (going, saved, tested, begun, resumable, possible("go_on", source))
        if self._keys_for != keys_for:
            self._keys_for = keys_for
            self.refresh_bindings()
        was_going, self._going = self._going, going
        done = was_going and snapshot.state.status == "completed"
        if done and self.app.screen is self and not self.context.training.leaving:
            self.action_results()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer the keys that do something now."""
        return possible(action, self._source)

    # What is asked of the training

    def action_pause(self) -> None:
        self.actions.pause()

    def action_go_on(self) -> None:
        self.actions.go_on()

    def action_epochs(self, more: int) -> None:
        self.actions.epochs(more)

    def action_rate(self, factor: float) -> None:
        self.actions.rate(factor)

    def action_test(self) -> None:
        self.actions.test()

    def action_stop(self) -> None:
        self.actions.stop()

    def action_resume(self) -> None:
        self.actions.resume()

    def action_detach(self) -> None:
        """Hand the training over to a background process, and watch that."""
        self.context.training.hand_over()

    # What is shown of it

    def action_results(self) -> None:
        self.context.navigation.show("results")

    def action_smooth(self) -> None:
        """Draw the curves raw, or smoothed."""
        self.view.toggle_smooth()
        self.tick()

    def action_log(self) -> None:
        """Show the log in place of the epochs, or the epochs again."""
        if self._source is not None:
            self.view.toggle_log(self._source)

    def action_events(self) -> None:
        """Show the events in place of the epochs, or the epochs again."""
        if self._source is not None:
            self.view.toggle_events(self._source)


def _taken_elsewhere(feed: LocalRun) -> bool:
    """Check whether another process has resumed a run that was trained here."""
    return not feed.alive and feed.folder.being_trained()
