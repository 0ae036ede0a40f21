"""The figures beside those of scikit-learn and statsmodels."""

import math
import warnings

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support, top_k_accuracy_score
from statsmodels.stats.proportion import proportion_confint

from bear_tui.metrics import above, figures, top_k_accuracy, wilson_interval


def random_matrices(count: int) -> list[np.ndarray]:
    """Matrices of 2 to 12 classes; some with classes that no photo has, or that no one says."""
    random = np.random.default_rng(7)
    made = []
    for number in range(count):
        classes = int(random.integers(2, 13))
        matrix = random.integers(0, 40, (classes, classes))
        if number % 3 == 1:
            matrix[random.integers(classes)] = 0
        if number % 3 == 2:
            matrix[:, random.integers(classes)] = 0
        made.append(matrix)
    return made


def test_a_thousand_random_matrices_have_scikit_learns_figures() -> None:
    undefined = 0
    for matrix in random_matrices(1000):
        classes = len(matrix)
        pairs = [(t, p) for t in range(classes) for p in range(classes)]
        truth, said = np.repeat(pairs, matrix.ravel(), axis=0).T
        found = figures([str(n) for n in range(classes)], matrix.tolist())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            precision, recall, f1, support = precision_recall_fscore_support(
                truth, said, labels=range(classes), zero_division=np.nan
            )
        for one, *expected in zip(found.per_class, precision, recall, f1, strict=True):
            mine = [one.precision, one.recall, one.f1]
            undefined += mine.count(None)
            assert [math.nan if x is None else x for x in mine] == pytest.approx(
                expected, nan_ok=True
            )
        assert [one.support for one in found.per_class] == support.tolist()
        assert found.accuracy == pytest.approx(accuracy_score(truth, said))
        assert found.macro_f1 == pytest.approx(np.nanmean(f1))
    assert undefined > 500, "the matrices hold figures that are not defined"


def test_the_intervals_are_statsmodels_wilson() -> None:
    random = np.random.default_rng(3)
    for total in [*range(1, 40), *random.integers(40, 10**6, 200).tolist()]:
        for correct in {0, 1, total // 2, total, int(random.integers(0, total + 1))}:
            expected = proportion_confint(correct, total, method="wilson")
            assert wilson_interval(correct, total) == pytest.approx(expected, abs=1e-12)


def test_the_share_among_the_likeliest_is_scikit_learns() -> None:
    random = np.random.default_rng(5)
    for classes in (3, 12, 40):
        scores = random.random((200, classes))
        labels = random.integers(0, classes, 200)
        for k in (1, 2, 5):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # all classes are among the k likeliest
                expected = top_k_accuracy_score(labels, scores, k=k, labels=range(classes))
            assert top_k_accuracy(scores.tolist(), labels.tolist(), k) == pytest.approx(expected)
    assert top_k_accuracy([], [], 5) is None


def test_a_threshold_keeps_the_sure_answers_and_counts_those_that_are_right() -> None:
    answers = [(0.9, True), (0.8, False), (0.7, True), (0.5, False)]
    kept = above(answers, 0.7)
    assert (kept.total, kept.kept, kept.correct) == (4, 3, 2)
    assert (kept.coverage, kept.accuracy) == (0.75, 2 / 3)
    assert above(answers, 0.99).accuracy is None
    assert above([], 0.5).coverage is None
