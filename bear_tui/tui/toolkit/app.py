"""An app on Textual with what the toolkit replaces; stock Textual where a part is not active."""

import contextlib
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import App
from textual.command import CommandPalette
from textual.driver import Driver
from textual.events import Event, Key, Print
from textual.notifications import Notify
from textual.screen import Screen
from textual.theme import ThemeProvider

from bear_tui.tui.toolkit.commands import ActionsProvider
from bear_tui.tui.toolkit.contrast import legible
from bear_tui.tui.toolkit.key_queue import KeyQueue
from bear_tui.tui.toolkit.notices import make_room
from bear_tui.tui.toolkit.output import app_log
from bear_tui.tui.toolkit.private_names import active
from bear_tui.tui.toolkit.stylesheet import CachedStylesheet
from bear_tui.tui.toolkit.theme import DARK, OWN, OWN_VARIABLES


class ToolkitApp(App[int]):
    """An app for slow and broken connections. The exit status is what it returns.

    Each replacement is an object that this class asks. One that is not active, because Textual
    lacks a name or because `BEAR_TUI_PLAIN` is set, is None or a class of Textual's.
    """

    COMMANDS: ClassVar = {ActionsProvider}

    def __init__(self) -> None:
        super().__init__(driver_class=_driver_class())
        self.shell_words = ""
        """What the shell shows when the app is suspended."""
        self.last_key = 0.0
        """When a key was pressed, on the monotonic clock."""
        self.when_terminal_gone: Callable[[], object] = lambda: self.exit(0)
        """Called when no more keys can come, because the terminal is gone."""
        self.crash_words = ""
        """What broke the screen, in one sentence; "" while it is whole."""
        for theme in OWN:
            self.register_theme(theme)
        self._key_queue = KeyQueue(self, super().on_event) if active("key_queue") else None
        if active("stylesheet"):
            self.stylesheet = CachedStylesheet(variables=self.get_css_variables())
        self._frames = None
        if active("frame_pacing") and active("driver"):
            from bear_tui.tui.toolkit.frame_pacing import FramePacing

            self._frames = FramePacing(self)

    def wear(self, theme_name: str) -> None:
        """Use a theme; the dark one where that is not there."""
        self.theme = theme_name if theme_name in self.available_themes else DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the variables that every theme has here."""
        return OWN_VARIABLES

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's colours; text of Textual's themes is moved to where it can be read."""
        colours = super().get_css_variables()
        self.theme_variables = colours if self.current_theme in OWN else legible(colours)
        return self.theme_variables

    def on_mount(self) -> None:
        """Take what Python code prints."""
        self.begin_capture_print(self)

    def on_print(self, event: Print) -> None:
        """Send what Python code prints where C libraries print: to the log."""
        with contextlib.suppress(OSError):
            os.write(2, event.text.encode("utf-8", "replace"))

    @on(Driver.SignalResume)
    def _paint_after_resume(self) -> None:
        # The terminal is empty then; Textual paints nothing where its size is the same.
        self.refresh(layout=True)

    async def on_event(self, event: Event) -> None:
        """Note when a key is pressed; a key waits until the one before it is handled."""
        if isinstance(event, Key):
            self.last_key = time.monotonic()
        if self._key_queue is None:
            await super().on_event(event)
        else:
            await self._key_queue.take(event)

    def since_key(self) -> float:
        """Return the seconds since a key was pressed; 0 while one is handled."""
        handling = self._key_queue is not None and self._key_queue.busy
        return 0.0 if handling else time.monotonic() - self.last_key

    def on_notify(self, event: Notify) -> None:
        """Make room for a notice, which Textual then shows."""
        if active("notices"):
            make_room(self, event.notification)

    def action_command_palette(self) -> None:
        """Open the palette, unless it is open. Without an id: one that is still closing would
        stand in its way.
        """
        if not active("palette"):
            super().action_command_palette()
            return
        from bear_tui.tui.toolkit.palette import Palette

        if not isinstance(self.screen, CommandPalette):
            palette: CommandPalette = Palette()
            self.push_screen(palette)

    def search_themes(self) -> None:
        """Open the palette with the list of themes."""
        if not active("palette"):
            super().search_themes()
            return
        from bear_tui.tui.toolkit.palette import Palette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette([ThemeProvider], placeholder="Search for themes…"))

    def delay_update(self, delay: float = 0.005) -> None:
        """Pause painting between two screens; Textual's 50 ms are all that a key may take."""
        super().delay_update(delay)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if self._frames is not None:
            if self._frames.postpones(screen, renderable):
                return
            renderable = self._frames.changed(renderable)
        super()._display(screen, renderable)

    def action_terminal_gone(self) -> None:
        """The driver has read the end of the keys."""
        self.when_terminal_gone()

    def action_paint_rest(self) -> None:
        """The terminal has taken all that was painted: paint what has changed since."""
        if self._frames is not None:
            self._frames.paint_rest()

    def action_repaint(self) -> None:
        """Paint everything: another program may have written on the terminal."""
        if self._frames is not None:
            self._frames.forget()
        self.screen.refresh()

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print a traceback over the shell. Tests want the exception itself.
        if self.is_headless or not active("crash"):
            super()._handle_exception(error)
        elif self._exit:  # a screen that was being opened is closed anyway
            self.log_error(error)
        else:
            self.broke(error)
            self.panic()

    def broke(self, error: BaseException) -> None:
        """Note what ends the screen, in the log and for the person."""
        log = self.log_error(error)
        details = f"details are in {log}" if log else "its log cannot be written"
        self.crash_words = f"the screen broke ({type(error).__name__}); {details}."

    def log_error(self, error: BaseException) -> Path | None:
        """Write an error in full to the app's log; return its path, None where it cannot be."""
        with contextlib.suppress(OSError):
            log = app_log()
            with log.open("a", encoding="utf-8", errors="replace") as file:
                traceback.print_exception(error, file=file)
            return log
        return None


def _driver_class() -> type[Driver] | None:
    """Return the driver for a terminal; None where textual-serve names one, or for Textual's."""
    if "TEXTUAL_DRIVER" in os.environ or not active("driver"):
        return None
    from bear_tui.tui.toolkit.driver import TerminalDriver

    return TerminalDriver
