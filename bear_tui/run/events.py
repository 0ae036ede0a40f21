"""The one language between the engine and everyone.

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
    """Everything was found fit; training begins, or goes on at `start_epoch`."""

    run: str
    device: str
    precision: str
    classes: tuple[str, ...]
    epochs: int
    start_epoch: int
    trainable_parameters: int
    total_parameters: int
    filling: int = 0
    """Epochs from `start_epoch` on in which the frozen layers see photos; later ones take what was
    kept of them. 0: all epochs are alike."""


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
    """Where the phase stands: loss and accuracy over the phase so far."""

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
    """The training up to here survives a power cut."""

    epoch: int
    path: str


@dataclass(frozen=True)
class LayersProved:
    """Compared to the bit: all that is frozen is unchanged, each layer that learns has moved."""

    epoch: int
    frozen_parameters: int
    trainable_parameters: int


@dataclass(frozen=True)
class EarlyTestCompleted:
    """The best weights so far on the test photos, because a person asked. Whoever decides by it
    makes the last test look better than the model is."""

    epoch: int
    """The one whose weights they are."""
    loss: float
    accuracy: float
    photos: int
    """Those that could be read: the figures are about these."""
    unreadable: int = 0


@dataclass(frozen=True)
class ScheduleChanged:
    """A person asked for another learning rate or number of epochs: what holds from here on.

    The recipe stays the one that the run was started with.
    """

    epoch: int
    step: int
    """Training steps of the epoch that were done before."""
    learning_rate: float
    """The rate that the scheduler's shape is multiplied by; of a `held` one, the rate itself."""
    epochs: int
    """In all."""
    schedule: Shape = "unchanged"
    """`stretched`: its rest is spread over the epochs left. `held`: it had ended, and the rate
    stays as it was then. `restarted`: it begins anew, with its warm-up."""


@dataclass(frozen=True)
class TestCompleted:
    """The best weights on photos never used before. Rows of the matrix are true classes.

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
    """One line of JSON, without the line break. A loss that is no number is written as null."""
    values = {name: _finite(value) for name, value in asdict(event).items()}
    return json.dumps({"event": type(event).__name__, **values}, allow_nan=False)


class ImpossibleEvent(ValueError):
    """An event by name, that no bear-tui of this version writes."""


def from_json(line: str) -> Event:
    """The event that `to_json` wrote, now or in an earlier version: fields that came later take
    their defaults. Raises ValueError for anything else."""
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
"""Counts, seconds, rates: whole numbers up to here are exact as floats too."""


def _finite(value: object) -> object:
    is_number = not isinstance(value, float) or value - value == 0.0
    return value if is_number else None


@functools.cache
def _fields(kind: type[Any]) -> tuple[tuple[str, Any, bool], ...]:
    """Name and type of each field of an event, and whether it has always been there."""
    return tuple((f.name, f.type, f.default is MISSING) for f in fields(kind))


def _value(value: Any, kind: Any, name: str) -> Any:
    """`value` as the field `name` of type `kind` holds it. Raises ImpossibleEvent."""
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
