"""Work done while no key waits: mount screens, deliver what they missed, free memory."""

import gc
import threading
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.timer import Timer

from bear_tui.tui.toolkit.app import ToolkitApp
from bear_tui.tui.toolkit.private_names import active

_PERIOD = 0.1
_QUIET = 0.3
"""Seconds without a key after which a screen may be mounted, which takes up to half a second."""
_PERIOD_LATER = 1.0
"""Seconds between two looks once all screens are mounted."""
_QUIET_FOR_MEMORY = 0.2
"""Seconds without a key after which memory may be freed: steady typing never pauses for longer."""
_DUE, _OVERDUE = 10, 1000
"""Python collects all objects after ten of its smaller collections. Here it waits for a moment
without a key, but not for ever: what was drawn before is freed in no other way."""


@runtime_checkable
class HearsAhead(Protocol):
    """A screen that can be told what changed while nobody saw it."""

    def hear_ahead(self) -> bool:
        """Deliver what it missed; return True if there was anything."""


class IdleWork:
    """Does one piece of work at a time, once `importing` has ended.

    An import holds Python's lock so much that both together would keep keys waiting.
    """

    def __init__(self, app: ToolkitApp, importing: threading.Thread) -> None:
        self._app = app
        self._importing = importing
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Look for a quiet moment from now on."""
        often, seldom, _ = gc.get_threshold()
        gc.set_threshold(often, seldom, _OVERDUE)
        self._timer = self._app.set_interval(_PERIOD, self.look)

    def look(self) -> None:
        """Mount the next screen, unless somebody types or the import goes on."""
        if self._importing.is_alive() or not self._quiet_for(_QUIET) or self._next():
            return
        if self._timer is not None:
            self._timer.stop()
            free_memory()
            gc.freeze()  # later collections need not go through what is there by now
            self._timer = self._app.set_interval(_PERIOD_LATER, self.look_again)

    def _next(self) -> bool:
        return mount_next(self._app) or tell_next(self._app)

    def look_again(self) -> None:
        """Update a screen or free memory, unless somebody types."""
        if self._quiet_for(_QUIET) and self._next():
            return
        if gc.get_count()[2] >= _DUE and self._quiet_for(_QUIET_FOR_MEMORY):
            free_memory()

    def _quiet_for(self, seconds: float) -> bool:
        return self._app.since_key() >= seconds


def free_memory() -> None:
    """Free what nobody uses any more."""
    gc.collect()


def mount_next(app: App[Any]) -> bool:
    """Mount the first screen of one mode, asleep; return False if there is none left."""
    if not active("mount_ahead"):
        return False
    mode = next((mode for mode in app.MODES if not _stack(app, mode)), None)
    if mode is None:
        return False
    app._init_mode(mode)
    # As if it had been left: its clocks stand still, and it draws nothing.
    _stack(app, mode)[0].post_message(events.ScreenSuspend())
    return True


def tell_next(app: App[Any]) -> bool:
    """Deliver pending updates to one hidden screen; return True if any were delivered."""
    return any(isinstance(screen, HearsAhead) and screen.hear_ahead() for screen in _hidden(app))


def _hidden(app: App[Any]) -> Iterator[Screen[Any]]:
    for mode in app.MODES:
        for screen in _stack(app, mode)[:1]:
            if screen.is_attached and not screen.is_current:
                yield screen


def _stack(app: App[Any], mode: str) -> list[Screen[Any]]:
    """Return the screens of a mode; none before the first is mounted."""
    try:
        return app.get_screen_stack(mode)
    except KeyError:
        return []
