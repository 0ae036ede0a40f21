"""Paint the places where figures stand: forest, snow, river, meadow and night."""

import random
from dataclasses import dataclass

from bear_tui.data.drawing.brush import Brush, Colour, mix


@dataclass(frozen=True)
class Place:
    """The colours of a place, and what grows in it."""

    sky: Colour
    horizon: Colour
    far: Colour
    ground: Colour
    tree: Colour
    speck: Colour
    """Flowers, snowflakes or stars."""
    specks_fall: bool = False
    water: Colour | None = None
    light: Colour | None = None
    """The sun or the moon."""


PLACES = (
    # forest
    Place(
        sky=(126, 158, 132),
        horizon=(196, 210, 168),
        far=(88, 118, 82),
        ground=(92, 104, 58),
        tree=(52, 84, 56),
        speck=(222, 190, 90),
    ),
    # snow
    Place(
        sky=(168, 192, 214),
        horizon=(232, 236, 240),
        far=(206, 216, 226),
        ground=(238, 240, 244),
        tree=(92, 112, 112),
        speck=(252, 252, 252),
        specks_fall=True,
    ),
    # river
    Place(
        sky=(150, 190, 214),
        horizon=(220, 226, 214),
        far=(120, 140, 104),
        ground=(128, 128, 84),
        tree=(66, 96, 66),
        speck=(240, 236, 220),
        water=(88, 136, 166),
    ),
    # meadow
    Place(
        sky=(132, 184, 226),
        horizon=(232, 234, 210),
        far=(130, 168, 96),
        ground=(124, 156, 72),
        tree=(78, 122, 62),
        speck=(236, 220, 230),
        light=(252, 228, 140),
    ),
    # night
    Place(
        sky=(22, 28, 58),
        horizon=(62, 66, 104),
        far=(34, 42, 58),
        ground=(40, 48, 50),
        tree=(24, 34, 42),
        speck=(236, 236, 210),
        light=(240, 236, 208),
        specks_fall=True,
    ),
    # autumn evening
    Place(
        sky=(232, 176, 140),
        horizon=(248, 222, 178),
        far=(160, 122, 108),
        ground=(146, 106, 70),
        tree=(104, 76, 62),
        speck=(230, 120, 80),
        light=(250, 206, 130),
    ),
)


def paint_place(brush: Brush, place: Place, chance: random.Random) -> float:
    """Paint sky, hills, trees and ground on a canvas from -1 to 1; return the horizon's height."""
    for step in range(12):
        top = -1 + step / 8
        brush.box(-1.1, top, 1.1, top + 0.2, mix(place.sky, place.horizon, step / 11))
    if place.light is not None:
        x, y = chance.uniform(-0.8, 0.8), chance.uniform(-0.85, -0.4)
        brush.dot(x, y, 0.2, mix(place.sky, place.light, 0.35))
        brush.dot(x, y, chance.uniform(0.1, 0.15), place.light)
    horizon = chance.uniform(-0.1, 0.35)
    for _ in range(3):
        x, width = chance.uniform(-1, 1), chance.uniform(0.5, 0.9)
        brush.blob(x, horizon + 0.12, width, chance.uniform(0.2, 0.5), place.far)
    for _ in range(chance.randint(3, 8)):
        tall = chance.uniform(0.3, 0.9)
        colour = mix(place.tree, place.horizon, chance.uniform(0, 0.45))
        _paint_pine(brush.at(chance.uniform(-1, 1), horizon + 0.1, tall), colour, place.far)
    brush.box(-1.1, horizon, 1.1, 1.1, place.ground)
    brush.blob(chance.uniform(-0.6, 0.6), horizon, 1.2, 0.08, mix(place.ground, place.far, 0.4))
    if place.water is not None:
        _paint_water(brush, horizon, place.water, chance)
    for _ in range(chance.randint(10, 34)):
        top = -1.0 if place.specks_fall else horizon
        y = chance.uniform(top, 0.1 if place.light and place.specks_fall else 1)
        brush.dot(chance.uniform(-1, 1), y, chance.uniform(0.008, 0.028), place.speck)
    for _ in range(chance.randint(0, 3)):
        x, y = chance.uniform(-1, 1), chance.uniform(horizon + 0.1, 0.95)
        size = chance.uniform(0.06, 0.2)
        brush.blob(x, y, size * 1.3, size * 0.8, mix(place.ground, (90, 86, 90), 0.6))
    return horizon


def paint_front(brush: Brush, place: Place, chance: random.Random) -> None:
    """Paint grass, drifts or a bush that hides a part of the figure."""
    kind = chance.random()
    if kind < 0.35:
        colour = mix(place.ground, place.tree, chance.uniform(0.2, 0.6))
        for _ in range(chance.randint(14, 40)):
            x, tall = chance.uniform(-1.05, 1.05), chance.uniform(0.1, 0.36)
            tip = x + chance.uniform(-0.1, 0.1)
            brush.shape([(x - 0.03, 1.05), (tip, 1 - tall), (x + 0.03, 1.05)], colour)
    elif kind < 0.6:
        x, y = chance.choice((-1, 1)) * chance.uniform(0.45, 0.9), chance.uniform(0.7, 1)
        colour = mix(place.tree, place.ground, chance.uniform(0.1, 0.5))
        for _ in range(6):
            at = x + chance.uniform(-0.22, 0.22), y + chance.uniform(-0.2, 0.1)
            brush.dot(
                *at, chance.uniform(0.1, 0.2), mix(colour, place.horizon, chance.random() / 4)
            )
    elif kind < 0.75:
        x = chance.choice((-1, 1)) * chance.uniform(0.35, 0.9)
        width = chance.uniform(0.05, 0.11)
        trunk = mix(place.tree, (64, 48, 40), 0.6)
        brush.box(x - width, -1.1, x + width, 1.1, trunk)
        brush.box(x - width, -1.1, x - width * 0.4, 1.1, mix(trunk, place.horizon, 0.2))


def _paint_pine(brush: Brush, colour: Colour, far: Colour) -> None:
    brush.box(-0.05, -0.2, 0.05, 0.1, mix(colour, far, 0.5))
    for top, bottom, width in ((-1, -0.55, 0.22), (-0.75, -0.3, 0.3), (-0.5, 0, 0.38)):
        brush.shape([(-width, bottom), (0, top), (width, bottom)], colour)


def _paint_water(brush: Brush, horizon: float, water: Colour, chance: random.Random) -> None:
    low = horizon + chance.uniform(0.1, 0.25)
    deep = low + chance.uniform(0.2, 0.45)
    brush.shape([(-1.1, low), (1.1, low - 0.08), (1.1, deep), (-1.1, deep + 0.1)], water)
    for _ in range(9):
        x, y = chance.uniform(-1, 0.9), chance.uniform(low + 0.02, deep)
        brush.line([(x, y), (x + chance.uniform(0.08, 0.2), y)], 0.015, mix(water, (255,) * 3, 0.4))
