"""A screen that Textual styles once where it would do so at every visit."""

from typing import Generic

from textual import on
from textual.events import ScreenResume
from textual.geometry import Size
from textual.screen import Screen, ScreenResultType

from bear_tui.tui.toolkit.private_names import active


class StyledOnceScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen that is styled again only after another theme.

    Styling a whole screen takes 20 ms, most of what the key that shows it takes. What changes
    meanwhile is styled when it changes.
    """

    def __init__(
        self, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name, id, classes)
        self._styled_for = self.app.theme

    @on(ScreenResume)
    def _style_if_needed(self, event: ScreenResume) -> None:
        event.refresh_styles = self.app.theme != self._styled_for
        self._styled_for = self.app.theme

    def _screen_resized(self, size: Size) -> None:
        # Textual lays a screen out again at every visit; what changes meanwhile says so itself.
        if not active("screen") or size != self._compositor.size:
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        # Textual draws in a batch as well, throws that away, and draws again after it.
        if not (active("screen") and active("key_queue") and self.app._batch_count):
            super()._compositor_refresh()
