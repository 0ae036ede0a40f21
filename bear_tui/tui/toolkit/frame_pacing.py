"""Paint no faster than the terminal takes it: over a slow link, frames are left out."""

from typing import Any

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen

from bear_tui.tui.toolkit.cell_diff import Difference, Shown
from bear_tui.tui.toolkit.driver import TerminalDriver


class FramePacing:
    """Keeps one frame on its way. What changes meanwhile is painted when that has arrived.

    Textual queues 30 frames: at 2 KB/s a key would wait for minutes of pictures of the past.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._unpainted: tuple[Screen[Any] | None, set[Region]] = (None, set())
        self._shown = Shown()

    def postpones(self, screen: Screen[Any], update: object) -> bool:
        """Return whether an update waits, because the terminal has not taken the last one yet."""
        driver = self._app._driver
        if not isinstance(driver, TerminalDriver) or not driver.behind:
            return False
        if isinstance(update, LayoutUpdate):
            regions = {update.region}
        elif isinstance(update, ChopsUpdate):
            regions = {Region(x, y, end - x, 1) for y, x, end in update.spans}
        else:
            return False
        last_screen, last_regions = self._unpainted
        self._unpainted = (screen, last_regions | regions if last_screen is screen else regions)
        return True

    def changed(self, update: Any) -> Any:
        """Return the part of an update that the terminal does not show yet."""
        driver = self._app._driver
        if isinstance(driver, TerminalDriver) and driver.taken_anew:
            driver.taken_anew = False
            self.forget()
        if isinstance(update, ChopsUpdate | LayoutUpdate):
            self._shown.on_terminal_of(self._app.size)
            return Difference(update, self._shown)
        if update is not None:
            self.forget()
        return update

    def forget(self) -> None:
        """Know no more what the terminal shows: another program may have written on it."""
        self._shown.forget()

    def paint_rest(self) -> None:
        """Paint what was postponed."""
        screen, regions = self._unpainted
        self._unpainted = (None, set())
        if screen is not None and self._app.screen_stack and screen is self._app.screen:
            screen.refresh(*regions)
