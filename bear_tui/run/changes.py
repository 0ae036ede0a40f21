"""What a person changed while a run trained, as sentences and in documents."""

from collections.abc import Sequence
from typing import TypedDict

from bear_tui.run.events import ScheduleChanged
from bear_tui.text import counted

Changes = tuple[ScheduleChanged, ...]
"""In the order in which they take effect; the last one holds."""

AS_STARTED = "The recipe is the one the run began with, without changes made while it trained."
"""Said where a recipe is used again."""

_SHAPES = {
    "unchanged": "",
    "stretched": ", the rest of the schedule spread over the epochs left",
    "held": ", held: the schedule had ended",
    "restarted": ", the schedule restarted from there",
}


class ChangeDocument(TypedDict):
    """One of the `changes` in the document of `show`."""

    epoch: int
    step: int
    learning_rate: float
    epochs: int


def with_change(changes: Changes, new: ScheduleChanged) -> Changes:
    """Return the changes with a new one.

    Changes of later steps are dropped: the run was resumed from before them.
    """
    here = (new.epoch, new.step)
    return (*(change for change in changes if (change.epoch, change.step) <= here), new)


def sentence(change: ScheduleChanged) -> str:
    """Return what holds from a change on: `learning rate 0.0005, 20 epochs in all`."""
    rate = f"learning rate {change.learning_rate:.4g}"
    return f"{rate}, {counted(change.epochs, 'epoch')} in all{_SHAPES[change.schedule]}"


def lines(changes: Changes) -> list[str]:
    """Return a line a change: `changed in epoch 3, after step 40: learning rate ...`."""
    return [f"changed in {_place(change)}: {sentence(change)}" for change in changes]


def _place(change: ScheduleChanged) -> str:
    return f"epoch {change.epoch}" + (f", after step {change.step}" if change.step else "")


def documents(changes: Changes) -> list[ChangeDocument]:
    """Return the `changes` in the document of `show`."""
    return [
        {
            "epoch": change.epoch,
            "step": change.step,
            "learning_rate": change.learning_rate,
            "epochs": change.epochs,
        }
        for change in changes
    ]


def in_short(changes: Sequence[ChangeDocument]) -> str:
    """Return `epoch 3: lr 0.0005, 20 epochs; ...`, short enough for a table."""
    parts = (
        f"epoch {change['epoch']}: lr {change['learning_rate']:.3g}, "
        f"{counted(change['epochs'], 'epoch')}"
        for change in changes
    )
    return "; ".join(parts) or "none"


def places(changes: Changes, steps: int) -> list[float]:
    """Return where the changes took effect, in epochs of `steps`: 0.5 is half of the first one."""
    return [change.epoch - 1 + min(1.0, change.step / max(1, steps)) for change in changes]
