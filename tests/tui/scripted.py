"""Events of a scripted training: what screens are given in tests in place of a real one."""

import time
from collections.abc import Iterator, Sequence

from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import (
    CheckpointSaved,
    EpochCompleted,
    EpochStarted,
    Event,
    Phase,
    PhaseCompleted,
    PhaseStarted,
    RunCompleted,
    RunStarted,
    StepCompleted,
    TestCompleted,
)
from bear_tui.run.folder import RunFolder
from bear_tui.tui.session.engine import Fit

TRAIN_STEPS, VALIDATION_STEPS = 20, 4


def started(
    run: str = "bears-mlp-1f2e", epochs: int = 6, classes: tuple[str, ...] = ("bear", "not_bear")
) -> RunStarted:
    return RunStarted(run, "cpu", "fp32", classes, epochs, 1, 395_266, 395_266)


def classes_of(events: Sequence[Event]) -> tuple[str, ...]:
    """Return the classes that the run started with."""
    return next(event.classes for event in events if isinstance(event, RunStarted))


def phase(epoch: int, name: Phase, steps: int, until: int | None = None) -> Iterator[Event]:
    """Yield a phase, or with `until` only its events up to that step."""
    yield PhaseStarted(epoch, name, steps)
    offset = 0.04 if name == "validation" else 0.0
    for step in range(1, (steps if until is None else until) + 1):
        loss, accuracy = figures(epoch - 1 + step / steps, offset)
        yield StepCompleted(epoch, name, step, loss, accuracy, 0.001, 1240.0)
    if until is None:
        loss, accuracy = figures(epoch, offset)
        yield PhaseCompleted(epoch, name, loss, accuracy, 3.1 if name == "train" else 1.0)


def figures(at: float, offset: float) -> tuple[float, float]:
    """Return a loss and an accuracy that improve with the epoch `at`."""
    return 0.7 / (1 + 0.8 * at) + offset, min(0.99, 1 - 0.5 / (1 + at)) - offset / 4


def epoch(number: int, is_best: bool = True) -> Iterator[Event]:
    """Yield a whole epoch."""
    yield EpochStarted(number)
    yield from phase(number, "train", TRAIN_STEPS)
    yield from phase(number, "validation", VALIDATION_STEPS)
    yield EpochCompleted(number, is_best)
    yield CheckpointSaved(number, "checkpoints/last.pt")


def running(epochs: int = 6) -> list[Event]:
    """Return the events of a run in the training phase of its fourth epoch."""
    events: list[Event] = [started(epochs=epochs)]
    for number in (1, 2, 3):
        events += epoch(number, is_best=number != 3)
    return [*events, EpochStarted(4), *phase(4, "train", TRAIN_STEPS, until=12)]


def completed(epochs: int = 3, classes: tuple[str, ...] = ("bear", "not_bear")) -> list[Event]:
    """Return the events of a completed run."""
    events: list[Event] = [started(epochs=epochs, classes=classes)]
    for number in range(1, epochs + 1):
        events += epoch(number)
    return [
        *events,
        TestCompleted(0.1, 0.95, _matrix(len(classes)), "predictions.csv"),
        RunCompleted(),
    ]


def _matrix(classes: int) -> tuple[tuple[int, ...], ...]:
    """Return a confusion matrix with 38 of 40 right in each class."""
    rows = range(classes)
    return tuple(tuple(38 if a == b else 2 * (b == (a + 1) % classes) for b in rows) for a in rows)


def fit_of(events: Sequence[Event], hold: bool = False, pause: float = 0.0) -> Fit:
    """Return a replacement of the engine's `fit` that yields these events.

    `hold` then waits for a request to stop; `pause` is a wait after the first event, in seconds.
    """

    def fit(_recipe: Recipe, _folder: RunFolder, control: Control) -> Iterator[Event]:
        yield from events[:1]
        time.sleep(pause)
        yield from events[1:]
        # Not for ever: a test that fails leaves nobody to stop its training.
        end = time.monotonic() + 20
        while hold and time.monotonic() < end and not control.obey():
            time.sleep(0.01)

    return fit
