"""The app: what it is composed of, its keys and its five screens."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.theme import Theme

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.flows.commands import system_commands
from bear_tui.tui.flows.leaving import Leaving
from bear_tui.tui.flows.navigation import Navigator
from bear_tui.tui.flows.resuming import TrainingDialogs
from bear_tui.tui.flows.startup import open_first
from bear_tui.tui.render.status import status_line
from bear_tui.tui.run_app import show_app
from bear_tui.tui.screens.keys import KeysScreen
from bear_tui.tui.screens.modes import MODES, STYLES
from bear_tui.tui.session.autosave import OrderedWork
from bear_tui.tui.session.engine import Fit, engine_fit, warm_up
from bear_tui.tui.session.observable import Observable
from bear_tui.tui.session.photos import PhotoSelection
from bear_tui.tui.session.settings import SavedSettings
from bear_tui.tui.session.training import TrainingSession
from bear_tui.tui.session.view import Severity
from bear_tui.tui.toolkit.app import ToolkitApp
from bear_tui.tui.toolkit.idle_work import IdleWork
from bear_tui.tui.toolkit.modal import EVERYWHERE
from bear_tui.tui.widgets.header import TABS

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder


class BearApp(ToolkitApp):
    """Photos in, a classifier and an honest table out."""

    TITLE = "bear-tui"
    CSS_PATH = STYLES
    MODES = MODES
    DEFAULT_MODE = "dataset"
    BINDINGS: ClassVar = [
        *(
            Binding(str(number), f"show('{tab}')", tab.capitalize(), show=False)
            for number, tab in enumerate(TABS, 1)
        ),
        EVERYWHERE[0],
        Binding("q", "app.leave", "quit"),
        *EVERYWHERE[1:],
    ]

    def __init__(
        self,
        data: Path | None = None,
        sample: bool = False,
        run: "RunFolder | None" = None,
        runs: Path | None = None,
        fit: Fit = engine_fit,
    ) -> None:
        super().__init__()
        self._first = (data, sample, run)
        self.settings = SavedSettings(paths.settings_file())
        self.writes = OrderedWork(self.call_later)
        self.shown_run: Observable[RunFolder | None] = Observable(None)
        self.status = Observable("")
        self.training = TrainingSession(
            runs or paths.runs_folder(),
            TrainingDialogs(self),
            OrderedWork(self.call_later),
            self.writes.finish,
            fit,
        )
        in_thread = partial(self.run_worker, group="dataset", exit_on_error=False, thread=True)
        self.photos = PhotoSelection(self.settings, self.writes, in_thread, self.call_from_thread)
        self.photos.dataset.follow(lambda _: self.refresh_status())
        self.navigation = Navigator(self)
        self.leaving = Leaving(self)
        self.wear(self.settings.now.theme)

    def on_mount(self) -> None:
        """Open what the command line names; load the engine once the first frame is out."""
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        self.leaving.handle_signals()
        self.set_interval(0.5, self._tick)
        self.refresh_status()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if not self.is_headless:
            IdleWork(self, warm_up()).begin()
        open_first(self, *self._first)

    def _tick(self) -> None:
        self.refresh_status()
        self.training.queue.begin_next()

    def _theme_changed(self, theme: Theme) -> None:
        self.settings.change(replace(self.settings.now, theme=theme.name))

    def refresh_status(self) -> None:
        """Tell the header what is loaded and how the training goes."""
        run, waiting = self.training.local_run, len(self.training.queue.waiting)
        snapshot = run.snapshot if run else None
        self.status.set(status_line(self.photos.dataset.value, snapshot, waiting))

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Show a notice, literally; no longer than a low window holds."""
        self.notify(safe(sentence, 500), severity=severity, markup=False, timeout=8)

    def action_show(self, tab: str) -> None:
        """Go to a screen by its name."""
        self.navigation.show(tab)

    def action_keys(self) -> None:
        """Show the keys of this screen, once: the palette may lie over them."""
        if not any(isinstance(screen, KeysScreen) for screen in self.screen_stack):
            self.push_screen(KeysScreen(self.screen))

    def action_leave(self) -> None:
        """End the app, after a question where something would be interrupted."""
        self.leaving.ask()

    def action_suspend_process(self) -> None:
        """Go to the shell when a background process has taken the training over."""
        self.leaving.suspend(super().action_suspend_process)

    def action_help_quit(self) -> None:
        """Say how to leave: ctrl+c is pressed by habit."""
        self.say("ctrl+q leaves bear-tui from anywhere.")

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield what the command palette offers."""
        return system_commands(self, screen)


def run_app(
    data: Path | None = None,
    sample: bool = False,
    run: "RunFolder | None" = None,
    runs: Path | None = None,
) -> int:
    """Show the app on the terminal until the person leaves; return the exit status."""
    return show_app(lambda: BearApp(data, sample, run, runs))
