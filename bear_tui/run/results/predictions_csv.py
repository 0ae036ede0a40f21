"""predictions.csv and validation.csv read back: what a run's best weights said of each photo."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bear_tui import files
from bear_tui.run.results.documents import PredictionDocument


@dataclass(frozen=True, slots=True)
class Prediction:
    """The row of one photo."""

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


def read(path: Path) -> tuple[tuple[str, ...], list[Prediction]]:
    """Return the classes and the rows; neither if there is no such file.

    Damaged rows are left out. Raises Unreadable if the file as a whole is.
    """
    head, *cells = files.read_csv(path) or [[]]
    classes = tuple(head[3:])
    rows = (_row(row, classes) for row in cells)
    return classes, [row for row in rows if row is not None]


def _row(cells: list[str], classes: tuple[str, ...]) -> Prediction | None:
    try:
        path, label, predicted = cells[:3]
        probabilities = tuple(float(cell) for cell in cells[3:])
        probability = probabilities[classes.index(predicted)]
    except (ValueError, IndexError):
        return None
    if len(probabilities) != len(classes) or not all(0 <= share <= 1 for share in probabilities):
        return None
    return Prediction(path, label, predicted, probability, probabilities)


def probabilities_by_path(path: Path) -> dict[str, list[float]]:
    """Return the probabilities of all classes, in class order, by the photo's path."""
    return {row.path: list(row.probabilities) for row in read(path)[1]}


def document(row: Prediction) -> PredictionDocument:
    """Return the row as `show` lists it among the mistakes."""
    return {
        "path": row.path,
        "label": row.label,
        "predicted": row.predicted,
        "probability": row.probability,
    }


def mistakes(rows: Iterable[PredictionDocument]) -> list[PredictionDocument]:
    """Return the wrong ones, surest first."""
    wrong = [row for row in rows if row["label"] != row["predicted"]]
    return sorted(wrong, key=lambda row: -row["probability"])
