"""Figures of a confusion matrix, per class and with confidence intervals. No torch.

Rows of a matrix are true classes, columns predicted ones. An undefined figure (0/0) is None.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Matrix = Sequence[Sequence[int]]

_Z95 = 1.959963984540054
"""The standard normal's 97.5th percentile."""


@dataclass(frozen=True)
class ClassFigures:
    """How well one class is recognised."""

    name: str
    support: int
    """Photos whose true class this is."""
    correct: int
    precision: float | None
    recall: float | None
    f1: float | None
    recall_interval: tuple[float, float] | None


@dataclass(frozen=True)
class Figures:
    """How well a model did on a set of photos."""

    per_class: tuple[ClassFigures, ...]
    support: int
    correct: int
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None
    macro_f1: float | None
    """Mean of the classes' F1, without undefined ones."""

    @property
    def majority(self) -> int:
        """Correct answers of always predicting the largest class: the baseline to beat."""
        return max((row.support for row in self.per_class), default=0)

    @property
    def guess(self) -> float | None:
        """The accuracy of always predicting the largest class."""
        return _ratio(self.majority, self.support)


@dataclass(frozen=True)
class Kept:
    """The predictions that reach a threshold."""

    total: int
    kept: int
    correct: int
    """Correct ones among those kept."""

    @property
    def coverage(self) -> float | None:
        """Share of the photos whose prediction is kept."""
        return _ratio(self.kept, self.total)

    @property
    def accuracy(self) -> float | None:
        """Share of the kept predictions that are correct."""
        return _ratio(self.correct, self.kept)


def wilson_interval(correct: int, total: int) -> tuple[float, float] | None:
    """Return the 95% interval of a share (Wilson, 1927); None if `total` is 0.

    Unlike `p ± 1.96 s`, it stays within 0 and 1 and holds for few photos: 10 of 10 is 72-100%.
    """
    if total == 0:
        return None
    share = correct / total
    z2 = _Z95 * _Z95 / total
    centre = (share + z2 / 2) / (1 + z2)
    half = _Z95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total)) / (1 + z2)
    low = 0.0 if correct == 0 else centre - half
    high = 1.0 if correct == total else centre + half
    return low, high


def figures(classes: Sequence[str], matrix: Matrix) -> Figures:
    """Return all figures of a confusion matrix of photo counts."""
    per_class = tuple(_class_figures(name, index, matrix) for index, name in enumerate(classes))
    support = sum(row.support for row in per_class)
    correct = sum(row.correct for row in per_class)
    f1s = [row.f1 for row in per_class if row.f1 is not None]
    return Figures(
        per_class=per_class,
        support=support,
        correct=correct,
        accuracy=_ratio(correct, support),
        accuracy_interval=wilson_interval(correct, support),
        macro_f1=_ratio(sum(f1s), len(f1s)),
    )


def percent(share: float | None) -> str:
    """Return `97.5%`, or a dash if the figure is undefined."""
    return "–" if share is None else f"{share:.1%}"


def interval(ends: Sequence[float] | None) -> str:
    """Return `87.1 – 99.6%`, or a dash if the interval is undefined."""
    return "–" if ends is None else f"{ends[0] * 100:.1f} – {ends[1]:.1%}"


def top_k_accuracy(
    probabilities: Sequence[Sequence[float]], labels: Sequence[int], k: int
) -> float | None:
    """Return the share of photos whose true class is among the `k` likeliest; None for none."""
    right = 0
    for row, label in zip(probabilities, labels, strict=True):
        right += sum(value > row[label] for value in row) < k
    return _ratio(right, len(labels))


def photos_in(matrix: Matrix) -> int:
    """Return how many photos a confusion matrix counts."""
    return sum(map(sum, matrix))


def unreadable_photos(unreadable: int, tested: int) -> str:
    """Return `10 of 80 test photos could not be read`, or "" if none or nobody counted (-1)."""
    if unreadable <= 0:
        return ""
    photos = unreadable + tested
    return f"{unreadable:,} of {photos:,} test photo{'s' * (photos != 1)} could not be read"


def above(answers: Sequence[tuple[float, bool]], threshold: float) -> Kept:
    """Return the predictions (confidence, whether right) at or above a threshold."""
    kept = [right for confidence, right in answers if confidence >= threshold]
    return Kept(len(answers), len(kept), sum(kept))


def notes(result: Figures) -> list[str]:
    """Return sentences that keep a reader from trusting a result too much."""
    sentences: list[str] = []
    if result.accuracy_interval is not None:
        low, high = result.accuracy_interval
        if high - low > 0.05:
            sentences.append(
                f"{result.support} test photos: the true accuracy may lie anywhere from "
                f"{low:.0%} to {high:.0%}."
            )
    for row in result.per_class:
        if row.support == 0:
            sentences.append(f"No test photo of {row.name}: nothing is known about it.")
        elif row.precision is None:
            sentences.append(f"{row.name} was never predicted.")
    if result.support and result.correct <= result.majority:
        sentences.append(
            f"Always guessing the largest class gets {result.majority} of {result.support} right: "
            "this model does no better."
        )
    return sentences


_UNEVEN = 4.0
"""From this ratio of the largest to the smallest class on, a remedy is suggested."""


BALANCED = "train with `--class-weights balanced`"
"""The remedy as a command says it."""


def uneven(training: Mapping[str, int]) -> tuple[str, str] | None:
    """Return the largest and the smallest class if their counts are uneven, else None."""
    counts = {name: count for name, count in training.items() if count}
    if not counts:
        return None
    most, fewest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    return (most, fewest) if counts[most] >= _UNEVEN * counts[fewest] else None


def uneven_note(training: Mapping[str, int], remedy: str) -> str:
    """Return a sentence on uneven classes with the `remedy`, "" if they are even."""
    classes = uneven(training)
    if classes is None:
        return ""
    most, fewest = classes
    return (
        f"Uneven classes: {training[most]:,} training photos of {most}, {training[fewest]:,} of "
        f"{fewest}; {remedy}, so that the rare class counts as much as the others."
    )


def _class_figures(name: str, index: int, matrix: Matrix) -> ClassFigures:
    support = sum(matrix[index])
    correct = matrix[index][index]
    predicted = sum(row[index] for row in matrix)
    return ClassFigures(
        name=name,
        support=support,
        correct=correct,
        precision=_ratio(correct, predicted),
        recall=_ratio(correct, support),
        f1=_ratio(2 * correct, support + predicted),
        recall_interval=wilson_interval(correct, support),
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
