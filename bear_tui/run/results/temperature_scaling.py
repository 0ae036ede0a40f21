"""Percentages that can be believed: a run's temperature, and its answers at it.

A network tells how sure it is, not how often it is right. Divided by a temperature fitted on
validation photos, its certainty comes near a chance. Files and JSON keep what the network says;
what a person reads, and every threshold, is a chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bear_tui.run.folder import RunFolder
from bear_tui.run.results import predictions_csv
from bear_tui.run.results.prediction import Answer
from bear_tui.run.results.predictions_csv import Answered
from bear_tui.run.state import RunState

LEAST_MISTAKES = 5
"""A temperature rests on the mistakes. Of simulated runs those with 1 to 3 found one of down to a
fifth of the true one, and so made answers surer; from 5 on most lay within half of it."""

Shares = tuple[float, ...]


@dataclass(frozen=True)
class Temperature:
    """What the logits of a run's best weights are divided by."""

    value: float | None = None
    """None: its percentages stay as they come."""
    why: str = ""
    """Why there is none, in words."""

    @property
    def words(self) -> str:
        """`percentages at temperature 2.12`, or why they are not."""
        if self.value is not None:
            return f"percentages at temperature {self.value:.2f}"
        return f"percentages as the network gives them: {self.why}"


def of_run(folder: RunFolder) -> Temperature:
    """Fitted to what the run's best weights, those that were tested, say of validation photos."""
    return of_state(folder, folder.state())


def of_state(folder: RunFolder, state: RunState) -> Temperature:
    """The same, where the run's journal is read already."""
    if state.test is None or state.status != "completed":
        return Temperature(why="not tested since it was trained")
    classes, rows = predictions_csv.read(folder.validation_file)
    if not rows:
        return Temperature(why="no answers to validation photos are kept")
    wrong = sum(not one.right for one in rows)
    if not wrong:
        return Temperature(why="every validation answer is right")
    if wrong < LEAST_MISTAKES:
        verb = "answer is" if wrong == 1 else "answers are"
        return Temperature(why=f"{wrong} validation {verb} wrong, too few to correct them by")
    from bear_tui import calibration

    value = calibration.fit_temperature(*arrays(classes, rows))
    return Temperature(value, "" if value else "the validation answers cannot be read")


def answers_at(temperature: Temperature, found: Sequence[Answer]) -> list[Answer]:
    """Answers with chances in place of what the network said."""
    shares = iter(_at(temperature, [one.probabilities for one in found if not one.error]))
    return [one if one.error else replace(one, probabilities=next(shares)) for one in found]


def rows_at(temperature: Temperature, rows: Sequence[Answered]) -> list[Answered]:
    """The same of photos with labels."""
    shares = _at(temperature, [one.probabilities for one in rows])
    return [
        replace(one, probability=new[one.probabilities.index(one.probability)], probabilities=new)
        for one, new in zip(rows, shares, strict=True)
    ]


def arrays(classes: Sequence[str], rows: Sequence[Answered]) -> tuple[Any, Any]:
    """Probabilities and labels, for bear_tui.calibration; what has no known label is left out."""
    # numpy takes 0.1 s to import: only who has answers pays it.
    import numpy as np

    known = {name: index for index, name in enumerate(classes)}
    rows = [one for one in rows if one.label in known and one.predicted in known]
    values = np.array([one.probabilities for one in rows], dtype=np.float64)
    labels = np.array([known[one.label] for one in rows], dtype=np.int64)
    return values.reshape(len(rows), len(classes)), labels


def _at(temperature: Temperature, shares: Sequence[Shares]) -> list[Shares]:
    if temperature.value is None or not shares:
        return list(shares)
    import numpy as np

    from bear_tui import calibration

    found = calibration.at_temperature(np.array(shares, dtype=np.float64), temperature.value)
    return [tuple(row) for row in found.tolist()]
