"""Temperature scaling: calibrated probabilities of a run's predictions (Guo et al., 2017).

A network's confidence is not how often it is right. Dividing its logits by a temperature fitted on
validation photos brings the two together. Files and JSON keep the uncalibrated probabilities; what
a person reads, and every threshold, is calibrated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bear_tui.run.folder import RunFolder
from bear_tui.run.results import predictions_csv
from bear_tui.run.results.prediction import Answer
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.run.state import RunState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_MISTAKES = 5
"""A temperature rests on the mistakes. In simulated runs, 1 to 3 mistakes gave temperatures down to
a fifth of the true one, which makes predictions overconfident; from 5 on most were within half."""


@dataclass(frozen=True)
class Temperature:
    """What the logits of a run's best weights are divided by."""

    value: float | None = None
    """None: probabilities stay uncalibrated."""
    why: str = ""
    """Why there is none."""

    @property
    def words(self) -> str:
        """`percentages at temperature 2.12`, or why they are uncalibrated."""
        if self.value is not None:
            return f"percentages at temperature {self.value:.2f}"
        return f"percentages are uncalibrated: {self.why}"


def of_run(folder: RunFolder) -> Temperature:
    """Return the temperature fitted to the best weights' predictions of validation photos."""
    return of_state(folder, folder.state())


def of_state(folder: RunFolder, state: RunState) -> Temperature:
    """Return the same for a run whose journal has been read."""
    if state.test is None or state.status != "completed":
        return Temperature(why="not tested since it was trained")
    classes, rows = predictions_csv.read(folder.validation_file)
    if not rows:
        return Temperature(why="there are no predictions of validation photos")
    wrong = sum(not row.right for row in rows)
    if not wrong:
        return Temperature(why="every validation photo is predicted right")
    if wrong < LEAST_MISTAKES:
        why = f"too few mistakes on validation photos to fit a temperature: {wrong}"
        return Temperature(why=why)
    from bear_tui import calibration

    value = calibration.fit_temperature(*arrays(classes, rows))
    return Temperature(value, "" if value else "the validation predictions cannot be read")


def answers_at(temperature: Temperature, answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers with calibrated probabilities."""
    readable = [answer.probabilities for answer in answers if not answer.error]
    calibrated = iter(_at(temperature, readable))
    return [
        answer if answer.error else replace(answer, probabilities=next(calibrated))
        for answer in answers
    ]


def rows_at(temperature: Temperature, rows: Sequence[Prediction]) -> list[Prediction]:
    """Return the rows with calibrated probabilities."""
    calibrated = _at(temperature, [row.probabilities for row in rows])
    return [
        replace(row, probability=new[row.probabilities.index(row.probability)], probabilities=new)
        for row, new in zip(rows, calibrated, strict=True)
    ]


def arrays(
    classes: Sequence[str], rows: Sequence[Prediction]
) -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    """Return probabilities `[photos, classes]` and labels `[photos]` for bear_tui.calibration.

    Rows with an unknown label are left out.
    """
    # numpy takes 0.1 s to import: only a run with predictions pays for it.
    import numpy as np

    known = {name: index for index, name in enumerate(classes)}
    rows = [row for row in rows if row.label in known and row.predicted in known]
    values = np.array([row.probabilities for row in rows], dtype=np.float64)
    labels = np.array([known[row.label] for row in rows], dtype=np.int64)
    return values.reshape(len(rows), len(classes)), labels


def _at(temperature: Temperature, rows: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    if temperature.value is None or not rows:
        return list(rows)
    import numpy as np

    from bear_tui import calibration

    probabilities = np.array(rows, dtype=np.float64)
    calibrated = calibration.at_temperature(probabilities, temperature.value)
    return [tuple(row) for row in calibrated.tolist()]
