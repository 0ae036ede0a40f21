"""Whether a model is as sure as it is right, and the temperature that makes it so. No torch."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Probabilities: TypeAlias = NDArray[np.float64]
"""`[photos, classes]`."""
Labels: TypeAlias = NDArray[np.int64]

_SMALLEST = 1e-7
"""What a probability written as 0.000000 may have been; its logarithm must be a number."""
_HOTTEST = 20.0
_ROUNDS = 40
"""Golden sections: each leaves 62% of the range, so 40 leave nothing that can be seen."""


def expected_calibration_error(
    probabilities: Probabilities, labels: Labels, bins: int = 15
) -> float | None:
    """How far confidence and accuracy lie apart, on average over photos; None of no photo.

    Confidences of the likeliest class in `bins` of equal width (Guo et al. 2017, section 2).
    """
    if not len(labels):
        return None
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    surplus = np.bincount(place, weights=confidence - right, minlength=bins)
    return float(np.abs(surplus).sum() / len(labels))


def fit_temperature(probabilities: Probabilities, labels: Labels) -> float | None:
    """The number to divide logits by so that these answers' confidences fit best (Guo et al.).

    Above 1: the model was too sure. None where every answer is right or there is none: the best
    would be endless certainty. Logits are taken from the probabilities, which tell them but for
    a constant that makes no difference.
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
    """What the probabilities would be with logits divided by `temperature`."""
    return _softmax(_logits(probabilities) / temperature)


def cross_entropy(probabilities: Probabilities, labels: Labels) -> float:
    """Mean cross-entropy of the true classes."""
    chosen = probabilities[np.arange(len(labels)), labels]
    # A bound far below `_SMALLEST`: one nearer would make the loss of a wrong answer flat.
    return float(-np.log(np.clip(chosen, np.finfo(np.float64).tiny, None)).mean())


def _logits(probabilities: Probabilities) -> Probabilities:
    return np.log(np.clip(probabilities, _SMALLEST, None))


def _softmax(logits: Probabilities) -> Probabilities:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return result
