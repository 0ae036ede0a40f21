import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bear_tui.run.results.significance import LEAST_DECISIVE, holm, mcnemar

COUNTS = st.integers(0, 400)


# Values of statsmodels 0.15's mcnemar(exact=True).
@pytest.mark.parametrize(
    ("only_first", "only_second", "expected"),
    [
        (0, 0, 1.0),
        (5, 0, 0.0625),
        (6, 0, 0.03125),
        (1, 9, 0.021484375),
        (12, 30, 0.007915897334896727),
    ],
)
def test_mcnemars_test_gives_the_values_of_statsmodels(
    only_first: int, only_second: int, expected: float
) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("count", range(1, 11))
def test_it_is_the_share_of_coin_tosses_at_least_as_uneven(count: int) -> None:
    tosses = [sum(toss) for toss in itertools.product((0, 1), repeat=count)]
    for heads in range(count + 1):
        uneven = sum(abs(2 * other - count) >= abs(2 * heads - count) for other in tosses)
        assert mcnemar(heads, count - heads) == pytest.approx(uneven / 2**count)


@given(COUNTS, COUNTS)
def test_it_is_a_probability_and_takes_no_side(only_first: int, only_second: int) -> None:
    assert 0 < mcnemar(only_first, only_second) <= 1
    assert mcnemar(only_first, only_second) == mcnemar(only_second, only_first)


def test_fewer_photos_than_that_decide_nothing() -> None:
    assert mcnemar(LEAST_DECISIVE - 1, 0) > 0.05 > mcnemar(LEAST_DECISIVE, 0)


def test_thousands_of_photos_are_no_trouble() -> None:
    assert mcnemar(30_000, 30_400) == pytest.approx(0.1043, abs=5e-4)


def test_holm_corrects_as_in_his_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.6, 0.7]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_a_corrected_value_is_never_lower_and_keeps_the_order(p_values: list[float]) -> None:
    corrected = holm(p_values)
    assert all(1 >= after >= before for before, after in zip(p_values, corrected, strict=True))
    by_before = [after for _, after in sorted(zip(p_values, corrected, strict=True))]
    assert by_before == sorted(by_before)
