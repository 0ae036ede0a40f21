import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bear_tui.metrics import figures, notes, wilson_interval

Z = 1.959963984540054  # the standard normal's 97.5th percentile
CLASSES = ["black", "brown", "polar", "other"]
MATRICES = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 50), min_size=n, max_size=n), min_size=n, max_size=n)
)
SHARES = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(
    correct: int, total: int, low: float, high: float
) -> None:
    assert wilson_interval(correct, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [(10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (1, 1, 0.2065, 1.0)],
)
def test_few_photos_leave_a_wide_interval(
    correct: int, total: int, low: float, high: float
) -> None:
    assert wilson_interval(correct, total) == pytest.approx((low, high), abs=5e-5)


def test_the_ends_are_exact_where_all_or_none_are_correct() -> None:
    all_correct, none_correct = wilson_interval(7, 7), wilson_interval(0, 7)
    assert all_correct is not None
    assert none_correct is not None
    assert all_correct[1] == 1.0
    assert none_correct[0] == 0.0


def test_of_no_photo_there_is_no_interval() -> None:
    assert wilson_interval(0, 0) is None


@given(SHARES)
def test_the_interval_contains_the_share_and_stays_within_0_and_1(share: tuple[int, int]) -> None:
    correct, total = share
    interval = wilson_interval(correct, total)
    assert interval is not None
    low, high = interval
    assert 0 <= low <= correct / total <= high <= 1
    assert low < high


@given(SHARES)
def test_the_ends_are_the_shares_that_lie_just_z_deviations_away(share: tuple[int, int]) -> None:
    correct, total = share
    interval = wilson_interval(correct, total)
    assert interval is not None
    for end in interval:
        if 0 < end < 1:
            deviation = math.sqrt(end * (1 - end) / total)
            assert abs(correct / total - end) / deviation == pytest.approx(Z, rel=1e-6)


@given(SHARES)
def test_right_and_wrong_are_mirror_images(share: tuple[int, int]) -> None:
    correct, total = share
    interval, mirrored = wilson_interval(correct, total), wilson_interval(total - correct, total)
    assert interval is not None
    assert mirrored is not None
    assert interval == pytest.approx((1 - mirrored[1], 1 - mirrored[0]), abs=1e-9)


def test_the_figures_of_a_known_matrix() -> None:
    found = figures(["bear", "other"], [[8, 2], [1, 9]])
    bear, other = found.per_class
    assert (bear.name, bear.support, bear.correct) == ("bear", 10, 8)
    assert (bear.precision, bear.recall) == (8 / 9, 8 / 10)
    assert (other.precision, other.recall) == (9 / 11, 9 / 10)
    assert bear.f1 == pytest.approx(16 / 19)
    assert other.f1 == pytest.approx(18 / 21)
    assert bear.recall_interval == wilson_interval(8, 10)
    assert (found.support, found.correct, found.accuracy) == (20, 17, 17 / 20)
    assert found.accuracy_interval == wilson_interval(17, 20)
    assert found.macro_f1 == pytest.approx((16 / 19 + 18 / 21) / 2)


def test_rows_are_true_classes_and_columns_predicted_ones() -> None:
    found = figures(["a", "b", "c"], [[5, 1, 0], [2, 3, 0], [0, 4, 0]])
    a, b, c = found.per_class
    assert (a.recall, a.precision) == (5 / 6, 5 / 7)
    assert (b.recall, b.precision) == (3 / 5, 3 / 8)
    assert (c.recall, c.precision, c.f1) == (0.0, None, 0.0)
    assert found.macro_f1 == pytest.approx((10 / 13 + 6 / 13 + 0) / 3), "a zero counts"


def test_nothing_divided_by_nothing_is_none() -> None:
    empty, full = figures(["a", "b"], [[0, 0], [0, 3]]).per_class
    assert (empty.precision, empty.recall, empty.f1, empty.recall_interval) == (None,) * 4
    assert full.f1 == 1.0
    assert figures(["a", "b"], [[0, 0], [0, 3]]).macro_f1 == 1.0
    nothing = figures(["a", "b"], [[0, 0], [0, 0]])
    assert (nothing.accuracy, nothing.accuracy_interval, nothing.macro_f1) == (None,) * 3


@given(MATRICES)
def test_the_counts_add_up(matrix: list[list[int]]) -> None:
    found = figures(CLASSES[: len(matrix)], matrix)
    assert found.support == sum(map(sum, matrix))
    assert found.correct == sum(row[i] for i, row in enumerate(matrix))
    assert sum(one.support for one in found.per_class) == found.support
    assert sum(one.correct for one in found.per_class) == found.correct


@given(MATRICES)
def test_a_figure_is_a_share_or_none_where_it_has_no_meaning(matrix: list[list[int]]) -> None:
    found = figures(CLASSES[: len(matrix)], matrix)
    for index, one in enumerate(found.per_class):
        predicted = sum(row[index] for row in matrix)
        assert (one.recall is None) == (one.support == 0) == (one.recall_interval is None)
        assert (one.precision is None) == (predicted == 0)
        assert (one.f1 is None) == (one.support + predicted == 0)
        assert all(0 <= x <= 1 for x in (one.recall, one.precision, one.f1) if x is not None)
        if one.precision and one.recall:
            mean = 2 * one.precision * one.recall / (one.precision + one.recall)
            assert one.f1 == pytest.approx(mean)


@given(MATRICES)
def test_what_a_classs_name_is_makes_no_difference(matrix: list[list[int]]) -> None:
    turned = [row[::-1] for row in matrix[::-1]]
    found, again = (figures(CLASSES[: len(m)], m) for m in (matrix, turned))
    assert found.accuracy == again.accuracy
    assert found.macro_f1 == pytest.approx(again.macro_f1)
    assert [one.f1 for one in found.per_class] == [one.f1 for one in again.per_class[::-1]]


def test_a_result_on_few_photos_says_how_little_it_tells() -> None:
    (note,) = notes(figures(["a", "b"], [[5, 0], [0, 5]]))
    assert note == "10 test photos: the true accuracy may lie anywhere from 72% to 100%."
    assert notes(figures(["a", "b"], [[500, 3], [2, 500]])) == []


def test_a_class_that_was_not_tested_or_never_predicted_is_named() -> None:
    found = notes(figures(["a", "b", "c"], [[900, 0, 9], [50, 0, 50], [0, 0, 0]]))
    assert found[:2] == ["b was never predicted.", "No test photo of c: nothing is known about it."]


def test_a_model_no_better_than_guessing_is_told() -> None:
    found = notes(figures(["a", "b"], [[900, 0], [100, 0]]))
    assert found[-1].startswith("Always guessing the largest class gets 900 of 1000 right")
    assert not any("guessing" in note for note in notes(figures(["a", "b"], [[900, 0], [99, 1]])))


def test_no_photo_at_all_is_no_result() -> None:
    assert notes(figures(["a"], [[0]])) == ["No test photo of a: nothing is known about it."]
