"""Photos side by side, a page at a time, or one large. Moving never waits for a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.tui.widgets.picture import Picture

_TILE_WIDTH = 26
_LEAST_HEIGHT, _GOOD_HEIGHT = 8, 11
_CALM = 0.1
"""Seconds after which the next page is decoded: not while this one is still being painted."""
_MOST_ACROSS, _MOST_DOWN = 6, 4


def grid_for(width: int, height: int) -> tuple[int, int]:
    """Return how many photos fit across and down: two rows where possible, more where there is
    room.
    """
    across = max(1, min(_MOST_ACROSS, width // _TILE_WIDTH))
    down = max(1, min(2, height // _LEAST_HEIGHT), height // _GOOD_HEIGHT)
    return across, min(_MOST_DOWN, down)


class Tile(Vertical):
    """A photo with a line of text."""

    DEFAULT_CSS = """
    Tile { padding: 0 1; }
    Tile Static { height: 1; width: 100%; text-align: center; }
    Tile.-cursor Static { background: $block-cursor-background; color: $block-cursor-foreground; }
    """

    def compose(self) -> ComposeResult:
        yield Picture()
        yield Static(markup=False)

    @property
    def picture(self) -> Picture:
        """Return the widget of the photo."""
        return self.query_one(Picture)

    def show_photo(self, photo: Prediction | None, line: Content) -> None:
        """Show a photo with its line, or nothing."""
        self.picture.show(Path(photo.path) if photo else None)
        self.query_one(Static).update(line, layout=False)


class Gallery(Widget, can_focus=True):
    """A page of tiles and a cursor on one of them."""

    DEFAULT_CSS = "Gallery { layout: grid; height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar = [
        # Its screen's keys stand first: in a narrow terminal the last ones are left out.
        Binding(
            "enter", "screen.large", "large", tooltip="one photo as large as it fits, or a page"
        ),
        Binding("escape", "screen.back", "back"),
        Binding("left,h", "move(-1)", "previous", show=False),
        Binding("right,l", "move(1)", "next", show=False),
        Binding("up,k", "line(-1)", "up", show=False),
        Binding("down,j", "line(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page back", show=False),
        Binding("pagedown", "page(1)", "page", key_display="pgdn", show=False),
        Binding("home", "move(-1000000)", "first", show=False),
        Binding("end,G", "move(1000000)", "last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    large: reactive[bool] = reactive(False, repaint=False)
    """One photo as large as it fits, in place of a page."""

    @dataclass
    class Moved(Message):
        """The cursor has moved to another photo."""

        index: int

    def __init__(self, caption: Callable[[Prediction], Content], id: str | None = None) -> None:
        super().__init__(id=id)
        self._caption = caption
        self.photos: tuple[Prediction, ...] = ()
        self._grid = (0, 0)
        self._calm: Timer | None = None

    def show_photos(self, photos: Sequence[Prediction], cursor: int = 0) -> None:
        self.photos = tuple(photos)
        self.set_reactive(Gallery.cursor, max(0, min(cursor, len(self.photos) - 1)))
        self.draw()
        self.post_message(self.Moved(self.cursor))

    @property
    def photo(self) -> Prediction | None:
        """Return the photo under the cursor."""
        return self.photos[self.cursor] if self.cursor < len(self.photos) else None

    @property
    def page(self) -> dict[Prediction, Picture]:
        """Return the visible photos and the picture of each."""
        tiles, first = list(self.query(Tile)), self.cursor // self._each * self._each
        photos = self.photos[first : first + len(tiles)]
        return {photo: tile.picture for photo, tile in zip(photos, tiles, strict=False)}

    @property
    def pages(self) -> tuple[int, int]:
        """Return the number of this page, from 1, and of all pages."""
        return self.cursor // self._each + 1, max(1, -(-len(self.photos) // self._each))

    @property
    def _each(self) -> int:
        return max(1, self._grid[0] * self._grid[1])

    async def on_resize(self) -> None:
        await self._lay_out()

    async def watch_large(self) -> None:
        await self._lay_out()

    async def _lay_out(self) -> None:
        grid = (1, 1) if self.large else grid_for(*self.size)
        if not self.size or grid == self._grid:
            return
        self._grid = grid
        self.styles.grid_size_columns, self.styles.grid_size_rows = grid
        await self.remove_children()
        await self.mount_all(Tile() for _ in range(self._each))
        self.draw()
        self.post_message(self.Moved(self.cursor))

    def draw(self) -> None:
        """Draw the page, its cursor and its lines."""
        first = self.cursor // self._each * self._each
        for place, tile in enumerate(self.query(Tile)):
            index = first + place
            photo = self._at(index)
            tile.show_photo(photo, self._caption(photo) if photo else Content(""))
            tile.set_class(photo is not None and index == self.cursor, "-cursor")
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, self._look_ahead)

    def _look_ahead(self) -> None:
        """Decode the next page."""
        next_page = (self.cursor // self._each + 1) * self._each
        for place, tile in enumerate(self.query(Tile)):
            later = self._at(next_page + place)
            tile.picture.look_ahead([Path(later.path)] if later else [])

    def _at(self, index: int) -> Prediction | None:
        return self.photos[index] if index < len(self.photos) else None

    def watch_cursor(self, old: int, new: int) -> None:
        """Move the mark within a page, or turn the page."""
        if old // self._each != new // self._each:
            self.draw()
        else:
            tiles = list(self.query(Tile))
            if len(tiles) == self._each:
                tiles[old % self._each].remove_class("-cursor")
                tiles[new % self._each].add_class("-cursor")
        self.post_message(self.Moved(new))

    def action_move(self, step: int) -> None:
        self.cursor = max(0, min(self.cursor + step, len(self.photos) - 1))

    def action_line(self, direction: int) -> None:
        """Move a row of tiles up or down."""
        self.action_move(direction * max(1, self._grid[0]))

    def action_page(self, direction: int) -> None:
        """Turn the page."""
        self.action_move(direction * self._each)

    def on_click(self, event: object) -> None:
        """Move the cursor to the tile."""
        widget = getattr(event, "widget", None)
        tile = next(
            (
                parent
                for parent in getattr(widget, "ancestors_with_self", ())
                if isinstance(parent, Tile)
            ),
            None,
        )
        if tile is not None:
            place = list(self.query(Tile)).index(tile)
            self.action_move(self.cursor // self._each * self._each + place - self.cursor)
