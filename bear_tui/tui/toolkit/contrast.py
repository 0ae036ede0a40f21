"""Themes that are not ours, with text that can be read: contrast is computed, hues are kept."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rich.color import ColorSystem
from textual.color import BLACK, WHITE, Color, ColorParseError

LEAST, LEAST_OF_256 = 4.5, 3.0
"""Of WCAG 2, for text and for large text. Of 256 colours few are near: to ask more of those would
make all hues of some themes alike where there are millions."""
_ON_THE_SCREEN = ("background", "surface")
_WRITTEN = {
    **dict.fromkeys(
        (
            *("foreground-muted", "primary", "secondary", "accent", "success", "warning"),
            *("error", "text-success", "text-warning", "text-error"),
        ),
        _ON_THE_SCREEN,
    ),
    "foreground": (*_ON_THE_SCREEN, "panel"),
    "footer-foreground": ("footer-background",),
    "footer-key-foreground": ("footer-background",),
    "block-cursor-foreground": ("block-cursor-background",),
    "block-cursor-blurred-foreground": ("block-cursor-blurred-background",),
}
"""What text is written in, and what lies behind it."""


def legible(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables, each colour of text moved towards black or white as far as it must be.

    Colours of the terminal itself are nobody's to compute: of these, quiet text is plain text.
    """
    if variables["background"].startswith("ansi"):
        return {**variables, "muted": "ansi_default"}
    found = dict(variables)
    for name, behind in _WRITTEN.items():
        under = tuple(variables[one] for one in behind)
        found[name] = _readable(variables[name], variables["background"], under)
    return {**found, "muted": found["foreground-muted"]}


@lru_cache(maxsize=512)
def _readable(text: str, background: str, behind: tuple[str, ...]) -> str:
    """The colour nearest to `text` that stands out from all of `behind`."""
    try:
        ground = Color.parse(background)
        grounds = [ground + Color.parse(one) for one in behind]
        color = ground + Color.parse(text)
    except ColorParseError:  # `auto`: Textual itself takes black or white
        return text
    if _stands_out(color, grounds) >= 1:
        return text
    steps = [color.blend(pole, step / 20) for step in range(1, 21) for pole in (BLACK, WHITE)]
    enough = (one for one in steps if _stands_out(one, grounds) >= 1)
    return next(enough, max(steps, key=lambda one: _stands_out(one, grounds))).hex


def _stands_out(text: Color, grounds: Iterable[Color]) -> float:
    """The least contrast as a multiple of what is enough, with 16 million colours and with 256."""
    coarse = _of_256(text)
    return min(
        min(_contrast(text, one) / LEAST, _contrast(coarse, _of_256(one)) / LEAST_OF_256)
        for one in grounds
    )


def _of_256(color: Color) -> Color:
    return Color(*color.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor())


def _contrast(one: Color, other: Color) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    """Of light that adds up, weighted as eyes do."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
