"""Of a screen that is painted in part, the lines that are painted and no others are drawn."""

from collections.abc import Collection, Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class SparingCompositor(Compositor):
    """Textual asks all that stands in the same container for all of its lines, to paint one line:
    three times a second that was most of what a screen took from the training beside it.
    """

    _painted: Collection[Region] = ()
    """What is painted now; empty: the whole crop."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """As Textual's, of what these regions need."""
        self._painted = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._painted = ()

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Where each part stands, what of it is drawn, and its lines; the foremost first."""
        painted = self._painted or (crop or self.size.region,)
        for part, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            if rows := [(one.y, one.bottom) for one in painted if seen.overlaps(one)]:
                top = max(seen.y, min(y for y, _ in rows))
                bottom = min(seen.bottom, max(end for _, end in rows))
                drawn = Region(seen.x, top, seen.width, bottom - top)
                yield region, drawn, part.render_lines(drawn.translate(-region.offset))
