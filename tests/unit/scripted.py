"""Events of a scripted training, as the trainer yields them."""

from collections.abc import Iterator

from bear_tui.run.events import (
    CheckpointSaved,
    EpochCompleted,
    EpochStarted,
    Event,
    Phase,
    PhaseCompleted,
    PhaseStarted,
    RunStarted,
    StepCompleted,
    TestCompleted,
)
from bear_tui.run.state import RunState

TRAIN_STEPS, VALIDATION_STEPS = 10, 4
TRAIN_SECONDS, VALIDATION_SECONDS = 10.0, 2.0


def run_started(epochs: int = 3, start_epoch: int = 1) -> RunStarted:
    return RunStarted(
        "bears-mlp-1", "cpu", "fp32", ("bear", "other"), epochs, start_epoch, 395_266, 395_266
    )


def phase(epoch: int, phase: Phase, first: int = 1) -> Iterator[Event]:
    """Yield a whole phase, resumed at step `first`. Loss and accuracy depend on the epoch alone."""
    train = phase == "train"
    steps = TRAIN_STEPS if train else VALIDATION_STEPS
    loss = (1.0 if train else 2.0) / epoch
    accuracy = 1 - 0.5 / epoch
    yield PhaseStarted(epoch, phase, steps)
    for step in range(first, steps + 1):
        yield StepCompleted(epoch, phase, step, loss, accuracy, 0.1 / epoch, 32.0)
    seconds = TRAIN_SECONDS if train else VALIDATION_SECONDS
    yield PhaseCompleted(epoch, phase, loss, accuracy, seconds)


def epoch_ended(epoch: int) -> Iterator[Event]:
    yield EpochCompleted(epoch, is_best=True)
    yield CheckpointSaved(epoch, "checkpoints/last.pt")


def epochs(first: int, last: int) -> Iterator[Event]:
    for epoch in range(first, last + 1):
        yield EpochStarted(epoch)
        yield from phase(epoch, "train")
        yield from phase(epoch, "validation")
        yield from epoch_ended(epoch)


def the_test() -> TestCompleted:
    return TestCompleted(0.3, 0.8, ((4, 1), (1, 4)), "predictions.csv")


def fold(events: Iterator[Event] | list[Event], state: RunState | None = None) -> RunState:
    state = state or RunState()
    for event in events:
        state = state.apply(event)
    return state
