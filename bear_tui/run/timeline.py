"""A run's events as sentences with times: pure, so the same live and read from disk."""

from dataclasses import dataclass

from bear_tui.metrics import photos_in, unreadable_photos
from bear_tui.run.changes import sentence
from bear_tui.run.events import (
    CheckpointSaved,
    EarlyTestCompleted,
    EpochCompleted,
    Event,
    LayersProved,
    RunCompleted,
    RunFailed,
    RunStarted,
    RunStopped,
    ScheduleChanged,
    StepCompleted,
    TestCompleted,
)
from bear_tui.run.state import RunState
from bear_tui.text import counted

_JUMP = 1.3
"""A learning rate that changes by a smaller factor from step to step follows its schedule."""


@dataclass(frozen=True)
class TimelineEntry:
    """One sentence on what happened."""

    seconds: float
    """Training time before it, in completed phases: a journal records no other time."""
    what: str
    """Unescaped: it may hold foreign text."""


def timeline_entry(event: Event, before: RunState, after: RunState) -> TimelineEntry | None:
    """Return what to say of `event`, which turned `before` into `after`; None of most events."""
    what = _sentence(event, before, after)
    return TimelineEntry(after.seconds, what) if what else None


def _sentence(event: Event, before: RunState, after: RunState) -> str:
    match event:
        case StepCompleted(learning_rate=rate):
            return _rate(before.learning_rate, rate)
        case RunStarted():
            return _began(event, before)
        case EpochCompleted(epoch, is_best):
            rows = [row.validation_accuracy for row in after.history if row.epoch == epoch]
            accuracy = "" if not rows or rows[0] is None else f", {rows[0]:.1%} right"
            return f"epoch {epoch} ended{accuracy}{', the best so far' if is_best else ''}"
        case CheckpointSaved(epoch):
            return f"saved after epoch {epoch}"
        case LayersProved(_, frozen, trainable):
            return f"checked: {frozen:,} frozen unchanged, {trainable:,} moved"
        case EarlyTestCompleted(photos=photos, unreadable=unreadable):
            words = f"{event.accuracy:.1%} right{_missing(unreadable, photos)}"
            return f"early test: {words}, weights of epoch {event.epoch}"
        case TestCompleted(accuracy=accuracy, unreadable=unreadable):
            missing = _missing(unreadable, photos_in(event.confusion_matrix))
            return f"tested: {accuracy:.1%} right{missing}"
        case ScheduleChanged():
            return f"from here on: {sentence(event)}"
        case RunCompleted():
            return "done"
        case RunStopped(reason):
            return f"stopped: {reason}"
        case RunFailed(error):
            return f"failed: {error}"
    return ""


def _missing(unreadable: int, photos: int) -> str:
    sentence = unreadable_photos(unreadable, photos)
    return f" ({sentence})" if sentence else ""


def _began(event: RunStarted, before: RunState) -> str:
    where = f"on {event.device} in {event.precision}"
    if not before.run:
        return f"began {where}, {counted(event.epochs, 'epoch')}"
    # Earlier versions recorded a change of epochs in this way.
    if before.status == "running" and before.epochs != event.epochs:
        return f"now {counted(event.epochs, 'epoch')} in all"
    return f"resumed {where}, epoch {event.start_epoch} of {event.epochs}"


def _rate(before: float | None, now: float) -> str:
    if not before or not now or 1 / _JUMP < now / before < _JUMP:
        return ""
    return f"learning rate {before:.3g} → {now:.3g}"
