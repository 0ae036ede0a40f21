import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.metrics import log_loss

from bear_tui.calibration import (
    Labels,
    Probabilities,
    at_temperature,
    cross_entropy,
    expected_calibration_error,
    fit_temperature,
)


def answers(seed: int, photos: int = 400, classes: int = 3) -> tuple[Probabilities, Labels]:
    """Labels drawn from the very probabilities: as sure as it is right."""
    random = np.random.default_rng(seed)
    shares = softmax(random.normal(0, 1.5, (photos, classes)), axis=1)
    labels = np.array([random.choice(classes, p=row) for row in shares])
    return shares, labels


def test_the_error_is_the_gap_between_confidence_and_accuracy_of_each_bin() -> None:
    # Four answers at 0.9 of which two are right, four at 0.6 of which three are.
    shares = np.array([[0.9, 0.1]] * 4 + [[0.4, 0.6]] * 4)
    labels = np.array([0, 0, 1, 1, 1, 1, 1, 0])
    expected = (4 * abs(0.9 - 0.5) + 4 * abs(0.6 - 0.75)) / 8
    assert expected_calibration_error(shares, labels) == pytest.approx(expected)


@given(st.integers(0, 10**6), st.integers(1, 30))
def test_the_error_equals_its_definition_bin_by_bin(seed: int, bins: int) -> None:
    shares, labels = answers(seed, photos=60)
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    expected = 0.0
    for number in range(bins):
        here = (confidence > number / bins) & (confidence <= (number + 1) / bins)
        if here.any():
            expected += here.mean() * abs(confidence[here].mean() - right[here].mean())
    assert expected_calibration_error(shares, labels, bins) == pytest.approx(expected)


def test_full_certainty_falls_into_the_last_bin_and_no_photo_has_no_error() -> None:
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert expected_calibration_error(sure, np.array([0, 0])) == 0.0
    assert expected_calibration_error(sure, np.array([1, 1])) == 1.0
    assert expected_calibration_error(np.empty((0, 2)), np.empty(0, np.int64)) is None


@pytest.mark.parametrize("wrong", [0.3, 1.0, 2.5])
def test_the_temperature_undoes_logits_that_were_multiplied(wrong: float) -> None:
    shares, labels = answers(1, photos=4000)
    found = fit_temperature(at_temperature(shares, 1 / wrong), labels)
    assert found == pytest.approx(wrong, rel=0.08)


@given(st.integers(0, 10**6))
def test_no_other_temperature_fits_better(seed: int) -> None:
    shares, labels = answers(seed, photos=50)
    found = fit_temperature(shares, labels)
    assert found is not None

    def loss(beta: float) -> float:
        return cross_entropy(softmax(np.log(shares) * beta, axis=1), labels)

    best = minimize_scalar(loss, bounds=(0.05, 20), method="bounded")
    assert loss(1 / found) <= best.fun + 1e-6


def test_the_loss_is_scikit_learns() -> None:
    shares, labels = answers(3)
    assert cross_entropy(shares, labels) == pytest.approx(log_loss(labels, shares))


def test_there_is_no_temperature_where_nothing_was_wrong() -> None:
    shares = np.array([[0.7, 0.3], [0.2, 0.8]])
    assert fit_temperature(shares, np.array([0, 1])) is None
    assert fit_temperature(np.empty((0, 2)), np.empty(0, np.int64)) is None


def test_a_probability_written_as_zero_is_no_endless_loss() -> None:
    shares = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    found = fit_temperature(shares, np.array([0, 1, 1]))
    assert found is not None
    assert 1 < found < 20
    assert math.isfinite(cross_entropy(at_temperature(shares, found), np.array([0, 1, 1])))


def test_a_temperature_changes_no_answer_and_one_changes_nothing() -> None:
    shares, _ = answers(5)
    assert np.array_equal(at_temperature(shares, 3.0).argmax(axis=1), shares.argmax(axis=1))
    assert at_temperature(shares, 1.0) == pytest.approx(shares)
    assert at_temperature(shares, 3.0).sum(axis=1) == pytest.approx(1)
