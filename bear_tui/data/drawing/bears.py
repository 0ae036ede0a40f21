"""Paint bears: a face, one sitting, one walking. Round ears and a light muzzle make the bear."""

import random

from bear_tui.data.drawing.brush import Brush
from bear_tui.data.drawing.coats import Coat

_WHITE = (250, 250, 248)


def bear_face(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a head from the front."""
    apart, ear = chance.uniform(0.58, 0.7), chance.uniform(0.27, 0.35)
    wide, high = chance.uniform(0.82, 0.92), chance.uniform(0.74, 0.84)
    brush.pair(apart, -0.62, ear, ear, coat.fur)
    brush.pair(apart, -0.6, ear * 0.58, ear * 0.58, coat.light)
    brush.blob(0, 0.04, wide, high, coat.shade)
    brush.blob(0, 0, wide, high * 0.97, coat.fur)
    brush.blob(-0.2, -0.38, wide * 0.5, high * 0.36, coat.shine, -0.3)
    low = chance.uniform(0.28, 0.36)
    brush.blob(0, low, chance.uniform(0.38, 0.46), chance.uniform(0.31, 0.37), coat.light)
    brush.blob(0, low - 0.16, 0.16, 0.11, coat.dark)
    brush.blob(-0.05, low - 0.2, 0.05, 0.025, _WHITE)
    mouth = low + 0.12
    brush.line([(0, low - 0.06), (0, mouth)], 0.035, coat.dark)
    brush.line([(-0.17, mouth - 0.01), (-0.08, mouth + 0.06), (0, mouth)], 0.035, coat.dark)
    brush.line([(0.17, mouth - 0.01), (0.08, mouth + 0.06), (0, mouth)], 0.035, coat.dark)
    eyes, radius = chance.uniform(0.3, 0.38), chance.uniform(0.075, 0.1)
    brush.pair(eyes, -0.12, radius, radius * 1.1, coat.dark)
    brush.dot(-eyes + 0.03, -0.16, radius * 0.38, _WHITE)
    brush.dot(eyes + 0.03, -0.16, radius * 0.38, _WHITE)


def bear_sitting(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a bear from the front, sitting, perhaps with a scarf."""
    brush.pair(0.52, 0.34, 0.2, 0.4, coat.shade, -0.35)
    brush.blob(0, 0.44, 0.58, 0.54, coat.fur)
    brush.blob(0, 0.5, 0.36, 0.38, coat.light)
    brush.pair(0.46, 0.82, 0.27, 0.2, coat.fur)
    brush.pair(0.48, 0.84, 0.14, 0.11, coat.light)
    if chance.random() < 0.4:
        brush.pair(0.44, 0.2, 0.16, 0.36, coat.fur, 0.5)
    else:
        brush.pair(0.55, 0.12, 0.16, 0.34, coat.fur, -0.9 + chance.uniform(0, 0.6))
    bear_face(brush.at(0, -0.28, 0.7, chance.uniform(-0.15, 0.15)), coat, chance)
    if chance.random() < 0.35:
        brush.blob(0, 0.26, 0.42, 0.11, coat.accent)
        brush.shape([(0.14, 0.28), (0.34, 0.28), (0.4, 0.62), (0.22, 0.64)], coat.accent)


def bear_walking(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a bear from the side, on four paws, with its face to the viewer."""
    stride = chance.uniform(0.02, 0.12)
    for x, step in ((-0.3, -stride), (0.62, stride)):
        brush.shape(_leg(x, step), coat.shade)
    brush.dot(0.88, 0.02, 0.1, coat.shade)
    brush.blob(0.2, 0.12, 0.7, 0.4, coat.fur)
    brush.blob(-0.12, -0.04, 0.36, 0.34, coat.fur)
    brush.blob(0.2, -0.08, 0.5, 0.16, coat.shine)
    for x, step in ((-0.16, stride), (0.5, -stride)):
        brush.shape(_leg(x, step), coat.fur)
        brush.blob(x + step - 0.03, 0.8, 0.17, 0.08, coat.dark)
    face = brush.at(-0.46, chance.uniform(-0.28, -0.06), 0.54, chance.uniform(-0.2, 0.2))
    bear_face(face, coat, chance)


def _leg(x: float, step: float) -> list[tuple[float, float]]:
    return [(x - 0.17, 0.2), (x + 0.17, 0.2), (x + 0.13 + step, 0.86), (x - 0.14 + step, 0.86)]


BEARS = (bear_face, bear_sitting, bear_walking)
