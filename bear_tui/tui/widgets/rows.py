"""A list with a cursor that draws only the visible rows."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual


class Rows(ScrollView, can_focus=True):
    """One line per row. A subclass counts the rows and draws each for a width."""

    BINDINGS: ClassVar = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "move(-1000000)", "first", show=False),
        Binding("end,G", "move(1000000)", "last", show=False),
        Binding("enter", "choose", "choose", show=False),
    ]
    COMPONENT_CLASSES: ClassVar = {"rows--cursor"}
    DEFAULT_CSS = """
    Rows { height: 1fr; overflow-x: hidden; }
    Rows > .rows--cursor {
        background: $block-cursor-blurred-background;
        color: $block-cursor-blurred-foreground;
    }
    Rows:focus > .rows--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        rows: "Rows"
        index: int

        @property
        def control(self) -> "Rows":
            """The list, for `@on` with a selector."""
            return self.rows

    @dataclass
    class Chosen(Message):
        """Enter, or a click on the row under the cursor."""

        rows: "Rows"
        index: int

        @property
        def control(self) -> "Rows":
            """The list, for `@on` with a selector."""
            return self.rows

    def count(self) -> int:
        """Return the number of rows."""
        raise NotImplementedError

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """Draw row `index` in at most `width` columns; pass foreign text through safe()."""
        raise NotImplementedError

    def selectable(self, index: int) -> bool:  # noqa: ARG002 - headings of a subclass say no
        """Check whether the cursor may be on the row."""
        return True

    def rows_changed(self) -> None:
        """Draw again after the rows have changed; the cursor stays within them."""
        self.virtual_size = Size(0, self.count())
        self.set_reactive(Rows.cursor, self._nearest(self.cursor, 1))
        self.refresh(layout=True)

    def go_to(self, index: int) -> None:
        """Move the cursor to a row, or to the next selectable one."""
        self.cursor = self._nearest(index, 1)

    def on_mount(self) -> None:
        self.rows_changed()

    def on_resize(self) -> None:
        """Keep the cursor visible."""
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        index = round(self.scroll_offset.y) + y
        width = self.scrollable_content_region.width
        if not 0 <= index < self.count():
            return Strip.blank(width, self.rich_style)
        marked = index == self.cursor and self.selectable(index)
        style = self.get_visual_style("rows--cursor") if marked else self.visual_style
        content = self.draw(index, width, marked)
        if content.cell_length > width:
            content = content.truncate(width, ellipsis=True)
        strips = Visual.to_strips(self, content, width, 1, style, pad=True)
        strip = strips[0] if strips else Strip.blank(width, style.rich_style)
        return strip.extend_cell_length(width, style.rich_style)

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw both rows, and keep the new one visible."""
        for index in (old, new):
            self.refresh(Region(0, index - round(self.scroll_offset.y), self.size.width, 1))
        if self.size.height:
            self.scroll_to_region(Region(0, new, 1, 1), animate=False, force=True)
        self.post_message(self.Moved(self, new))

    def action_move(self, step: int) -> None:
        if self.count():
            self.cursor = self._nearest(self.cursor + step, 1 if step > 0 else -1)

    def action_page(self, direction: int) -> None:
        """Move up or down by a screenful."""
        self.action_move(direction * max(1, self.scrollable_content_region.height - 1))

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if self.count() and self.selectable(self.cursor):
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row; choose it if the cursor is there."""
        index = event.get_content_offset_capture(self).y + round(self.scroll_offset.y)
        if not (0 <= index < self.count() and self.selectable(index)):
            return
        if index == self.cursor:
            self.action_choose()
        else:
            self.cursor = index

    def _nearest(self, index: int, direction: int) -> int:
        """Return `index` or the next selectable row in a direction, else the last."""
        last = self.count() - 1
        index = max(0, min(index, last))
        for step in (direction, -direction):
            at = index
            while 0 <= at <= last:
                if self.selectable(at):
                    return at
                at += step
        return index


def columns(left: Content, right: Content | str, width: int) -> Content:
    """Return `left`, cut if needed, and `right` at the right edge of `width` columns."""
    right = Content(right) if isinstance(right, str) else right
    room = max(0, width - right.cell_length - 1)
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    return Content.assemble(left, " " * (width - right.cell_length - left.cell_length), right)
