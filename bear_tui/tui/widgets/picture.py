"""A photo on the screen, as it is or as the network sees it, decoded in a thread."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rich.segment import Segment
from textual import work
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from bear_tui.recipe import Framing
from bear_tui.text import safe
from bear_tui.tui.render.half_blocks import Decoded, View, decode
from bear_tui.tui.session.heat import Heat

_KEPT = 24
"""Pictures kept: about a screenful of half blocks each, so going back and forth is instant."""


_Cache: TypeAlias = "OrderedDict[View, Decoded]"


class Picture(Widget):
    """Shows one photo as large as it fits. `show` never waits; the picture follows."""

    DEFAULT_CSS = """
    Picture { height: 1fr; width: 1fr; }
    """

    path: reactive[Path | None] = reactive(None)
    network_size: reactive[int | None] = reactive(None)
    """Set: the photo as the network sees it at so many pixels."""
    framing: reactive[Framing] = reactive[Framing]("pad")
    heat: reactive[Heat | None] = reactive(None)
    """Set: the photo squared, in this light. Another photo puts it out."""

    @dataclass
    class Shown(Message):
        """A picture has been decoded, or a sentence says why not."""

        picture: "Picture"
        path: Path
        decoded: Decoded

        @property
        def control(self) -> "Picture":
            """The widget, for `@on` with a selector."""
            return self.picture

    @dataclass
    class _Ready(Message):
        view: View
        decoded: Decoded

    def __init__(
        self,
        *,
        network_size: int | None = None,
        framing: Framing = "pad",
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(Picture.network_size, network_size)
        self.set_reactive(Picture.framing, framing)
        self._empty = empty
        self._cache: _Cache = OrderedDict()
        self._now: Decoded | None = None
        self._painted: object = None
        self._rows: list[Strip] = []
        self._ahead: tuple[Path, ...] = ()
        self._decoding = False

    def show(self, path: Path | None, ahead: Sequence[Path] = ()) -> None:
        """Show a photo, or none; decode those that may be asked for next."""
        self._ahead = tuple(ahead)
        if path != self.path:
            self.set_reactive(Picture.heat, None)
        self.path = path

    def look_ahead(self, paths: Sequence[Path]) -> None:
        """Decode photos that may be asked for next, after the one in view."""
        self._ahead = tuple(paths)
        self._decode_wanted()

    def _view(self, path: Path | None) -> View | None:
        width, height = self.size
        if path is None or not width or not height:
            return None
        heat = self.heat if path == self.path else None
        return View(path, width, 2 * height, self.network_size, self.framing, heat)

    def watch_path(self) -> None:
        self._request()

    def watch_network_size(self) -> None:
        self._request()

    def watch_framing(self) -> None:
        self._request()

    def watch_heat(self) -> None:
        self._request()

    def on_resize(self) -> None:
        self._request()

    def _request(self) -> None:
        view = self._view(self.path)
        if view is None:
            self._now = None
        elif view in self._cache:
            self._cache.move_to_end(view)
            self._take(view, self._cache[view])
        # Else the old picture stays until the new one is there: no flicker while browsing.
        self._decode_wanted()
        self.refresh()

    def _decode_wanted(self) -> None:
        """Decode in one thread what is in view, then what may be asked for next.

        A held key asks for thirty photos a second; those it has passed are dropped.
        """
        views = [self._view(path) for path in (self.path, *self._ahead)]
        wanted = next((view for view in views if view and view not in self._cache), None)
        if wanted is not None and not self._decoding:
            self._decoding = True
            self._decode(wanted)

    @work(thread=True, group="decode", exit_on_error=False)
    def _decode(self, view: View) -> None:
        try:
            decoded = decode(view)
        # One photo that no one foresaw must not end the browsing of the others.
        except Exception as error:
            decoded = Decoded(error=f"This photo cannot be shown: {type(error).__name__}.")
        self.post_message(self._Ready(view, decoded))

    def on_picture__ready(self, message: _Ready) -> None:
        """Keep a decoded picture, and paint it if it is still wanted."""
        message.stop()
        self._decoding = False
        self._cache[message.view] = message.decoded
        while len(self._cache) > _KEPT:
            self._cache.popitem(last=False)
        if message.view == self._view(self.path):
            self._take(message.view, message.decoded)
        self._decode_wanted()

    def _take(self, view: View, decoded: Decoded) -> None:
        self._now = decoded
        self.refresh()
        self.post_message(self.Shown(self, view.path, decoded))

    def render_line(self, y: int) -> Strip:
        """Draw one row of the picture, centred, or the sentence."""
        # A gallery paints a dozen pictures at once: what is the same for all rows is done once.
        key = (self.size, id(self._now), self.path is None)
        if key != self._painted:
            self._painted, self._rows = key, self._paint()
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width)

    def notify_style_update(self) -> None:
        """Paint again in another theme's colours."""
        self._painted = None
        super().notify_style_update()

    def _paint(self) -> list[Strip]:
        (width, height), now, style = self.size, self._now, self.rich_style
        if now is None or now.error:
            text = safe(now.error) if now else (self._empty if self.path is None else "…")
            wrapped = Content(text).wrap(max(1, width - 2))
            lines = [
                strip.extend_cell_length(width, style)
                for line in wrapped
                for strip in Visual.to_strips(
                    self, line.center(width), width, 1, self.visual_style
                )[:1]
            ]
        else:
            before = max(0, (width - now.lines[0].cell_length) // 2) if now.lines else 0
            blank = Segment(" " * before, style)
            lines = [
                Strip([blank, *line], before + line.cell_length).adjust_cell_length(width, style)
                for line in now.lines
            ]
        above = max(0, (height - len(lines)) // 2)
        below = max(0, height - above - len(lines))
        empty = Strip.blank(width, style)
        return [*[empty] * above, *lines[:height], *[empty] * below]
