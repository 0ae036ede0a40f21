"""What a run says of one photo it is asked about, and how many answers are sure enough."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.run.results.documents import PhotoDocument


@dataclass(frozen=True)
class Answer:
    """The probability of each class, in class order; empty if the photo cannot be read."""

    path: Path
    probabilities: tuple[float, ...] = ()
    error: str = ""
    """Why there is no answer: `truncated: the end of the file is missing`."""

    @property
    def best(self) -> int:
        """The index of the likeliest class."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def probability(self) -> float:
        """The probability of the likeliest class; 0 if there is no answer."""
        return max(self.probabilities, default=0.0)


@dataclass(frozen=True)
class Tally:
    """How many answers reach a threshold."""

    sure: int = 0
    unsure: int = 0
    unreadable: int = 0

    def add(self, answers: Iterable[Answer], threshold: float) -> "Tally":
        """Return the counts with these answers added."""
        kinds = [
            "unreadable"
            if answer.error
            else "sure"
            if answer.probability >= threshold
            else "unsure"
            for answer in answers
        ]
        return Tally(
            self.sure + kinds.count("sure"),
            self.unsure + kinds.count("unsure"),
            self.unreadable + kinds.count("unreadable"),
        )

    @property
    def photos(self) -> int:
        """All photos asked about."""
        return self.sure + self.unsure + self.unreadable


def document(
    answer: Answer, classes: Sequence[str], threshold: float | None, chance: float
) -> PhotoDocument:
    """Return what `predict --json` prints of a photo, with uncalibrated probabilities.

    With a threshold also the calibrated probability, `chance`, and whether it is `unsure`.
    """
    photo: PhotoDocument = {
        "path": str(answer.path),
        "predicted": None,
        "probability": None,
        "probabilities": None,
        "error": answer.error or None,
    }
    if not answer.error:
        photo["predicted"] = classes[answer.best]
        photo["probability"] = answer.probability
        photo["probabilities"] = dict(zip(classes, answer.probabilities, strict=True))
    if threshold is not None:
        photo["chance"] = None if answer.error else chance
        photo["unsure"] = chance < threshold
    return photo
