"""predictions.csv read back: what a run's best weights said of each photo."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bear_tui import files


@dataclass(frozen=True, slots=True)
class Answered:
    """One photo's row."""

    path: str
    label: str
    predicted: str
    probability: float
    """Of the predicted class."""
    probabilities: tuple[float, ...]
    """Of each class, in class order."""

    @property
    def right(self) -> bool:
        """Whether the likeliest class is the label."""
        return self.label == self.predicted


def read(path: Path) -> tuple[tuple[str, ...], list[Answered]]:
    """The classes and the rows; neither where there is no such file. Damaged rows are left out.

    Raises Unreadable where it is no such file at all.
    """
    head, *cells = files.read_csv(path) or [[]]
    classes = tuple(head[3:])
    rows: list[Answered] = []
    for row in cells:
        try:
            photo, label, predicted = row[:3]
            probabilities = tuple(float(cell) for cell in row[3:])
            probability = probabilities[classes.index(predicted)]
        except (ValueError, IndexError):
            continue
        if len(probabilities) == len(classes) and all(0 <= one <= 1 for one in probabilities):
            rows.append(Answered(photo, label, predicted, probability, probabilities))
    return classes, rows


def document(one: Answered) -> dict[str, Any]:
    """One of the mistakes in the document of `show`."""
    return {
        "path": one.path,
        "label": one.label,
        "predicted": one.predicted,
        "probability": one.probability,
    }


def mistakes(documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The wrong ones, surest first."""
    wrong = [one for one in documents if one["label"] != one["predicted"]]
    return sorted(wrong, key=lambda one: -one["probability"])
