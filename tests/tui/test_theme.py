"""Colours that can be read: computed for each of our themes as Textual resolves it."""

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.color import ColorSystem
from textual.color import Color, rgb_to_lab
from textual.theme import BUILTIN_THEMES

from bear_tui.tui.app import BearApp
from bear_tui.tui.toolkit.theme import CONTRAST, DARK, OWN

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


def of_256(color: Color) -> Color:
    """What a terminal without COLORTERM shows of it."""
    return Color(*color.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor())


@pytest.mark.parametrize("shown", [Color.parse, lambda color: of_256(Color.parse(color))])
@pytest.mark.parametrize("theme", [theme.name for theme in OWN])
async def test_text_stands_out_from_what_is_behind_it_in_256_colours_too(
    theme: str, shown: Callable[[str], Color]
) -> None:
    app = BearApp()
    app.theme = theme
    found = app.get_css_variables()
    least = 7.0 if theme == CONTRAST.name else 4.5
    colors = {name: shown(found[name]) for pair in PAIRS for name in pair}
    weak = {
        pair: round(contrast(colors[pair[0]], colors[pair[1]]), 2)
        for pair in PAIRS
        if contrast(colors[pair[0]], colors[pair[1]]) < least
    }
    assert weak == {}


OTHERS = [name for name in BUILTIN_THEMES if not name.startswith("ansi")]


def colours(theme: str) -> dict[str, str]:
    """The variables that the app's styles know under a theme."""
    app = BearApp()
    app.theme = theme
    found = app.get_css_variables()
    assert app.theme_variables == found, "colours named in texts are the same"
    return found


@pytest.mark.parametrize("theme", OTHERS)
def test_text_stands_out_in_the_themes_of_others_too(theme: str) -> None:
    found = colours(theme)
    ground, weak = Color.parse(found["background"]), {}
    for name, other in PAIRS:
        if found[name].startswith("auto"):  # Textual takes black or white itself
            continue
        behind = ground + Color.parse(found[other])
        text = behind + Color.parse(found[name])
        all_colours, of_few = contrast(text, behind), contrast(of_256(text), of_256(behind))
        if all_colours < 4.5 or of_few < 3:
            weak[name, other] = round(all_colours, 2), round(of_few, 2)
    assert weak == {}


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
def test_quiet_text_in_the_terminals_own_colours_is_its_own_text(theme: str) -> None:
    assert colours(theme)["muted"] == "ansi_default"


@pytest.mark.parametrize("shown", [Color.parse, lambda color: of_256(Color.parse(color))])
@pytest.mark.parametrize("theme", [*OTHERS, *(theme.name for theme in OWN)])
def test_a_warning_has_another_colour_than_what_is_chosen_and_what_is_wrong(
    theme: str, shown: Callable[[str], Color]
) -> None:
    found = colours(theme)
    warning = rgb_to_lab(shown(found["text-warning"]))
    for name in ("primary", "text-error"):
        other = rgb_to_lab(shown(found[name]))
        apart = math.dist((warning.L, warning.a, warning.b), (other.L, other.a, other.b))
        assert apart > 10, f"{name} is like a warning"


def test_the_contrast_theme_has_only_colours_of_the_256() -> None:
    steps = (0, 95, 135, 175, 215, 255)
    greys = range(8, 239, 10)
    parts = (
        CONTRAST.primary,
        CONTRAST.foreground,
        CONTRAST.background,
        CONTRAST.error,
        CONTRAST.warning,
    )
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


def test_text_under_a_cursor_stands_out_on_every_screen() -> None:
    looks = Path(__file__).with_name("__snapshots__") / "test_looks"
    behind, weak, found = of_256(Color.parse(DARK.primary)), {}, 0
    for file in looks.glob("*.txt"):
        for text in re.findall(rf"^\S .*(#\w{{6}}) on {DARK.primary}$", file.read_text(), re.M):
            found += 1
            if contrast(of_256(Color.parse(text)), behind) < 4.5:
                weak[file.name] = text
    assert found > 20, "the looks are read"
    assert weak == {}
