"""The events of a training, which the engine yields and everyone else reads.

    RunStarted
      EpochStarted
        PhaseStarted StepCompleted* PhaseCompleted        # train, then validation
          EarlyTestCompleted* ScheduleChanged*            # between steps, when asked for
      EpochCompleted CheckpointSaved LayersProved?        # once, after the first epoch
    TestCompleted
    RunCompleted | RunStopped | RunFailed                 # exactly one, and always last

Only StepCompleted may be dropped. Times are seconds, accuracies and losses means per photo.
"""

import functools
import json
import math
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Literal, TypeAlias, get_args, get_origin

from bear_tui import json_file
from bear_tui.errors import Unreadable

Phase: TypeAlias = Literal["train", "validation"]
Shape: TypeAlias = Literal["unchanged", "stretched", "held", "restarted"]


@dataclass(frozen=True)
class RunStarted:
    """All checks passed: training begins, or resumes at `start_epoch`."""

    run: str
    device: str
    precision: str
    classes: tuple[str, ...]
    epochs: int
    start_epoch: int
    trainable_parameters: int
    total_parameters: int
    filling: int = 0
    """Epochs from `start_epoch` on in which the frozen layers are computed; later ones read their
    cached activations. 0: all epochs are alike."""


@dataclass(frozen=True)
class EpochStarted:
    """Epochs count from 1."""

    epoch: int


@dataclass(frozen=True)
class PhaseStarted:
    """`steps` batches follow."""

    epoch: int
    phase: Phase
    steps: int


@dataclass(frozen=True)
class StepCompleted:
    """Progress within a phase: loss and accuracy over the phase so far."""

    epoch: int
    phase: Phase
    step: int
    loss: float
    accuracy: float
    learning_rate: float
    images_per_second: float


@dataclass(frozen=True)
class PhaseCompleted:
    """The figures of a whole phase."""

    epoch: int
    phase: Phase
    loss: float
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class EpochCompleted:
    """`is_best`: no earlier epoch did better on the validation photos."""

    epoch: int
    is_best: bool


@dataclass(frozen=True)
class CheckpointSaved:
    """From here the training can be resumed, even after a power cut."""

    epoch: int
    path: str


@dataclass(frozen=True)
class LayersProved:
    """Frozen layers are unchanged to the bit, and each trainable layer has moved."""

    epoch: int
    frozen_parameters: int
    trainable_parameters: int


@dataclass(frozen=True)
class EarlyTestCompleted:
    """A test of the best weights so far, on request. Decisions based on it make the final score
    optimistic."""

    epoch: int
    """The epoch of these weights."""
    loss: float
    accuracy: float
    photos: int
    """Photos that could be read, which the figures are about."""
    unreadable: int = 0


@dataclass(frozen=True)
class ScheduleChanged:
    """The learning rate and number of epochs from here on, because a person changed one.

    The recipe stays the one that the run was started with.
    """

    epoch: int
    step: int
    """Training steps of the epoch completed before."""
    learning_rate: float
    """The peak of the schedule; if it is `held`, the rate itself."""
    epochs: int
    """In all."""
    schedule: Shape = "unchanged"
    """`stretched`: the rest is spread over the epochs left. `held`: it had ended, and the rate
    stays. `restarted`: it begins anew, with its warm-up."""


@dataclass(frozen=True)
class TestCompleted:
    """The test of the best weights. Rows of the matrix are true classes.

    All figures are about the photos that could be read.
    """

    __test__ = False  # pytest: this is no test

    loss: float
    accuracy: float
    confusion_matrix: tuple[tuple[int, ...], ...]
    predictions_path: str
    unreadable: int = -1
    """Test photos that could not be read; -1: an earlier version did not count them."""


@dataclass(frozen=True)
class RunCompleted:
    """All epochs and the test are done."""


@dataclass(frozen=True)
class RunStopped:
    """Ended before the end, on request."""

    reason: str


@dataclass(frozen=True)
class RunFailed:
    """Ended by an error: one sentence."""

    error: str


Event: TypeAlias = (
    RunStarted
    | EpochStarted
    | PhaseStarted
    | StepCompleted
    | PhaseCompleted
    | EpochCompleted
    | CheckpointSaved
    | LayersProved
    | EarlyTestCompleted
    | ScheduleChanged
    | TestCompleted
    | RunCompleted
    | RunStopped
    | RunFailed
)

_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        RunStarted,
        EpochStarted,
        PhaseStarted,
        StepCompleted,
        PhaseCompleted,
        EpochCompleted,
        CheckpointSaved,
        LayersProved,
        EarlyTestCompleted,
        ScheduleChanged,
        TestCompleted,
        RunCompleted,
        RunStopped,
        RunFailed,
    )
}


def to_json(event: Event) -> str:
    """Return one line of JSON, without line break. A NaN or infinite loss is written as null."""
    values = {name: _finite(value) for name, value in asdict(event).items()}
    return json.dumps({"event": type(event).__name__, **values}, allow_nan=False)


class ImpossibleEvent(ValueError):
    """A known event with fields that this version never writes."""


def from_json(line: str) -> Event:
    """Return the event that this or an earlier version's `to_json` wrote.

    Fields that were added later take their defaults. Raises ValueError for anything else.
    """
    try:
        document = json_file.parse(line, "a line")
    except json_file.NotJson as error:
        raise ValueError(str(error)) from None
    except Unreadable as error:
        raise ImpossibleEvent(str(error).rstrip(".")) from None
    kind = _TYPES.get(str(document.get("event"))) if isinstance(document, dict) else None
    if kind is None:
        raise ValueError(f"no known event: {line[:80]}")
    try:
        values = {
            name: _value(document[name], type_, name)
            for name, type_, required in _fields(kind)  # type: ignore[arg-type]
            if required or name in document
        }
    except KeyError as missing:
        raise ImpossibleEvent(f"{document['event']} without {missing}") from None
    event: Event = kind(**values)
    if isinstance(event, ScheduleChanged) and not 0 < event.learning_rate < math.inf:
        raise ImpossibleEvent("`learning_rate` of ScheduleChanged must be above 0")
    return event


_RANGES: dict[str, tuple[float, float]] = {
    "accuracy": (0, 1),
    "epoch": (0, 10**6),
    "epochs": (0, 10**6),
    "start_epoch": (0, 10**6),
    "loss": (-1e38, 1e38),
    "unreadable": (-1, 2**53),
}
_ANY = (0, 2**53)
"""For counts, seconds and rates: integers up to here are exact as floats too."""


def _finite(value: object) -> object:
    is_number = not isinstance(value, float) or value - value == 0.0
    return value if is_number else None


@functools.cache
def _fields(kind: type[Any]) -> tuple[tuple[str, Any, bool], ...]:
    """Return name and type of each field of an event, and whether all versions wrote it."""
    return tuple((f.name, f.type, f.default is MISSING) for f in fields(kind))


def _value(value: Any, kind: Any, name: str) -> Any:
    """Return `value` as the field `name` of type `kind`. Raises ImpossibleEvent."""
    if kind is float or kind is int:
        if value is None and kind is float:
            return float("nan")
        least, most = _RANGES.get(name, _ANY)
        good = (type(value) is kind or type(value) is int) and least <= value <= most
    elif get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_value(item, get_args(kind)[0], name) for item in value)
    elif get_origin(kind) is Literal:
        good = value in get_args(kind)
    else:
        good = type(value) is kind
    if not good:
        raise ImpossibleEvent(f"`{name}` cannot be {str(value)[:40]}")
    return value
