"""What a run says of a photo it is asked about, and when that is sure enough to be used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """The probability of each class, in class order; none where the photo cannot be read."""

    path: Path
    probabilities: tuple[float, ...] = ()
    error: str = ""
    """Why there is no answer: `truncated: the end of the file is missing`."""

    @property
    def best(self) -> int:
        """The likeliest class."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def probability(self) -> float:
        """That of the likeliest class; 0 where there is no answer."""
        return max(self.probabilities, default=0.0)


@dataclass(frozen=True)
class Tally:
    """How many photos were answered, by an unsure threshold."""

    sure: int = 0
    unsure: int = 0
    unreadable: int = 0

    def add(self, found: Iterable[Answer], threshold: float) -> "Tally":
        """With these counted too."""
        kinds = [
            "unreadable" if one.error else "sure" if one.probability >= threshold else "unsure"
            for one in found
        ]
        return Tally(
            self.sure + kinds.count("sure"),
            self.unsure + kinds.count("unsure"),
            self.unreadable + kinds.count("unreadable"),
        )

    @property
    def photos(self) -> int:
        """All of them."""
        return self.sure + self.unsure + self.unreadable


def document(
    one: Answer, classes: Sequence[str], threshold: float | None, chance: float
) -> dict[str, Any]:
    """One element of what `predict --json` prints: what the network says.

    Where a threshold is asked for, also the `chance` that this is right, and whether it is
    `unsure`.
    """
    answer: dict[str, Any] = dict.fromkeys(("predicted", "probability", "probabilities"))
    if not one.error:
        answer = {
            "predicted": classes[one.best],
            "probability": one.probability,
            "probabilities": dict(zip(classes, one.probabilities, strict=True)),
        }
    found = {"path": str(one.path), **answer, "error": one.error or None}
    if threshold is not None:
        found |= {"chance": None if one.error else chance, "unsure": chance < threshold}
    return found
