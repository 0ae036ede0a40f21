"""Colours that can be read: computed for each of our themes as Textual resolves it."""

import itertools
from pathlib import Path

import pytest
from textual.color import Color

from bear_tui.tui.app import BearApp
from bear_tui.tui.theme import CONTRAST, OWN

TEXT = (
    "foreground",
    "muted",
    "foreground-muted",
    "primary",
    "secondary",
    "success",
    "warning",
    "error",
    "text-success",
    "text-warning",
    "text-error",
)
PAIRS = (
    *itertools.product(TEXT, ("background", "surface")),
    ("background", "primary"),  # the tab that is open
    ("foreground", "panel"),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("footer-foreground", "footer-background"),
    ("footer-key-foreground", "footer-background"),
)


def luminance(color: Color) -> float:
    """Of WCAG 2: linear light, weighted as eyes do."""
    parts = [part / 255 for part in color.rgb]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """From 1, the same, to 21, black on white."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#767676"), Color.parse("#fff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [theme.name for theme in OWN])
async def test_text_stands_out_from_what_is_behind_it(theme: str) -> None:
    app = BearApp()
    app.theme = theme
    found = app.get_css_variables()
    least = 7.0 if theme == CONTRAST.name else 4.5
    colors = {name: Color.parse(found[name]) for pair in PAIRS for name in pair}
    weak = {
        pair: round(contrast(colors[pair[0]], colors[pair[1]]), 2)
        for pair in PAIRS
        if contrast(colors[pair[0]], colors[pair[1]]) < least
    }
    assert weak == {}


def test_the_contrast_theme_has_only_colours_of_the_256() -> None:
    steps = (0, 95, 135, 175, 215, 255)
    greys = range(8, 239, 10)
    parts = (CONTRAST.primary, CONTRAST.foreground, CONTRAST.background, CONTRAST.error)
    for value in (*parts, *CONTRAST.variables.values()):
        rgb = Color.parse((value or "").split()[0]).rgb
        grey = len(set(rgb)) == 1 and rgb[0] in greys
        assert grey or all(part in steps for part in rgb), value


async def test_another_theme_reaches_the_screens_that_are_not_seen(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:

        async def colours() -> list[object]:
            await pilot.pause(0.2)
            assert app.current_mode == "model"
            return [(one.styles.background, one.styles.color) for one in app.screen.query("*")]

        for key in ("2", "1"):
            await pilot.press(key)
            await pilot.pause(0.2)
        app.theme = "bear-light"
        await pilot.press("2")
        seen_later = await colours()
        app.theme = "bear-dark"
        assert await colours() != seen_later
        app.theme = "bear-light"
        assert await colours() == seen_later
