"""Read a photo upright in RGB, make it square, and scale it to what a network sees."""

import functools
import logging
import os
import stat
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from bear_tui.data.patience import READING
from bear_tui.data.photos import unreadable
from bear_tui.data.photos.jpeg import scans
from bear_tui.recipe import FRAMINGS

PADS = ("black", "mean", "edge", "none")

# Pillow refuses a picture that claims more pixels: 179 million, 0.7 GB when decoded.
MAX_PIXELS = 2 * 89_478_485

# Twice an uncompressed photo of so many pixels.
MAX_BYTES = 1_000_000_000

# A decoder spends on each scan as long as on a whole picture: 5 s for 2,000 million pixels.
# Encoders write about a dozen scans into a progressive JPEG.
_MAX_SCANS = 100
_MAX_SCANNED = 3_000_000_000

# Only formats that hold photos. Pillow opens others too, and EPS by running another program.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "MPO", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "ICO")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112

# Pillow warns and logs about odd metadata, which would spoil the screen. Set once here, since
# to catch warnings around each photo is not safe in threads.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())


class PhotoError(Exception):
    """A photo that cannot be used. `kind` is one of `check`'s kinds, `detail` says why.

    `passing`: the computer refused the read just now, so the photo itself may be whole; `errno`
    is the number of that error, if it has one.
    """

    def __init__(
        self, kind: str, detail: str, passing: bool = False, errno: int | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.passing = passing
        self.errno = errno


class Loaded(NamedTuple):
    """A decoded photo, and what its file says of it."""

    image: Image.Image
    """Upright, in RGB."""
    format: str
    """As Pillow names it: `JPEG`."""
    mode: str
    """The content of a pixel, as Pillow names it: `RGB`, `L`, `CMYK`, `P`, `I;16`."""
    size: tuple[int, int]
    """Width and height in pixels."""
    animated: bool
    """Whether it has more frames than the first."""


def read_photo(path: Path, size: int | None = None) -> Image.Image:
    """Return the photo upright, in RGB, fully loaded; the first frame of an animation.

    With `size`, a large JPEG may come back smaller, up to 3.4 times as fast: its longer side has
    at least twice `size` pixels and its shorter side at least `size`. Transparent parts turn
    white. Raises PhotoError: unreadable, truncated, too_large or not_an_image.
    """
    return load(path, size).image


def load(path: Path, size: int | None = None) -> Loaded:
    """Do as `read_photo`, and return what the file says of the photo too."""
    return READING.read(lambda: _load(path, size))


def _load(path: Path, size: int | None) -> Loaded:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            # Raises if this folder may not be listed.
            os.scandir(path).close()
            raise PhotoError("unreadable", "this is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise PhotoError("unreadable", "this is not a regular file")
        if status.st_size > MAX_BYTES:
            raise PhotoError(*unreadable.too_long(status.st_size, MAX_BYTES))
        with Image.open(path, formats=_formats()) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise PhotoError(*unreadable.too_large(MAX_PIXELS, image.size))
            name, mode = image.format or "", image.mode
            if name in ("JPEG", "MPO"):
                _require_few_scans(path, width * height)
            # The further frames of an MPO are other views of the same moment, not an animation.
            animated = name != "MPO" and bool(getattr(image, "is_animated", False))
            if size is not None:
                _draft(image, size)
            image.load()
            # After load(): Pillow reads on to find a PNG's metadata, and an error of the picture
            # would then count as broken metadata.
            turn = _turn(image)
            upright = _rgb(image)
            if turn is not None:
                upright = upright.transpose(turn)
            return Loaded(upright, name, mode, (width, height), animated)
    except PhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise PhotoError(*unreadable.too_large(MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise PhotoError(*unreadable.unidentified(path, _formats())) from error
    # Decoders meet hostile bytes and raise nearly anything: SyntaxError, struct.error, KeyError.
    except Exception as error:
        raise PhotoError(*unreadable.broken(path, error)) from error


def is_plain_jpeg(path: Path) -> bool:
    """Return whether every program shows the file as `load` does: an upright RGB or grey JPEG."""
    with Image.open(path, formats=_formats()) as image:
        plain = image.format == "JPEG" and image.mode in ("RGB", "L")
        return plain and _turn(image) is None


def square(image: Image.Image, pad: str = "black") -> Image.Image:
    """Return the whole picture in the middle of a square as large as its longer side.

    `pad` fills the rest: `black`, the picture's `mean` colour, or its `edge` repeated. `none`
    leaves the picture as it is.
    """
    if pad not in PADS:
        raise ValueError(f"pad {pad!r} is none of {PADS}")
    width, height = image.size
    if pad == "none" or width == height:
        return image
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    if pad == "edge":
        pixels = np.asarray(image)
        beside = ((top, side - height - top), (left, side - width - left), (0, 0))
        return Image.fromarray(np.pad(pixels, beside, mode="edge"))
    colour = (0, 0, 0)
    if pad == "mean":
        red, green, blue = np.asarray(image).mean(axis=(0, 1)).round().astype(int).tolist()
        colour = (red, green, blue)
    padded = Image.new("RGB", (side, side), colour)
    padded.paste(image, (left, top))
    return padded


def fit(
    image: Image.Image, size: int, filter: Image.Resampling, reducing_gap: float = 2.0
) -> Image.Image:
    """Return the picture scaled so that its longer side has `size` pixels."""
    longer = max(image.size)
    if longer == size:
        return image
    width, height = (max(1, round(side * size / longer)) for side in image.size)
    return image.resize((width, height), filter, reducing_gap=reducing_gap)


def load_square(
    path: Path, size: int, framing: str = "pad", interpolation: str = "bilinear"
) -> NDArray[np.uint8]:
    """Return the pixels that a network sees, [size, size, 3], in training and prediction alike.

    `framing`: `pad` shows the whole photo on black, `crop` its middle square. `interpolation` is
    that of a recipe, always with antialiasing. Raises PhotoError.
    """
    if framing not in FRAMINGS:
        raise ValueError(f"framing {framing!r} is neither pad nor crop")
    if interpolation == "draft":
        image, filter, gap = read_photo(path, size), Image.Resampling.BILINEAR, 2.0
    else:
        # Almost as from a photo decoded in full, in a third of the time.
        image, filter, gap = read_photo(path, 2 * size), _FILTERS[interpolation], 3.0
    if framing == "crop":
        image = image.crop(_middle(image.size))
    image = square(fit(image, size, filter, gap))
    return np.array(image, dtype=np.uint8)


_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def _middle(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the largest square in the middle: left, top, right, bottom."""
    width, height = size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


@functools.cache
def _formats() -> tuple[str, ...]:
    # Pillow may be built without AVIF or JPEG 2000, and fails on a name it does not know.
    Image.init()
    # Editors store a photo's history and colours in megabytes of text, which Pillow would refuse
    # as a bomb. It reads and drops them.
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _require_few_scans(path: Path, pixels: int) -> None:
    number = scans(path)
    if number > _MAX_SCANS or number * pixels > _MAX_SCANNED:
        raise PhotoError(*unreadable.too_slow(number))


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        value = image.getexif().get(_ORIENTATION)
        return _TURNS.get(value) if isinstance(value, int) else None
    # Broken metadata raises as many kinds of errors as broken pixels; the picture may be whole.
    except Exception:
        return None


def _draft(image: Image.Image, size: int) -> None:
    """Let the JPEG decoder skip detail that `size` pixels cannot show."""
    width, height = image.size
    scale = min(max(width, height) // (2 * size), min(width, height) // size)
    if scale > 1:
        image.draft(None, (width // scale, height // scale))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(image), "L").convert("RGB")
    if image.has_transparency_data:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, over).convert("RGB")
    # A plain RGB image belongs to the open file; the copy outlives it.
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """Scale grey values of 16 bits, 32 bits or floats to 0 to 255; Pillow would clip them.

    Cameras and scanners store 8, 10, 12 or 14 bits in 16: the smallest depth that holds the
    brightest pixel sets white. Other ranges are stretched from darkest to brightest.
    """
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    whites = [2.0**bits - 1 for bits in (8, 10, 12, 14, 16)]
    if image.mode == "F":
        whites.insert(0, 1.0)
    if low >= 0 and high <= whites[-1]:
        scaled = values * (255 / next(white for white in whites if high <= white))
    else:
        scaled = (values - low) * (255 / (high - low)) if high > low else values * 0
    return scaled.round().clip(0, 255).astype(np.uint8)
