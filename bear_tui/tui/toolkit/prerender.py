"""What is done while no key waits for it: screens are mounted, told what they missed, laid out and
drawn before they are asked for, and memory is tidied.
"""

import gc
import importlib
import threading
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from textual import events
from textual._styles_cache import StylesCache
from textual.screen import Screen
from textual.timer import Timer

from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.widgets.header import TABS

if TYPE_CHECKING:
    from bear_tui.tui.app import BearApp


def _maker(tab: str) -> Callable[[], Screen[None]]:
    def make() -> Screen[None]:
        module = importlib.import_module(f"bear_tui.tui.screens.{tab}")
        screen: Screen[None] = getattr(module, f"{tab.capitalize()}Screen")()
        if tab != TABS[0]:
            # The first has brought the style sheet up to date: Textual would do it for each again.
            screen._css_update_count = screen.app._css_update_count
        return screen

    return make


MODES: dict[str, str | Callable[[], Screen[Any]]] = {tab: _maker(tab) for tab in TABS}

_SCREENS = Path(__file__).parents[1] / "screens"
STYLES: list[str | PurePath] = [
    "app.tcss",
    *sorted(f"screens/{file.name}" for file in _SCREENS.glob("*.tcss")),
]
"""All of them at once: to take in one more later, Textual reads and applies all of them anew."""

_EVERY = 0.1
_QUIET = 0.3
"""Seconds without a key after which a screen may be readied: to mount the largest takes half a
second.
"""
_SELDOM = 1.0
"""Seconds between looks when all is ready."""
_TIDY_QUIET = 0.2
"""Seconds without a key after which memory may be tidied: one who types steadily is never quiet for
longer.
"""
_FULL, _OVERFULL = 10, 1000
"""Python looks through all objects after ten of its lesser looks, whatever goes on. Here it waits
for a moment without a key, but not for ever: what was drawn before is freed in no other way."""


class Readying:
    """Mounts, lays out and draws what nobody sees, a screen at a time, once torch is imported.

    The import holds Python's lock so much that both together would keep keys waiting. When all are
    there, does the same with what is told anew, and tidies memory now and then.
    """

    def __init__(self, app: "BearApp", importing: threading.Thread) -> None:
        self._app = app
        self._importing = importing
        self._timer: Timer | None = None
        self._drawn: set[Screen[Any]] = set()
        """Those that were told nothing since."""

    def begin(self) -> None:
        """Look for a quiet moment from now on."""
        often, seldom, _ = gc.get_threshold()
        gc.set_threshold(often, seldom, _OVERFULL)
        self._timer = self._app.set_interval(_EVERY, self.look)

    def look(self) -> None:
        """Ready the next screen, unless somebody is typing or torch is on its way."""
        if self._importing.is_alive() or not self._quiet_for(_QUIET) or self._ready_next():
            return
        if self._timer is not None:
            self._timer.stop()
            tidy()
            gc.freeze()  # what is there by now stays: later looks need not go through it
            self._timer = self._app.set_interval(_SELDOM, self.look_again)

    def _ready_next(self) -> bool:
        app, drawn = self._app, self._drawn
        return (
            mount_next(app)
            or tell_next(app, drawn)
            or lay_out_next(app, drawn)
            or draw_next(app, drawn)
        )

    def look_again(self) -> None:
        """Ready a screen that is told something, or tidy memory, unless somebody is typing."""
        if self._quiet_for(_QUIET) and self._ready_next():
            return
        if gc.get_count()[2] >= _FULL and self._quiet_for(_TIDY_QUIET):
            tidy()

    def _quiet_for(self, seconds: float) -> bool:
        return self._app.since_key() >= seconds


def tidy() -> None:
    """Free what nobody uses any more."""
    # Textual mixes two colours by a cache over all widgets, whose keys hold what was drawn of the
    # last 1024 of them, of those that are gone too.
    StylesCache.get_inner_outer.cache_clear()
    gc.collect()


def mount_next(app: "BearApp") -> bool:
    """Mount a screen that was not visited yet, asleep, the sheet of keys last; whether there was
    one.
    """
    tab = next((tab for tab in TABS if tab not in app._screen_stacks), None)
    if tab is None:
        return app.mount_keys()
    app._init_mode(tab)
    # As if it had been left: its clocks stand still, and it draws nothing.
    app._screen_stacks[tab][0].post_message(events.ScreenSuspend())
    return True


def tell_next(app: "BearApp", drawn: set[Screen[Any]]) -> bool:
    """Have a screen that nobody sees told of what it has missed, which changes it; whether there
    was one.
    """
    for screen in _unseen(app):
        if isinstance(screen, BearScreen) and screen.hear_ahead():
            drawn.discard(screen)
            return True
    return False


def lay_out_next(app: "BearApp", drawn: set[Screen[Any]]) -> bool:
    """Lay out a screen that nobody sees, asleep; whether there was one of another size, or that was
    told something.
    """
    for screen in _unseen(app, app.get_screen("keys")):
        told = screen._layout_required and screen not in drawn
        if told or (app.size and screen._compositor.size != app.size):
            screen._layout_required = False  # or Textual does it again when it is gone to
            screen._refresh_layout(app.size)
            drawn.discard(screen)
            return True
    return False


def draw_next(app: "BearApp", drawn: set[Screen[Any]]) -> bool:
    """Draw a screen that nobody sees, for itself: its parts keep their lines. Whether there was one
    that is not in `drawn`.
    """
    for screen in _unseen(app):
        if screen not in drawn:
            drawn.add(screen)
            screen._compositor.render_strips()
            return True
    return False


def _unseen(app: "BearApp", *others: Screen[Any]) -> list[Screen[Any]]:
    screens = (*(app._screen_stacks[tab][0] for tab in TABS), *others)
    return [screen for screen in screens if screen.is_attached and not screen.is_current]
