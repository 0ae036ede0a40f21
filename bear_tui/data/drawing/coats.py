"""Choose colours that bears, other animals and things share, so that colour tells nothing."""

import math
import random
from dataclasses import dataclass

from bear_tui.data.drawing.brush import Colour, mix


@dataclass(frozen=True)
class Coat:
    """The colours of one figure."""

    fur: Colour
    light: Colour
    """Muzzle, belly, inside of ears, windows."""
    dark: Colour
    """Eyes, nose, tyres."""
    accent: Colour
    """A scarf, a door, a stripe."""

    @property
    def shade(self) -> Colour:
        """Return the colour of the fur in the shade."""
        return mix(self.fur, (20, 14, 24), 0.28)

    @property
    def shine(self) -> Colour:
        """Return the colour of the fur in the light."""
        return mix(self.fur, (255, 244, 220), 0.16)


_FURS: tuple[Colour, ...] = (
    (122, 78, 46),  # brown
    (86, 56, 38),  # dark brown
    (46, 40, 42),  # black
    (168, 112, 62),  # cinnamon
    (204, 158, 98),  # honey
    (232, 226, 212),  # polar
    (138, 132, 130),  # grey
    (178, 92, 50),  # rust
)
_ACCENTS: tuple[Colour, ...] = (
    (200, 54, 50),
    (52, 104, 178),
    (236, 178, 48),
    (64, 142, 86),
    (146, 84, 160),
    (240, 236, 226),
)


# A fur closer than this to the colours behind it cannot be seen at 32 pixels.
_NEAR = 70


def choose_coat(chance: random.Random, behind: tuple[Colour, ...]) -> Coat:
    """Return a coat with a slight tint that stands out from the colours `behind` it."""

    def tinted(colour: Colour) -> Colour:
        red, green, blue = (min(255, max(0, part + chance.randint(-14, 14))) for part in colour)
        return red, green, blue

    seen = [fur for fur in _FURS if all(math.dist(fur, colour) > _NEAR for colour in behind)]
    fur = tinted(chance.choice(seen))
    part = chance.uniform(0.45, 0.65)
    return Coat(
        fur=fur,
        # A muzzle that would vanish on a white fur is sand-coloured instead.
        light=mix(fur, (192, 160, 124) if min(fur) > 170 else (250, 226, 188), part),
        dark=mix(fur, (18, 14, 16), 0.86),
        accent=tinted(chance.choice(_ACCENTS)),
    )
