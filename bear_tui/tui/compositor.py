"""Of a screen that is painted in part, the lines that are painted and no others are drawn."""

from collections.abc import Iterable

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class SparingCompositor(Compositor):
    """Textual asks all that stands in the same container for all of its lines, to paint one line:
    three times a second that was most of what a screen took from the training beside it.
    """

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Where each part stands, what of it is drawn, and its lines; the foremost first."""
        painted = self.size.region if crop is None else crop
        for part, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            if seen.overlaps(painted):
                top, bottom = max(seen.y, painted.y), min(seen.bottom, painted.bottom)
                drawn = Region(seen.x, top, seen.width, bottom - top)
                yield region, drawn, part.render_lines(drawn.translate(-region.offset))
