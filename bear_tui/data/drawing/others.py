"""Paint what is not a bear: animals with other ears, and things in the same colours."""

import math
import random

from bear_tui.data.drawing.brush import Brush, mix
from bear_tui.data.drawing.coats import Coat

_WHITE = (250, 250, 248)
_PINK = (226, 138, 138)
_LEAF = (70, 120, 62)
_GLASS = (178, 212, 226)


def cat_face(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a cat: pointed ears, whiskers, slit eyes; with white cheeks it is a fox."""
    tall = chance.uniform(0.95, 1.15)
    for side in (-1, 1):
        brush.shape([(side * 0.86, -0.1), (side * 0.74, -tall), (side * 0.12, -0.6)], coat.fur)
        brush.shape([(side * 0.74, -0.3), (side * 0.68, -tall * 0.84), (side * 0.3, -0.56)], _PINK)
    brush.blob(0, 0.08, 0.88, 0.7, coat.shade)
    brush.blob(0, 0.05, 0.88, 0.68, coat.fur)
    for x in (-0.18, 0, 0.18):
        brush.line([(x, -0.58), (x * 0.8, -0.32)], 0.07, coat.shade)
    if chance.random() < 0.4:
        brush.pair(0.4, 0.36, 0.38, 0.26, coat.light, -0.4)
    eyes = chance.uniform(0.33, 0.42)
    brush.pair(eyes, -0.04, 0.15, 0.13, mix(coat.accent, (220, 220, 120), 0.6))
    brush.pair(eyes, -0.04, 0.045, 0.12, coat.dark)
    brush.shape([(-0.1, 0.22), (0.1, 0.22), (0, 0.34)], _PINK)
    brush.line([(-0.18, 0.42), (-0.08, 0.47), (0, 0.36), (0.08, 0.47), (0.18, 0.42)], 0.03, _PINK)
    for side in (-1, 1):
        for high in (0.24, 0.38):
            ends = [(side * 0.3, 0.34), (side * 1.05, high)]
            brush.line(ends, 0.022, mix(coat.light, _WHITE, 0.5))


def cat_sitting(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a sitting cat: a slim body and a long tail."""
    curl = chance.uniform(0, 0.3)
    for step in range(16):
        angle = step / 15 * math.pi
        x, y = 0.36 + 0.42 * math.sin(angle * 0.62), 0.84 - (0.3 + curl) * (1 - math.cos(angle))
        brush.dot(x, y, 0.085, coat.shade)
    brush.shape([(-0.2, -0.1), (0.2, -0.1), (0.46, 0.9), (-0.46, 0.9)], coat.fur)
    brush.blob(0, 0.66, 0.48, 0.3, coat.fur)
    brush.blob(0, 0.3, 0.17, 0.26, coat.light)
    brush.pair(0.16, 0.88, 0.15, 0.09, coat.light)
    cat_face(brush.at(0, -0.36, 0.5, chance.uniform(-0.15, 0.15)), coat, chance)


def rabbit(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a rabbit: long ears above a small face."""
    lean = chance.uniform(0.05, 0.4)
    brush.pair(0.3, -0.62, 0.16, 0.52, coat.fur, lean)
    brush.pair(0.3, -0.6, 0.08, 0.4, _PINK, lean)
    if chance.random() < 0.5:
        brush.blob(0, 0.86, 0.62, 0.5, coat.shade)
        brush.blob(0, 0.9, 0.4, 0.36, coat.light)
    brush.blob(0, 0.24, 0.56, 0.5, coat.fur)
    brush.pair(0.28, 0.12, 0.09, 0.12, coat.dark)
    brush.pair(0.13, 0.44, 0.16, 0.13, coat.light)
    brush.shape([(-0.08, 0.3), (0.08, 0.3), (0, 0.4)], _PINK)
    brush.box(-0.07, 0.54, 0.07, 0.68, _WHITE)


def bird(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a bird from the side: a beak, a wing and thin legs."""
    for x in (-0.05, 0.18):
        brush.line([(x, 0.5), (x - 0.02, 0.9), (x - 0.16, 0.94)], 0.045, coat.dark)
    brush.shape([(0.4, 0.1), (1, -0.2), (0.94, 0.16), (0.5, 0.4)], coat.shade)
    brush.blob(0.06, 0.14, 0.6, 0.46, coat.fur, -0.2)
    brush.blob(-0.1, 0.28, 0.38, 0.28, coat.light, -0.2)
    brush.blob(0.26, 0.08, 0.38, 0.22, coat.shade, 0.4 - chance.uniform(0, 0.8))
    brush.dot(-0.42, -0.34, 0.32, coat.fur)
    beak = mix(coat.accent, (240, 170, 40), 0.6)
    brush.shape([(-0.7, -0.42), (-1.04, -0.28), (-0.68, -0.2)], beak)
    brush.dot(-0.5, -0.4, 0.075, _WHITE)
    brush.dot(-0.51, -0.4, 0.045, coat.dark)


def owl(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint an owl: large round eyes, a beak and feather tufts."""
    for side in (-1, 1):
        brush.shape([(side * 0.62, -0.44), (side * 0.6, -1), (side * 0.16, -0.72)], coat.fur)
    brush.blob(0, 0.1, 0.68, 0.86, coat.fur)
    brush.pair(0.6, 0.24, 0.18, 0.5, coat.shade, -0.15)
    brush.blob(0, 0.4, 0.42, 0.48, coat.light)
    for row in range(3):
        for x in (-0.2, 0, 0.2):
            brush.line(
                [(x - 0.08, 0.2 + row * 0.2), (x, 0.28 + row * 0.2), (x + 0.08, 0.2 + row * 0.2)],
                0.035,
                coat.fur,
            )
    brush.pair(0.29, -0.36, 0.28, 0.28, coat.light)
    look = chance.uniform(-0.06, 0.06)
    for x in (-0.29, 0.29):
        brush.dot(x, -0.36, 0.19, mix(coat.accent, (240, 200, 60), 0.7))
        brush.dot(x + look, -0.36, 0.11, coat.dark)
    brush.shape([(-0.1, -0.24), (0.1, -0.24), (0, 0)], (222, 152, 52))
    brush.pair(0.22, 0.94, 0.16, 0.07, (222, 152, 52))


def car(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a car from the side, with two wheels."""
    long = chance.uniform(0.44, 0.62)
    brush.shape([(-long, -0.02), (-0.34, -0.46), (0.3, -0.46), (long, -0.02)], coat.fur)
    brush.shape([(-long + 0.14, -0.04), (-0.3, -0.38), (-0.04, -0.38), (-0.04, -0.04)], _GLASS)
    brush.shape([(0.04, -0.04), (0.04, -0.38), (0.26, -0.38), (long - 0.14, -0.04)], _GLASS)
    brush.box(-0.94, -0.04, 0.94, 0.38, coat.fur)
    brush.box(-0.94, 0.16, 0.94, 0.24, coat.accent)
    brush.blob(-0.9, 0.06, 0.07, 0.09, (250, 236, 160))
    brush.blob(0.9, 0.06, 0.06, 0.09, (200, 60, 50))
    for x in (-0.52, 0.52):
        brush.dot(x, 0.4, 0.25, coat.dark)
        brush.dot(x, 0.4, 0.12, coat.light)


def house(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a house: walls, a pointed roof, a door and windows."""
    high = chance.uniform(0.75, 1)
    brush.box(0.36, -high * 0.9, 0.54, -0.3, coat.shade)
    brush.box(-0.72, -0.2, 0.72, 0.9, coat.light)
    brush.shape([(-0.94, -0.14), (0, -high), (0.94, -0.14)], coat.fur)
    brush.box(-0.16, 0.34, 0.16, 0.9, coat.accent)
    brush.dot(0.09, 0.62, 0.03, coat.dark)
    for x in (-0.46, 0.46):
        brush.box(x - 0.17, 0.02, x + 0.17, 0.36, coat.dark)
        brush.box(x - 0.13, 0.06, x + 0.13, 0.32, (246, 222, 140))


def tree(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a tree, sometimes in autumn colours, with fruit."""
    brush.shape([(-0.12, 0), (0.12, 0), (0.2, 0.96), (-0.2, 0.96)], coat.shade)
    crown = coat.fur if chance.random() < 0.5 else _LEAF
    for x, y, radius in ((-0.42, -0.14, 0.42), (0.42, -0.1, 0.42), (0, -0.5, 0.48)):
        brush.dot(x, y, radius, mix(crown, coat.dark, 0.12))
        brush.dot(x - 0.05, y - 0.06, radius * 0.86, crown)
    for _ in range(7):
        brush.dot(chance.uniform(-0.6, 0.6), chance.uniform(-0.7, 0.1), 0.07, coat.accent)


def cup(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a mug with a handle, a stripe and steam."""
    brush.blob(0.6, 0.2, 0.36, 0.36, coat.shade)
    brush.blob(0.6, 0.2, 0.2, 0.2, coat.light)
    brush.shape([(-0.62, -0.36), (0.62, -0.36), (0.5, 0.84), (-0.5, 0.84)], coat.fur)
    brush.blob(0, 0.84, 0.5, 0.1, coat.fur)
    brush.shape([(-0.6, 0), (0.6, 0), (0.57, 0.26), (-0.57, 0.26)], coat.accent)
    brush.blob(0, -0.36, 0.62, 0.15, coat.light)
    brush.blob(0, -0.34, 0.53, 0.11, coat.dark)
    for x in (-0.2, 0.14):
        sway = chance.uniform(0.05, 0.12)
        brush.line([(x, -0.5), (x + sway, -0.66), (x, -0.82), (x + sway, -1)], 0.06, _WHITE)


def ball(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a ball: round like a head, but striped and without a face."""
    turned = brush.at(0, 0, 1, chance.uniform(-1.5, 1.5))
    turned.dot(0, 0, 0.84, coat.fur)
    turned.blob(0, 0, 0.56, 0.84, coat.light)
    turned.blob(0, 0, 0.24, 0.84, coat.accent)
    turned.dot(0, -0.76, 0.12, coat.dark)
    brush.blob(-0.34, -0.42, 0.14, 0.09, _WHITE, -0.7)


def mushroom(brush: Brush, coat: Coat, chance: random.Random) -> None:
    """Paint a mushroom: a dotted cap on a light stem."""
    brush.shape([(-0.2, 0), (0.2, 0), (0.3, 0.92), (-0.3, 0.92)], coat.light)
    brush.blob(0, -0.14, 0.88, 0.66, coat.fur)
    brush.shape([(-0.9, -0.02), (0.9, -0.02), (0.6, 0.3), (-0.6, 0.3)], coat.light)
    brush.blob(0, 0.02, 0.88, 0.14, coat.shade)
    for _ in range(6):
        x, y = chance.uniform(-0.56, 0.56), chance.uniform(-0.58, -0.2)
        brush.blob(x, y, 0.11, 0.09, coat.accent)


# As many faces and animals as things, for those are easily mistaken for a bear.
OTHERS = (cat_face, cat_sitting, rabbit, bird, owl, car, house, tree, cup, ball, mushroom)
