"""Painting no faster than the terminal takes it: over a slow link, frames are left out."""

import os

import textual.screen
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.screen import Screen

from bear_tui.tui.toolkit.cell_diff import Difference, Shown
from bear_tui.tui.toolkit.driver import TerminalDriver
from bear_tui.tui.toolkit.notices import NoticingApp
from bear_tui.tui.toolkit.strip_patch import make_light

_FRAMES = 240
"""A second, at most. With Textual's 60, what is painted in two steps waits 17 ms between them."""


class PacedApp(NoticingApp):
    """An app that keeps one frame on its way. What changes meanwhile is painted when it is through.

    Textual queues 30 frames: at 2 KB/s a key would wait for minutes of pictures of the past.
    """

    def __init__(self) -> None:
        # In a browser, textual-serve names the driver.
        super().__init__(driver_class=None if "TEXTUAL_DRIVER" in os.environ else TerminalDriver)
        self._unpainted: tuple[Screen[object] | None, set[Region]] = (None, set())
        self._shown = Shown()
        make_light()
        if "TEXTUAL_FPS" not in os.environ:
            # By name: it is meant not to be changed but by that variable, before Textual is loaded.
            setattr(textual.screen, "UPDATE_PERIOD", 1 / _FRAMES)  # noqa: B010

    def delay_update(self, delay: float = 0.005) -> None:
        """Between two screens Textual waits for 50 ms, which is all that a key may take."""
        super().delay_update(delay)

    def _display(self, screen: Screen[object], renderable: object) -> None:
        driver = self._driver
        if isinstance(driver, TerminalDriver) and driver.behind:
            if isinstance(renderable, LayoutUpdate):
                self._postpone(screen, {renderable.region})
                return
            if isinstance(renderable, ChopsUpdate):
                spans = renderable.spans
                self._postpone(screen, {Region(x, y, end - x, 1) for y, x, end in spans})
                return
        if isinstance(driver, TerminalDriver) and driver.taken_anew:
            driver.taken_anew = False
            self._shown.forget()
        if isinstance(renderable, ChopsUpdate | LayoutUpdate):
            self._shown.on_terminal_of(self.size)
            renderable = Difference(renderable, self._shown)
        elif renderable is not None:
            self._shown.forget()
        super()._display(screen, renderable)  # type: ignore[arg-type]

    def action_repaint(self) -> None:
        """Whatever the terminal shows by now: another program may have written on it."""
        self._shown.forget()
        self.screen.refresh()

    def _postpone(self, screen: Screen[object], regions: set[Region]) -> None:
        of, before = self._unpainted
        self._unpainted = (screen, before | regions if of is screen else regions)

    def action_paint_rest(self) -> None:
        """The terminal has taken all: paint what has changed since."""
        screen, regions = self._unpainted
        self._unpainted = (None, set())
        if screen is not None and self.screen_stack and screen is self.screen:
            seen = screen._compositor.size.region  # the window may have become smaller since
            left = {region.intersection(seen) for region in regions}
            screen._compositor._dirty_regions |= {region for region in left if region}
            screen._compositor_refresh()
