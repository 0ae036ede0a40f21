"""What a sheet stands over, in fainter colours."""

from functools import lru_cache
from typing import Any

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.styles import RulesMap
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.visual import RenderOptions, Visual, VisualType

_LOOKS = 4096


class Under(Visual):
    """The screen below `over` as it is painted, each of its looks mixed with `tint` once.

    Textual mixes the colours of every piece anew and cuts the whole into lines again, which took
    half of the time from a key to the sheet that it opens. It also takes what is below off a list
    that all screens share; of three, of which one was drawn before, two were drawn over each other
    for ever.
    """

    def __init__(self, over: Screen[Any], tint: Color) -> None:
        self._over = over
        self._tint = tint

    def render_strips(
        self, width: int, height: int | None, _style: VisualStyle, _options: RenderOptions
    ) -> list[Strip]:
        """The lines of the screen, `width` cells each."""
        below = _below(self._over)
        lines = below._compositor.render_strips() if below is not None else []
        return [_faint(line, self._tint).adjust_cell_length(width) for line in lines[:height]]

    def get_optimal_width(self, _rules: RulesMap, container_width: int) -> int:
        """All that there is."""
        return container_width

    def get_height(self, _rules: RulesMap, _width: int) -> int:
        """That of the screen."""
        return self._over.size.height


class OverAnother(ModalScreen[ScreenResultType]):
    """A screen through which the one below it is seen."""

    def render(self) -> VisualType:  # type: ignore[override]  # as every other widget's may be
        """Textual's own; the screen below in a way that costs less, and ends."""
        background = self.styles.background
        return super().render() if background.a == 1 else Under(self, background)


def _below(over: Screen[Any]) -> Screen[Any] | None:
    """What lies under a screen; nothing does under one that is about to come or go."""
    for stack in over.app._screen_stacks.values():
        if over in stack[1:]:
            return stack[stack.index(over) - 1]
    return None


def _faint(line: Strip, tint: Color) -> Strip:
    pieces = [Segment(text, _fainter(style, tint)) for text, style, _ in line]
    return Strip(pieces, line.cell_length)


@lru_cache(_LOOKS)
def _fainter(style: Style | None, tint: Color) -> Style:
    """Without what a click would do: the sheet takes it."""
    if style is None:
        return Style()
    return style.clear_meta_and_links() + Style.from_color(
        _mixed(style.color, tint), _mixed(style.bgcolor, tint)
    )


def _mixed(color: RichColor | None, tint: Color) -> RichColor | None:
    return None if color is None else (Color.from_rich_color(color) + tint).rich_color
