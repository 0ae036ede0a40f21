"""Paint shapes anywhere, in any size, turned or mirrored."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

# A circle as a polygon: fine enough at the sizes drawn here, and it can be turned.
_CIRCLE = [(math.cos(a * math.tau / 28), math.sin(a * math.tau / 28)) for a in range(28)]


@dataclass(frozen=True)
class Brush:
    """Paints in its own coordinates: x to the right, y down, a figure about from -1 to 1."""

    draw: ImageDraw.ImageDraw
    x: float
    y: float
    scale: float
    """Pixels in one unit."""
    turn: float = 0.0
    """Radians, clockwise."""
    mirrored: bool = False

    def at(
        self, x: float, y: float, scale: float, turn: float = 0.0, mirrored: bool = False
    ) -> "Brush":
        """Return a smaller brush inside this one."""
        ((pixel_x, pixel_y),) = self.pixels([(x, y)])
        return replace(
            self,
            x=pixel_x,
            y=pixel_y,
            scale=self.scale * scale,
            turn=self.turn + (-turn if self.mirrored else turn),
            mirrored=self.mirrored != mirrored,
        )

    def pixels(self, points: Sequence[Point]) -> list[Point]:
        """Return points of the brush's coordinates as pixels of the picture."""
        cos, sin = math.cos(self.turn) * self.scale, math.sin(self.turn) * self.scale
        side = -1 if self.mirrored else 1
        return [
            (self.x + side * x * cos - y * sin, self.y + side * x * sin + y * cos)
            for x, y in points
        ]

    def blob(
        self, x: float, y: float, width: float, height: float, colour: Colour, turn: float = 0.0
    ) -> None:
        """Paint an ellipse around (x, y); width and height are radii."""
        cos, sin = math.cos(turn), math.sin(turn)
        points = [
            (x + a * width * cos - b * height * sin, y + a * width * sin + b * height * cos)
            for a, b in _CIRCLE
        ]
        self.draw.polygon(self.pixels(points), fill=colour)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Paint a filled circle."""
        self.blob(x, y, radius, radius, colour)

    def pair(
        self, x: float, y: float, width: float, height: float, colour: Colour, turn: float = 0.0
    ) -> None:
        """Paint two ellipses, left and right of the middle."""
        self.blob(-x, y, width, height, colour, -turn)
        self.blob(x, y, width, height, colour, turn)

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        """Paint a polygon."""
        self.draw.polygon(self.pixels(points), fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Paint a rectangle."""
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Paint a stroke through the points."""
        pixels = max(1, round(width * self.scale))
        self.draw.line(self.pixels(points), fill=colour, width=pixels, joint="curve")


def mix(colour: Colour, other: Colour, part: float) -> Colour:
    """Return `colour` with `part` (0 to 1) of `other` in it."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(colour, other, strict=True))
    return red, green, blue
