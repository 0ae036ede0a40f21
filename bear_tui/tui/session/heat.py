"""A heat map over a photo: bright and warm where the network found evidence, dark elsewhere."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from PIL import Image

Heat: TypeAlias = tuple[tuple[float, ...], ...]
"""Rows of a grid over the square photo, from the top; 0 for nothing, 1 for the most."""

_WARM = (255.0, 72.0, 0.0)
_TINT = 0.45
_DARKEST = 0.3
"""What is left of a photo's light where there is no evidence: heat shows in light, too."""


def overlay(image: "Image.Image", heat: Heat) -> "Image.Image":
    """Return the square photo with the heat map over it."""
    import numpy as np
    from PIL import Image

    grid = Image.fromarray(np.array(heat, dtype=np.float32))
    share = np.asarray(grid.resize(image.size, Image.Resampling.BILINEAR))[..., None].clip(0, 1)
    pixels = np.asarray(image, dtype=np.float32) * (_DARKEST + (1 - _DARKEST) * share)
    warm = pixels + _TINT * share * (np.array(_WARM, dtype=np.float32) - pixels)
    return Image.fromarray(warm.round().astype(np.uint8))


def whereabouts(heat: Heat) -> str:
    """Return where the centre of the heat lies: `upper left`; `nowhere` if there is none."""
    total = sum(map(sum, heat))
    if not total:
        return "nowhere"
    down = _centre([sum(row) for row in heat]) / total
    right = _centre([sum(column) for column in zip(*heat, strict=True)]) / total
    vertical = _third(down, "upper", "lower")
    horizontal = _third(right, "left", "right")
    return " ".join(part for part in (vertical, horizontal) if part) or "middle"


def _centre(sums: Sequence[float]) -> float:
    """Return the first moment; the whole side is 1."""
    return sum(value * (place + 0.5) / len(sums) for place, value in enumerate(sums))


def _third(share: float, low: str, high: str) -> str:
    # A centre of gravity seldom leaves the middle half: thirds would call all of it the middle.
    return low if share < 0.42 else high if share > 0.58 else ""
