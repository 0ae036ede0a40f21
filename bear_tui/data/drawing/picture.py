"""Draw a sample photo: a place, a figure, something in front, and a camera's flaws."""

import math
import random

import numpy as np
from PIL import Image, ImageDraw

from bear_tui.data.drawing.bears import BEARS
from bear_tui.data.drawing.brush import Brush, mix
from bear_tui.data.drawing.coats import choose_coat
from bear_tui.data.drawing.others import OTHERS
from bear_tui.data.drawing.scenes import PLACES, paint_front, paint_place

SIDE = 160
# Drawn larger and reduced, so that edges are smooth.
_TIMES = 2
# How large a figure is, as a part of the picture.
_SIZES = (0.8, 0.95)
_FEET = 0.88
_TURN = 0.12
_DIM = (0.88, 1.08)


def draw_picture(bear: bool, chance: random.Random) -> Image.Image:
    """Return a picture of `SIDE` pixels with a bear or with something else.

    Everything but the figure has the same distribution, so a model must learn shapes.
    """
    image = Image.new("RGB", (SIDE * _TIMES, SIDE * _TIMES))
    half = SIDE * _TIMES / 2
    canvas = Brush(ImageDraw.Draw(image), half, half, half)
    place = chance.choice(PLACES)
    horizon = paint_place(canvas, place, chance)
    coat = choose_coat(chance, (place.ground, place.far))
    size = chance.uniform(*_SIZES)
    x = chance.uniform(-1, 1) * (1.05 - size)
    # Feet on the ground, between the horizon and the lower edge.
    y = chance.uniform(max(horizon + 0.1, _FEET), 1.05) - size
    turn, mirrored = chance.uniform(-_TURN, _TURN), chance.random() < 0.5
    canvas.blob(x, y + size * 0.9, size * 0.8, size * 0.13, mix(place.ground, (24, 22, 30), 0.35))
    figure = chance.choice(BEARS if bear else OTHERS)
    figure(canvas.at(x, y, size, turn, mirrored), coat, chance)
    paint_front(canvas, place, chance)
    return _photographed(image.reduce(_TIMES), chance)


def _photographed(image: Image.Image, chance: random.Random) -> Image.Image:
    """Add uneven light, a tint and grain, as a camera does."""
    pixels = np.asarray(image, dtype=np.float32)
    grain = np.random.default_rng(chance.getrandbits(64)).standard_normal(
        (SIDE, SIDE, 1), dtype=np.float32
    )
    across = np.linspace(-1, 1, SIDE, dtype=np.float32)
    angle, strength = chance.uniform(0, math.tau), chance.uniform(0, 0.15)
    slope = across[None, :] * math.cos(angle) + across[:, None] * math.sin(angle)
    light = chance.uniform(*_DIM) * (1 + strength * slope)[:, :, None]
    tint = np.array([chance.uniform(0.93, 1.07) for _ in range(3)], dtype=np.float32)
    lit = pixels * light * tint + grain * chance.uniform(2, 6)
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8))
