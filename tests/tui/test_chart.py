"""The charts: what is drawn where."""

import itertools
import math

import pytest

from bear_tui.tui.render.chart import Chart, axis_labels, draw, epoch_axis, smooth, value_range

FALLING = [(step / 10, 1 - step / 100) for step in range(101)]


def lines(chart: Chart, width: int = 40, height: int = 10) -> list[str]:
    return ["".join(text for text, _ in line) for line in draw(chart, width, height)]


def braille(text: str) -> int:
    return sum(0x2800 < ord(character) <= 0x28FF for character in text)


@pytest.mark.parametrize(("width", "height"), [(38, 8), (60, 14), (120, 26), (12, 4)])
def test_a_chart_fills_exactly_its_place(width: int, height: int) -> None:
    drawn = lines(Chart("loss", FALLING, [(1, 0.9), (2, 0.8)], 10), width, height)
    assert len(drawn) == height
    assert max(map(len, drawn)) <= width


def test_a_place_too_small_shows_the_title_only() -> None:
    assert lines(Chart("loss", FALLING, [], 10), 6, 2) == ["loss"]
    assert lines(Chart("loss", FALLING, [], 10), 0, 0) == [""]


def test_nothing_yet_is_an_empty_plot_with_its_axes() -> None:
    drawn = lines(Chart("loss", [], [], 0))
    assert braille("".join(drawn)) == 0
    assert drawn[1].startswith("1.00")


def test_one_point_is_one_dot() -> None:
    drawn = lines(Chart("loss", [(1, 0.5)], [], 2))
    assert braille("".join(drawn)) == 1


def test_a_falling_line_goes_from_top_left_to_bottom_right() -> None:
    drawn = lines(Chart("loss", FALLING, [], 10))[1:-1]
    rows = [next(i for i, c in enumerate(row) if braille(c)) for row in drawn if braille(row)]
    assert rows == sorted(rows)
    assert braille(drawn[0])
    assert braille(drawn[-2]), "a line closes the plot below"
    assert set(drawn[-1].strip()) == {"└", "─"}


def test_a_value_that_is_no_number_leaves_a_gap() -> None:
    whole = [(float(x), 1.0) for x in range(11)]
    broken = [(x, math.nan if 3 < x < 7 else y) for x, y in whole]
    assert (
        0
        < braille("".join(lines(Chart("a", broken, [], 10), 40, 6)))
        < braille("".join(lines(Chart("a", whole, [], 10), 40, 6)))
    )


def test_nothing_but_values_that_are_no_numbers_draws_no_line() -> None:
    chart = Chart("loss", [(1, math.nan), (2, math.inf)], [(1, math.nan)], 3, best=(1, math.nan))
    assert "◆" not in "".join(lines(Chart("", chart.train, chart.validation, 3), 40, 8))
    assert braille("".join(lines(chart, 40, 8))) == 0


def test_the_best_epoch_is_marked_where_it_is() -> None:
    validation = [(1.0, 0.2), (2.0, 0.9), (3.0, 0.5)]
    drawn = lines(Chart("", [], validation, 4, best=(2.0, 0.9)), 41, 10)
    marked = [line for line in drawn[1:-1] if "◆" in line]
    assert marked == [drawn[1]], "the highest value stands in the top row"
    assert abs(marked[0].index("◆") - 23) <= 1, "epoch 2 of 4 is in the middle"


def test_validation_has_its_own_mark_and_colour() -> None:
    chart = Chart("", [(0, 0.2), (4, 0.2)], [(1, 0.8), (4, 0.8)], 4)
    styles = {style for line in draw(chart, 40, 8) for _, style in line}
    assert {"$secondary", "$primary"} <= styles
    dots = [count for line in lines(chart, 40, 8) if (count := braille(line))]
    assert dots[0] < dots[-1], "dots have gaps, a line has none"


def test_accuracy_has_a_steady_axis_in_percent() -> None:
    chart = Chart("", [(1, 0.53)], [(1, 0.57)], 5, ceiling=1.0, percent=True)
    assert value_range(chart) == (0.5, 1.0)
    assert axis_labels(0.5, 1.0, 7, True) == {0: "100%", 2: "80%", 5: "60%"}


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.69), (0.0, 3.2), (0.123, 0.127), (0.0, 4e5)])
@pytest.mark.parametrize("rows", [1, 2, 6, 22])
def test_every_axis_has_a_label_and_none_stands_beside_the_next(
    low: float, high: float, rows: int
) -> None:
    labels = axis_labels(low, high, rows, False)
    places = sorted(labels)
    assert places
    assert set(places) <= set(range(rows))
    assert all(later - earlier > 1 for earlier, later in itertools.pairwise(places))
    assert len(set(labels.values())) == len(places), "two values have two labels"


def test_a_constant_has_an_axis_too() -> None:
    low, high = value_range(Chart("", [(1, 0.3), (2, 0.3)], [], 5))
    assert low < high


@pytest.mark.parametrize("epochs", [0, 1, 2, 7, 25, 100, 99_999])
@pytest.mark.parametrize("columns", [8, 30, 100])
def test_the_epoch_axis_ends_with_the_last_epoch_and_never_runs_together(
    epochs: int, columns: int
) -> None:
    axis = epoch_axis(epochs, columns)
    assert len(axis) == columns
    numbers = [int(word) for word in axis.split()]
    assert numbers == sorted(numbers)
    assert numbers[-1] == max(1, epochs)


def test_smoothing_calms_a_line_and_keeps_its_level() -> None:
    noisy = [(float(x), 1.0 + (-1) ** x) for x in range(100)]
    calm = smooth(noisy, 10)
    assert len(calm) == len(noisy)
    assert max(value for _, value in calm[20:]) < 1.3
    assert min(value for _, value in calm[20:]) > 0.7


def test_smoothing_few_points_changes_nothing() -> None:
    assert smooth(FALLING[:5], 0.25) == FALLING[:5]


def test_smoothing_leaves_out_what_is_no_number() -> None:
    assert smooth([(1, 1.0), (2, math.nan), (3, 1.0)], 5) == [(1, 1.0), (3, 1.0)]


def test_a_change_is_an_upright_line_behind_the_series() -> None:
    drawn = lines(Chart("loss", FALLING, [], 10, marks=[5.0]), 80, 12)
    marks = [[n for n, cell in enumerate(line) if cell == "\u2805"] for line in drawn[1:-2]]
    assert len({place for row in marks for place in row}) == 1
    assert len([row for row in marks if row]) >= len(marks) - 2, "but where the series is"
    assert "changed ┊" in drawn[0]
    assert "changed" not in lines(Chart("loss", FALLING, [], 10), 80, 12)[0]


def test_a_narrow_chart_keeps_its_legend_beside_a_change() -> None:
    chart = Chart("loss", FALLING, FALLING, 10, best=(3.0, 0.5), marks=[5.0])
    assert lines(chart, 38, 8)[0].endswith("best ◆")
