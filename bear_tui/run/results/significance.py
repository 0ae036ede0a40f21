"""Exact tests of whether two classifiers differ on the same photos. No torch.

Two accuracies on one test set are not independent: most photos are easy for both. Only photos
that one classifier gets right and the other wrong say anything (McNemar, 1947).
"""

from collections.abc import Sequence

LEAST_DECISIVE = 6
"""With fewer photos that only one gets right no result is significant: 5 : 0 gives p = 0.0625."""


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided exact p-value of McNemar's test.

    This is how often two equally good classifiers would differ at least this much: a fair coin
    decides for each photo that only one of them gets right.
    """
    count, fewer = only_first + only_second, min(only_first, only_second)
    # Integers, divided once, so that nothing is rounded. Each term comes from the one before:
    # 60,000 photos take a quarter of a second.
    tail, term = 0, 1
    for k in range(fewer + 1):
        tail += term
        term = term * (count - k) // (k + 1)
    return min(1.0, float(2 * tail / 2**count))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for multiple comparisons (Holm, 1979), in the same order."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected = [1.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        corrected[index] = highest
    return corrected
