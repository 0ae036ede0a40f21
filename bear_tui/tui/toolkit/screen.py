"""A screen that is styled and painted once where Textual does it two or three times."""

from typing import Generic

from textual import on
from textual.events import ScreenResume, ScreenSuspend
from textual.geometry import Size
from textual.screen import Screen, ScreenResultType
from textual.widgets import Static

from bear_tui.tui.toolkit.compositor import SparingCompositor


class SparingScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """To style and draw a whole screen takes 20 ms each: most of what a key takes."""

    def __init__(
        self, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name, id, classes)
        self._compositor = SparingCompositor()
        self._styled_for = self.app.theme  # made now, styled as the app is now
        self._sheets_then = self.app._css_update_count

    def on_mount(self) -> None:
        """What is mounted now was styled now: Textual would do it again at the second visit.

        Texts here hold no links: Textual would look for some in each piece that it draws.
        """
        self._css_update_count = self._sheets_then
        for text in self.query(Static).exclude("Header"):
            text.set_reactive(Static.auto_links, False)

    @on(ScreenResume)
    def _style_if_needed(self, event: ScreenResume) -> None:
        """Only after another theme: what changed meanwhile was styled when it changed."""
        event.refresh_styles = self.app.theme != self._styled_for
        self._styled_for = self.app.theme

    @on(ScreenSuspend)
    def _leave_it_to_the_sheet(self) -> None:
        """What is over this screen now paints all of it; Textual would paint both again."""
        self._repaint_required = False

    def _screen_resized(self, size: Size) -> None:
        # Textual lays a screen out anew whenever it is gone to; what changes meanwhile says so.
        if size != self._compositor.size:
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        # What is drawn in a batch is thrown away by Textual, and drawn again after it.
        if self.app._batch_count:
            return
        if not self.is_active:
            self._changed_below()
            return
        if self._repaint_required:
            # All is to be painted, which Textual does after painting what is laid out anew.
            self._repaint_required = False
            self._compositor._dirty_regions.add(self._compositor.size.region)
        super()._compositor_refresh()

    def _changed_below(self) -> None:
        """Have the sheets over this screen draw what has changed here, and the topmost paint it.

        Textual would have everything painted whenever this screen hears of anything.
        """
        changed, self._compositor._dirty_regions = self._compositor._dirty_regions, set()
        self._dirty_widgets.clear()
        if changed and self.is_current:
            stack = self.app.screen_stack
            for sheet in stack[stack.index(self) + 1 : -1]:
                sheet._set_dirty(*changed)  # it keeps what it has drawn
            self.app.screen.refresh(*changed)
