"""Where the keyboard is can be seen, without colours too: by a mark or by strong greys."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from textual.app import App
from textual.color import Color

from tests.tui.scenes import SCENES, make_fixture
from tests.tui.snapshot import still_look
from tests.tui.test_theme import contrast

pytestmark = pytest.mark.slow  # together more than half a minute


WALKED = (
    "dataset_used_before",
    "dataset_done",
    "prepare_form",
    "prepare_plan",
    "model_ready",
    "train_log",
    "results_done",
    "predict_done",
    "coco_categories",
)
"""Screens with several parts that take the keyboard."""
LOW, WIDE = (80, 24), (120, 40)
SEEN = (
    *((name, WIDE, "") for name in WALKED),
    *(("results_done", LOW, ""), ("coco_categories", LOW, "")),
    *((name, WIDE, "bear-light") for name in ("model_ready", "coco_categories")),
    *((name, WIDE, "bear-contrast") for name in ("train_log", "prepare_form")),
)


@pytest.mark.parametrize(("name", "size", "theme"), SEEN)
async def test_every_part_that_has_the_keyboard_looks_different(
    name: str, size: tuple[int, int], theme: str, tmp_path: Path
) -> None:
    async with make_fixture(tmp_path, theme) as fixture:
        app, prepare = SCENES[name](fixture)
        async with app.run_test(size=size) as pilot:
            await prepare(pilot)
            looks: dict[str, list[Cell]] = {}
            for _ in range(len(app.screen.focus_chain)):
                app.screen.focus_next()
                await still_look(pilot)
                looks[str(app.focused)] = list(cells(app))[: -size[0]]  # not by its keys below
            assert len(looks) > 1
            same = [
                (one, other)
                for one, look in looks.items()
                for other, other_look in looks.items()
                if one < other and look == other_look
            ]
            assert same == []
            fixture.end(app)


@pytest.mark.parametrize("name", WALKED)
async def test_without_colours_it_is_seen_as_well(name: str, tmp_path: Path) -> None:
    async with make_fixture(tmp_path) as fixture:
        fixture.patch.setenv("NO_COLOR", "1")
        app, prepare = SCENES[name](fixture)
        async with app.run_test(size=(120, 40)) as pilot:
            await prepare(pilot)
            looks: dict[str, list[Cell]] = {}
            for _ in range(len(app.screen.focus_chain)):
                app.screen.focus_next()
                await still_look(pilot)
                looks[str(app.focused)] = list(cells(app))
            alike = [
                (one, other)
                for one, other in combinations(looks, 2)
                if not any(map(tell_apart, looks[one], looks[other]))
            ]
            assert alike == []
            fixture.end(app)


Cell = tuple[str, Style]


def cells(app: App[Any]) -> Iterator[Cell]:
    """Every character of the screen with its style."""
    for strip in app.screen._compositor.render_strips(app.screen.size):
        for text, style, _ in strip:
            yield from ((character, style or Style()) for character in text)


def tell_apart(one: Cell, other: Cell) -> bool:
    """Whether a person tells two cells apart who sees no colours."""
    (character, style), (other_character, other_style) = one, other
    if character != other_character or style is other_style:
        return character != other_character
    marks = ("bold", "underline", "reverse")
    if character != " " and any(
        bool(getattr(style, mark)) != bool(getattr(other_style, mark)) for mark in marks
    ):
        return True
    shades = style.bgcolor, other_style.bgcolor
    if None in shades:
        return False
    before, after = (Color.from_rich_color(shade) for shade in shades)
    assert before.r == before.g == before.b, "a grey"
    return contrast(before, after) > 3
