"""A training as lines of plain text, as it goes on."""

from bear_tui.metrics import photos_in, unreadable_photos
from bear_tui.run.changes import sentence
from bear_tui.run.events import (
    EarlyTestCompleted,
    EpochCompleted,
    Event,
    LayersProved,
    RunStarted,
    ScheduleChanged,
    TestCompleted,
)
from bear_tui.run.results.reliability import early_line
from bear_tui.run.state import EpochRow, RunState
from bear_tui.text import safe


def line(event: Event, state: RunState) -> str:
    """Return the line of an event that is worth one, else an empty text.

    `state` is the run's after the event. How the run ends is left to the caller, who knows what
    can be done next.
    """
    match event:
        case RunStarted():
            return _started(state)
        case EpochCompleted(epoch):
            return _epoch(next(row for row in state.history if row.epoch == epoch), state)
        case LayersProved(_, frozen, trainable):
            return f"frozen {frozen:,} unchanged, trainable {trainable:,} moved"
        case EarlyTestCompleted():
            return f"early look at the test: {early_line(event)}"
        case ScheduleChanged():
            return f"from here on: {sentence(event)}"
        case TestCompleted(loss, accuracy):
            missing = unreadable_photos(event.unreadable, photos_in(event.confusion_matrix))
            return f"test accuracy {accuracy:.1%}, loss {loss:.4f}{f'; {missing}' * bool(missing)}"
        case _:
            return ""


def cells(row: EpochRow) -> tuple[str, str, str, str, str, str]:
    """Return an epoch's training loss and accuracy, those of validation, its rate and time."""

    def number(value: float | None, form: str) -> str:
        return "…" if value is None else format(value, form)

    return (
        number(row.train_loss, ".4f"),
        number(row.train_accuracy, ".1%"),
        number(row.validation_loss, ".4f"),
        number(row.validation_accuracy, ".1%"),
        number(row.learning_rate, ".2g"),
        f"{row.seconds:.1f} s",
    )


def _started(state: RunState) -> str:
    share = state.trainable_parameters / max(state.total_parameters, 1)
    return (
        f"{safe(state.run)} on {state.device} ({state.precision}): {len(state.classes)} classes, "
        f"trainable {state.trainable_parameters:,} of {state.total_parameters:,} ({share:.1%})"
    )


def _epoch(row: EpochRow, state: RunState) -> str:
    loss, accuracy, val_loss, val, rate, seconds = cells(row)
    best = "  best" if row.epoch == state.best_epoch else ""
    return (
        f"epoch {row.epoch}/{state.epochs}  train {loss} {accuracy}  "
        f"validation {val_loss} {val}  rate {rate}  {seconds}{best}"
    )
