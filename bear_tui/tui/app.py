"""The app, as a table of contents: screens, keys, theme, and what the screens share."""

import asyncio
import contextlib
import os
import signal
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import SystemCommand
from textual.binding import Binding
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme

from bear_tui import files, paths
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.signals import ENDING
from bear_tui.text import safe
from bear_tui.tui.flows.leaving import Leaving
from bear_tui.tui.flows.resuming import TrainingDialogs
from bear_tui.tui.flows.startup import open_first
from bear_tui.tui.render.status import status_line
from bear_tui.tui.run_app import sit
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.keys import KeysScreen, screen_actions
from bear_tui.tui.screens.modes import MODES, STYLES
from bear_tui.tui.session.autosave import OrderedWork
from bear_tui.tui.session.engine import Fit, engine_fit, warm_up
from bear_tui.tui.session.observable import Observable
from bear_tui.tui.session.photos import PhotoSelection
from bear_tui.tui.session.settings import SavedSettings
from bear_tui.tui.session.training import TrainingSession
from bear_tui.tui.session.view import Severity
from bear_tui.tui.toolkit.app import ToolkitApp
from bear_tui.tui.toolkit.contrast import legible
from bear_tui.tui.toolkit.idle_work import IdleWork
from bear_tui.tui.toolkit.modal import EVERYWHERE
from bear_tui.tui.toolkit.output import app_log
from bear_tui.tui.toolkit.theme import DARK, OWN, OWN_VARIABLES
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
            Binding(str(n), f"show('{t}')", t.capitalize(), show=False)
            for n, t in enumerate(TABS, 1)
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
        self.photos = PhotoSelection(
            self.settings, self.writes, self._read_photos, self.call_from_thread
        )
        self.photos.dataset.follow(lambda _: self.refresh_status())
        self.leaving = Leaving(self)
        self.crash_words = ""
        self._first = (data, sample, run)
        for theme in OWN:
            self.register_theme(theme)
        theme_name = self.settings.now.theme
        self.theme = theme_name if theme_name in self.available_themes else DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our variables, for every theme."""
        return OWN_VARIABLES

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours; of a theme that is not ours, text moved to where it can be read."""
        found = super().get_css_variables()
        self.theme_variables = found if self.current_theme in OWN else legible(found)
        return self.theme_variables

    def on_mount(self) -> None:
        """Open what the command line named; load the engine once the first frame is out."""
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        self.begin_capture_print(self)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in ENDING:
                loop.add_signal_handler(number, self.leaving.terminate)
            loop.add_signal_handler(signal.SIGHUP, self.leaving.lose_terminal)
        self.set_interval(0.5, self._tick)
        self.refresh_status()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if not self.is_headless:
            IdleWork(self, warm_up()).begin()
        open_first(self, *self._first)

    def _read_photos(self, read: Callable[[], None]) -> None:
        self.run_worker(read, group="dataset", exit_on_error=False, thread=True)

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Show a notice, literally; no longer than a low window holds."""
        self.notify(safe(sentence, 500), severity=severity, markup=False, timeout=8)

    def show(self, tab: str) -> None:
        """Go to a screen by its name; from photos to a model, these photos are used."""
        here, run = self.screen, self.shown_run.value
        if tab == "model" and isinstance(here, DatasetScreen):
            if here.chosen is not None and here.chosen is not self.photos.dataset.value:
                self.photos.use(here.chosen)
        elif tab == "model" and run is not None and not self.training.running:
            # Not beside a training, which reading the photos would slow down.
            with contextlib.suppress(OSError, Failure):
                self.photos.open_if_none(Path(run.recipe().data))
        self.switch_mode(tab)

    def action_show(self, tab: str) -> None:
        """Go to a screen by its name."""
        self.show(tab)

    def open_run(self, folder: "RunFolder") -> None:
        """Show a run: its results if it has them, else how it stands."""
        self.shown_run.set(folder)
        # Written when the test is done; reading the whole journal here could make keys wait.
        tested = files.is_file(folder.predictions_file)
        self.show("results" if tested else "train")

    def watch_run(self, folder: "RunFolder") -> None:
        """Show a run on the Train screen, read anew: its trainer may be another by now."""
        self.shown_run.tell(folder)
        self.switch_mode("train")

    def use_recipe(self, recipe: Recipe, photos: bool = True) -> None:
        """Fill Model from a recipe, on its photos or on those that are chosen."""
        self.training.recipe.tell(recipe)
        folder, chosen = Path(recipe.data), self.photos.dataset.value
        if photos and (chosen is None or chosen.root != folder):
            show = partial(self.switch_mode, "model")
            self.photos.open(folder, show, lambda sentence: self.say(sentence, "error"))
        else:
            self.switch_mode("model")
        self.say("These are the settings of that run: z brings back yours.", "information")

    def _tick(self) -> None:
        self.refresh_status()
        self.training.queue.begin_next()

    def refresh_status(self) -> None:
        """Tell the header what is loaded and how the training goes."""
        run, waiting = self.training.local_run, len(self.training.queue.waiting)
        snapshot = run.snapshot if run else None
        self.status.set(status_line(self.photos.dataset.value, snapshot, waiting))

    def action_leave(self) -> None:
        """End the app, after a question where something would be interrupted."""
        self.leaving.ask()

    def action_suspend_process(self) -> None:
        """Go to the shell, when a background process has taken the training over."""
        self.leaving.suspend(self._to_the_shell)

    def _to_the_shell(self) -> None:
        self.shell_words = self.training.farewell if self.training.trains_elsewhere else ""
        super().action_suspend_process()

    @on(Driver.SignalResume)
    def _paint_again(self) -> None:
        """After `fg` the terminal is empty; of a size that is the same Textual paints nothing."""
        self.refresh(layout=True)

    def on_print(self, event: events.Print) -> None:
        """What Python code prints goes where C libraries print: to the log."""
        with contextlib.suppress(OSError):
            os.write(2, event.text.encode("utf-8", "replace"))

    @property
    def terminal_lost(self) -> bool:
        """Whether nobody can see the terminal any more."""
        return self.leaving.terminal_lost

    def broke(self, error: BaseException) -> None:
        """Note what ends the screen, for the log and for the person."""
        log = self.log_error(error)
        details = f"details are in {log}" if log else "its log cannot be written"
        self.crash_words = (
            f"the screen broke ({type(error).__name__}); {details}. "
            "Runs are safe: `bear-tui runs` lists them."
        )

    def log_error(self, error: BaseException) -> Path | None:
        """Write an error in full to the app's log; return where, None where it cannot be."""
        with contextlib.suppress(OSError):
            log = app_log()
            with log.open("a", encoding="utf-8", errors="replace") as file:
                traceback.print_exception(error, file=file)
            return log
        return None

    def action_keys(self) -> None:
        """Show the keys of this screen."""
        # Asked for by the palette, or over it.
        if not any(isinstance(screen, KeysScreen) for screen in self.screen_stack):
            self.push_screen(KeysScreen(self.screen))

    def action_help_quit(self) -> None:
        """Ctrl+C is pressed by habit: say how to leave instead of doing nothing."""
        self.say("ctrl+q leaves bear-tui from anywhere.", "information")

    def _theme_changed(self, theme: Theme) -> None:
        self.settings.change(replace(self.settings.now, theme=theme.name))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every screen, every action of this one, the theme, leaving."""
        for number, tab in enumerate(TABS, start=1):
            yield SystemCommand(
                f"{tab.capitalize()} screen", f"key {number}", partial(self.show, tab)
            )
        for name, does, action in screen_actions(screen):
            yield SystemCommand(name.capitalize(), does, action)
        yield SystemCommand("Theme", "change the colours", self.action_change_theme)
        yield SystemCommand("Draw anew", "all of the screen · key ctrl+l", self.action_repaint)
        yield SystemCommand("Shell", "`fg` comes back · key ctrl+z", self.action_suspend_process)
        yield SystemCommand("Keys", "the keys of this screen · key ?", self.action_keys)
        yield SystemCommand("Quit", "leave bear-tui · key q", self.action_leave)


def run_app(
    data: Path | None = None,
    sample: bool = False,
    run: "RunFolder | None" = None,
    runs: Path | None = None,
) -> int:
    """Show the app on the terminal until the person leaves; the exit status."""
    return sit(lambda: BearApp(data, sample, run, runs))
