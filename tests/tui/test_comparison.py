"""Comparing runs: the text, the overlaid curves, and the way there from screen 5."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from textual.content import Content

from bear_tui.run.folder import RunFolder
from bear_tui.run.ladder import rungs
from bear_tui.run.results.compare import compare
from bear_tui.tui.app import BearApp
from bear_tui.tui.render.comparison import comparison, table
from bear_tui.tui.render.overlay import overlay
from tests.tui.app_screen import shown, until
from tests.unit.sample_runs import predictions, sample_run


def runs(folder: Path, count: int = 2) -> list[RunFolder]:
    return [
        sample_run(folder / f"run-{n}", predictions(10 + 14 * n, 30 - 14 * n), epochs=10 + n)
        for n in range(count)
    ]


@pytest.mark.parametrize("width", [40, 76, 116])
def test_no_line_is_wider_than_the_screen_and_all_is_there(width: int, tmp_path: Path) -> None:
    text = comparison(compare(runs(tmp_path)), ["What it teaches."], width).plain
    joined = " ".join(text.split())
    for part in ("run-1", "B is better than A", "epochs 10 11", "60.0%", "What it teaches."):
        assert part in joined
    plain = [line for line in text.split("\n") if not line.startswith("A  run")]
    assert max(map(len, plain[3:])) <= width


def test_each_run_is_drawn_with_its_letter() -> None:
    series = {"A": [(1.0, 0.2), (4.0, 0.2)], "B": [(1.0, 0.8), (4.0, 0.8)]}
    lines = overlay("accuracy", series, 40, 10, percent=True).plain.split("\n")
    assert len(lines) == 10
    (first,) = [line for line in lines if "A" in line]
    (second,) = [line for line in lines if "B" in line]
    assert lines.index(second) < lines.index(first)
    assert first.rstrip().endswith("A")


def test_curves_that_meet_are_a_star_and_gaps_stay_empty() -> None:
    nan = float("nan")
    series = {"A": [(1.0, 0.5), (2.0, 0.5), (3.0, nan)], "B": [(2.0, 0.5), (4.0, 0.9)]}
    text = overlay("loss", series, 61, 8, percent=False).plain
    assert "*" in text
    assert "A" in text
    assert "B" in text


@pytest.mark.parametrize("series", [{}, {"A": []}, {"A": [(1.0, float("nan"))]}])
def test_a_chart_of_nothing_is_empty_but_whole(
    series: dict[str, list[tuple[float, float]]],
) -> None:
    assert len(overlay("loss", series, 40, 8, percent=False).plain.split("\n")) == 8
    assert overlay("loss", series, 3, 8, percent=False).plain == "los"


def test_wide_names_stay_aligned() -> None:
    text = table(("class", "A"), [("熊", "90.0%"), ("bear", "5.0%")], left=1)
    lengths = {Content(line).cell_length for line in text.plain.split("\n")}
    assert len(lengths) == 1


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_marked_runs_are_compared_and_escape_goes_back(
    size: tuple[int, int], tmp_path: Path
) -> None:
    runs(tmp_path, 3)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "run-0" in shown(app))
        assert "v compare" not in shown(app)
        await pilot.press("space", "space")
        await until(pilot, lambda: "A run-0" in shown(app) and "B run-1" in shown(app))
        await pilot.press("v")
        await until(pilot, lambda: "B is better than A" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "3 runs in" in shown(app))


async def test_a_mark_is_taken_off_again(tmp_path: Path) -> None:
    runs(tmp_path)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "run-0" in shown(app))
        await pilot.press("space", "up", "space")
        await until(pilot, lambda: not re.search("[AB] run-", shown(app)))
        await pilot.press("v")
        assert "run-0" in shown(app), "one run alone is not compared"


async def test_the_four_rungs_come_with_their_lesson(tmp_path: Path) -> None:
    weights = tmp_path / "vgg16.pth"
    weights.touch()
    recipes = rungs("/photos", "vgg16", str(weights), "classifier")
    for recipe, right in zip(recipes, (20, 25, 38, 39), strict=True):
        sample_run(
            tmp_path / "runs" / recipe.name, predictions(right, 40 - right), **asdict(recipe)
        )
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "ladder-4-more" in shown(app))
        await pilot.press(*["space"] * 4, "v")
        await until(pilot, lambda: "What unfreezing adds" in shown(app))


async def test_a_run_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    first, second = runs(tmp_path)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: first.run in shown(app))
        await pilot.press("space", "space")
        second.recipe_file.write_text("model = ")
        await pilot.press("v")
        await until(pilot, lambda: "! These runs cannot be compared" in shown(app))
        assert "esc  back to the runs" in shown(app)
