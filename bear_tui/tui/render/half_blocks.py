"""A photo as rows of half blocks: a file in, lines to paint out."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bear_tui.recipe import Framing
from bear_tui.tui.session.heat import Heat, overlay

if TYPE_CHECKING:
    from PIL import Image

    from bear_tui.data.photos.photo import Loaded


@dataclass(frozen=True)
class View:
    """What to show: a file, in how many columns and half rows, as the network sees it or not."""

    path: Path
    width: int
    height: int
    """In half rows: a terminal's cell is about twice as high as wide."""
    network_size: int | None = None
    """Side in pixels that the photo is squared to first; None: as it is."""
    framing: Framing = "pad"
    """How it is made square."""
    heat: Heat | None = None
    """What the network looked at, over the photo squared."""


@dataclass(frozen=True)
class Decoded:
    """A picture ready to paint, or why there is none."""

    lines: tuple[Strip, ...] = ()
    facts: str = ""
    """`JPEG · RGB · 320 x 240`."""
    error: str = ""


def decode(view: View) -> Decoded:
    """Return the photo of `view` as rows of half blocks, or a sentence if it cannot be read."""
    from PIL import Image

    from bear_tui.data.photos.photo import PhotoError, load, load_square

    most = max(view.width, view.height)
    try:
        if view.heat is not None:
            side = min(view.width, view.height)
            image = overlay(Image.fromarray(load_square(view.path, side, view.framing)), view.heat)
            facts = f"{view.network_size or side} x {view.network_size or side}"
        elif view.network_size:
            image = Image.fromarray(load_square(view.path, view.network_size, view.framing))
            facts = f"{view.network_size} x {view.network_size}"
        else:
            photo = load(view.path, most)
            image, facts = photo.image, described(photo)
    except PhotoError as error:
        return Decoded(error=f"This photo cannot be shown: {error.detail}.")
    # A network's picture is enlarged without smoothing: its real pixels are the point.
    enlarging = max(image.size) < most
    filter = Image.Resampling.NEAREST if enlarging else Image.Resampling.BOX
    scale = min(view.width / image.width, view.height / image.height)
    fitted = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))), filter
    )
    return Decoded(tuple(half_blocks(fitted)), facts)


def described(photo: "Loaded") -> str:
    """Return `PNG · palette · 320 x 240`; of an animation the first frame is shown."""
    mode = "16-bit grey" if photo.mode.startswith("I;16") else _MODES.get(photo.mode, photo.mode)
    size = "{} x {}".format(*photo.size)
    return " · ".join((photo.format, mode, size, *(["animated"] if photo.animated else [])))


_MODES = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey, see-through",
    "P": "palette",
    "RGBA": "RGB, see-through",
    "I": "32-bit grey",
    "F": "grey in floats",
}
"""Pillow's names where they are no words."""


def half_blocks(image: "Image.Image") -> list[Strip]:
    """Return a line for each two rows of pixels: the upper one in the foreground colour.

    Neighbours of one colour share a segment, which saves bytes.
    """
    import numpy as np

    # 32 shades of red, green and blue: more cannot be told apart in half blocks, and colours that
    # come again are made once, which takes most of the time.
    shades = (np.arange(256) * 31 + 127) // 255 * 255 // 31
    red, green, blue = np.moveaxis(shades[np.asarray(image)], 2, 0)
    pixels = red << 16 | green << 8 | blue
    width = image.width
    if image.height % 2:
        pixels = np.vstack([pixels, np.full((1, width), _NONE)])
    lines = []
    for upper, lower in zip(pixels[0::2], pixels[1::2], strict=True):
        starts = np.flatnonzero(np.diff(upper, prepend=_NONE) | np.diff(lower, prepend=_NONE))
        lengths = np.diff(starts, append=width).tolist()
        pairs = zip(lengths, upper[starts].tolist(), lower[starts].tolist(), strict=True)
        lines.append(Strip([Segment("▀" * n, _style(*pair)) for n, *pair in pairs], width))
    return lines


_NONE = -1
"""In place of a colour: the terminal's background."""


@lru_cache(maxsize=1 << 14)
def _style(above: int, below: int) -> Style:
    return Style.from_color(_colour(above), None if below == _NONE else _colour(below))


@lru_cache(maxsize=1 << 15)
def _colour(value: int) -> Color:
    triplet = ColorTriplet(value >> 16, value >> 8 & 255, value & 255)
    return Color(triplet.hex, ColorType.TRUECOLOR, triplet=triplet)
