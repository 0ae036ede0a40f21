"""What a person changed of a training while it went on: told in sentences and in documents."""

from collections.abc import Sequence
from typing import Any

from bear_tui.run.events import ScheduleChanged
from bear_tui.text import counted

Changes = tuple[ScheduleChanged, ...]
"""In the order in which they take effect; the last one holds."""

_SHAPES = {
    "unchanged": "",
    "stretched": ", the rest of the schedule spread over the epochs left",
    "held": ", held: the schedule had ended",
    "restarted": ", the schedule restarted from there",
}


def with_change(changes: Changes, new: ScheduleChanged) -> Changes:
    """Return the changes with a new one.

    Those of later steps are dropped: a run that goes on from before them was changed otherwise.
    """
    here = (new.epoch, new.step)
    return (*(one for one in changes if (one.epoch, one.step) <= here), new)


def where(change: ScheduleChanged) -> str:
    """Return the place of a change: `epoch 3, after step 40`."""
    return f"epoch {change.epoch}" + (f", after step {change.step}" if change.step else "")


def sentence(change: ScheduleChanged) -> str:
    """Return what holds from a change on: `learning rate 0.0005, 20 epochs in all`."""
    rate = f"learning rate {change.learning_rate:.4g}"
    return f"{rate}, {counted(change.epochs, 'epoch')} in all{_SHAPES[change.schedule]}"


def lines(changes: Changes) -> list[str]:
    """Return a line a change, for a person who reads about the run."""
    return [f"changed in {where(one)}: {sentence(one)}" for one in changes]


AS_STARTED = "The recipe is the one it began with, without what was changed while it trained."
"""Where a recipe is used again."""


def documents(changes: Changes) -> list[dict[str, Any]]:
    """Return the `changes` of the document of `show`."""
    return [
        {
            "epoch": one.epoch,
            "step": one.step,
            "learning_rate": one.learning_rate,
            "epochs": one.epochs,
        }
        for one in changes
    ]


def in_short(changes: Sequence[dict[str, Any]]) -> str:
    """Return `epoch 3: lr 0.0005, 20 epochs; ...` of `documents`, to stand in a table."""
    told = (
        f"epoch {one['epoch']}: lr {one['learning_rate']:.3g}, {counted(one['epochs'], 'epoch')}"
        for one in changes
    )
    return "; ".join(told) or "none"


def places(changes: Changes, steps: int) -> list[float]:
    """Return where the changes stand in epochs, 0.5 being half of the first one of `steps`."""
    return [one.epoch - 1 + min(1.0, one.step / max(1, steps)) for one in changes]
