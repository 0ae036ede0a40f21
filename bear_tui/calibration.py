"""Calibration of probabilities: expected error and temperature scaling. No torch."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Probabilities: TypeAlias = NDArray[np.float64]
"""`[photos, classes]`."""
Labels: TypeAlias = NDArray[np.int64]

_SMALLEST = 1e-7
"""A floor for probabilities written as 0.000000, whose logarithm must be finite."""
_HOTTEST = 20.0
_ROUNDS = 40
"""Golden sections: each leaves 62% of the range, so 40 leave 5e-9 of it."""


def expected_calibration_error(
    probabilities: Probabilities, labels: Labels, bins: int = 15
) -> float | None:
    """Return the mean gap between confidence and accuracy; None without photos.

    Confidences of the likeliest class are put in `bins` of equal width (Guo et al., 2017).
    """
    if not len(labels):
        return None
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    surplus = np.bincount(place, weights=confidence - right, minlength=bins)
    return float(np.abs(surplus).sum() / len(labels))


def fit_temperature(probabilities: Probabilities, labels: Labels) -> float | None:
    """Return the temperature that minimises the cross-entropy (Guo et al., 2017).

    Above 1: the model was overconfident. None if there are no mistakes: the best temperature would
    be 0. Logits are recovered from the probabilities up to a constant, which has no effect.
    """
    if not len(labels) or bool((probabilities.argmax(axis=1) == labels).all()):
        return None
    # The loss is convex in 1 / temperature, so a golden section finds its one minimum.
    low, high = 1 / _HOTTEST, _HOTTEST
    golden = (5**0.5 - 1) / 2
    logits = _logits(probabilities)

    def loss(inverse: float) -> float:
        return cross_entropy(_softmax(logits * inverse), labels)

    left, right = high - golden * (high - low), low + golden * (high - low)
    losses = [loss(left), loss(right)]
    for _ in range(_ROUNDS):
        if losses[0] < losses[1]:
            high, right, losses[1] = right, left, losses[0]
            left = high - golden * (high - low)
            losses[0] = loss(left)
        else:
            low, left, losses[0] = left, right, losses[1]
            right = low + golden * (high - low)
            losses[1] = loss(right)
    return 2 / (low + high)


def at_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Return the probabilities after dividing the logits by `temperature`."""
    return _softmax(_logits(probabilities) / temperature)


def cross_entropy(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean cross-entropy of the true classes."""
    of_truth = probabilities[np.arange(len(labels)), labels]
    # A floor far below `_SMALLEST`: a higher one would flatten the loss of wrong predictions.
    return float(-np.log(np.clip(of_truth, np.finfo(np.float64).tiny, None)).mean())


def _logits(probabilities: Probabilities) -> Probabilities:
    return np.log(np.clip(probabilities, _SMALLEST, None))


def _softmax(logits: Probabilities) -> Probabilities:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return result
