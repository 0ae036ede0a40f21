"""RunState: what is known of a run so far, whether it is live, watched or finished."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bear_tui.run.changes import Changes, with_change
from bear_tui.run.events import (
    CheckpointSaved,
    EarlyTestCompleted,
    EpochCompleted,
    EpochStarted,
    Event,
    LayersProved,
    Phase,
    PhaseCompleted,
    PhaseStarted,
    RunCompleted,
    RunFailed,
    RunStarted,
    RunStopped,
    ScheduleChanged,
    StepCompleted,
    TestCompleted,
)

Status: TypeAlias = Literal[
    "waiting", "running", "paused", "completed", "stopped", "failed", "interrupted"
]
# waiting: no event yet. Events alone give waiting, running, completed, stopped and failed; the
# run's folder gives paused and interrupted (its process is gone).

_CURVE_COLUMNS = 999
"""More than any terminal has. Of the points of one phase in a column, only the newest is kept."""


@dataclass(frozen=True)
class EpochRow:
    """One finished or running epoch. The figures of a phase that has not ended are None."""

    epoch: int
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    learning_rate: float | None = None
    train_seconds: float = 0.0
    validation_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        """Time spent in the epoch's finished phases."""
        return self.train_seconds + self.validation_seconds


@dataclass(frozen=True)
class CurvePoint:
    """The running means at one step; `at` is in epochs: 0.5 is half of the first."""

    at: float
    phase: Phase
    loss: float
    accuracy: float


@dataclass(frozen=True)
class RunState:
    """A run as its events describe it. Immutable: `apply` returns the next state."""

    run: str = ""
    status: Status = "waiting"
    device: str = ""
    precision: str = ""
    classes: tuple[str, ...] = ()
    epochs: int = 0
    start_epoch: int = 1
    filling: int = 0
    """Epochs from `start_epoch` on in which the frozen layers are computed; 0: all are alike."""
    trainable_parameters: int = 0
    total_parameters: int = 0
    epoch: int = 0
    phase: Phase = "train"
    step: int = 0
    steps: int = 0
    images_per_second: float = 0.0
    learning_rate: float | None = None
    history: tuple[EpochRow, ...] = ()
    """Finished epochs and the running one, oldest first."""
    epochs_done: int = 0
    best_epoch: int | None = None
    curve: tuple[CurvePoint, ...] = ()
    changes: Changes = ()
    """Changes of learning rate and epochs since the recipe."""
    checkpoint: str | None = None
    proof: LayersProved | None = None
    test: TestCompleted | None = None
    early_test: EarlyTestCompleted | None = None
    early_tests: int = 0
    """How often the test photos were tested before the training was done."""
    message: str = ""
    """Why the run stopped or failed."""
    train_steps: int = 0
    validation_steps: int = 0
    first_step: int | None = None
    """The first step reported of the running phase: above 1 if it was resumed."""

    @property
    def ended(self) -> bool:
        """Whether the run has ended, so that no event follows."""
        return self.status in ("completed", "stopped", "failed", "interrupted")

    @property
    def seconds(self) -> float:
        """Time spent in finished phases."""
        return sum(row.seconds for row in self.history)

    def apply(self, event: Event) -> "RunState":
        """Return the state after `event`."""
        match event:
            case RunStarted():
                return self._started(event)
            case EpochStarted(epoch):
                earlier = tuple(row for row in self.history if row.epoch < epoch)
                # An epoch that was stopped midway keeps its finished phase.
                row = next((row for row in self.history if row.epoch == epoch), EpochRow(epoch))
                return replace(self, epoch=epoch, phase="train", step=0, history=(*earlier, row))
            case PhaseStarted(_, phase, steps):
                state = replace(self, phase=phase, step=0, steps=steps, first_step=None)
                if phase == "train":
                    return replace(state, train_steps=steps)
                return replace(state, validation_steps=steps)
            case StepCompleted():
                return self._stepped(event)
            case PhaseCompleted():
                return self._phase_done(event)
            case EpochCompleted(epoch, is_best):
                best = epoch if is_best else self.best_epoch
                return replace(self, epochs_done=epoch, best_epoch=best)
            case CheckpointSaved(_, path):
                return replace(self, checkpoint=path)
            case LayersProved():
                return replace(self, proof=event)
            case EarlyTestCompleted():
                return replace(self, early_test=event, early_tests=self.early_tests + 1)
            case ScheduleChanged(epochs=epochs):
                return replace(self, epochs=epochs, changes=with_change(self.changes, event))
            case TestCompleted():
                return replace(self, test=event)
            case RunCompleted():
                return replace(self, status="completed")
            case RunStopped(reason):
                return replace(self, status="stopped", message=reason)
            case RunFailed(error):
                return replace(self, status="failed", message=error)

    def _started(self, event: RunStarted) -> "RunState":
        # Trained further after its test, which makes that an early test.
        goes_on = self.test is not None and event.start_epoch <= event.epochs
        return replace(
            self,
            early_tests=self.early_tests + goes_on,
            run=event.run,
            status="running",
            device=event.device,
            precision=event.precision,
            classes=event.classes,
            epochs=event.epochs,
            start_epoch=event.start_epoch,
            filling=event.filling,
            trainable_parameters=event.trainable_parameters,
            total_parameters=event.total_parameters,
            message="",
        )

    def _stepped(self, event: StepCompleted) -> "RunState":
        at = event.epoch - 1 + (event.step / self.steps if self.steps else 0.0)
        point = CurvePoint(at, event.phase, event.loss, event.accuracy)
        curve, column = self.curve, self._column(at)
        last = next((p for p in reversed(curve) if p.phase == event.phase), None)
        if last is not None and last is curve[-1] and self._column(last.at) == column:
            curve = curve[:-1]
        elif last is not None and self._column(last.at) >= column:
            # Resumed after a kill: steps that were not saved are repeated.
            curve = tuple(p for p in curve if p.phase != event.phase or self._column(p.at) < column)
        return replace(
            self,
            step=event.step,
            learning_rate=event.learning_rate,
            images_per_second=event.images_per_second,
            first_step=event.step if self.first_step is None else self.first_step,
            curve=(*curve, point),
        )

    def _column(self, at: float) -> int:
        """Return the column of a point in a chart that spans the whole run."""
        return int(at / max(self.epochs, 1) * _CURVE_COLUMNS)

    def _phase_done(self, event: PhaseCompleted) -> "RunState":
        # A damaged journal may lack the line that began this epoch.
        begun = bool(self.history) and self.history[-1].epoch == event.epoch
        row = self.history[-1] if begun else EpochRow(event.epoch)
        earlier = self.history[:-1] if begun else self.history
        if event.phase == "train":
            row = replace(
                row,
                train_loss=event.loss,
                train_accuracy=event.accuracy,
                train_seconds=event.seconds,
                learning_rate=self.learning_rate,
            )
        else:
            row = replace(
                row,
                validation_loss=event.loss,
                validation_accuracy=event.accuracy,
                validation_seconds=event.seconds,
            )
        return replace(self, history=(*earlier, row), step=self.steps)


def seconds_left(state: RunState, elapsed_in_phase: float) -> float | None:
    """Return the time until the last epoch ends; None while it cannot be estimated.

    `elapsed_in_phase` is how long the running phase has taken. Epochs that fill the cache of frozen
    activations and those that read it have each their own speed, estimated from finished epochs,
    else from the running epoch's steps.
    """
    if state.ended:
        return 0.0
    last_filling = state.start_epoch + state.filling - 1
    filling = max(0, min(last_filling, state.epochs) - state.epoch)
    reading = max(0, state.epochs - state.epoch) - filling
    running = 1 - _share_done(state)
    filling_left, reading_left = float(filling), float(reading)
    if state.epoch <= last_filling:
        filling_left += running
    else:
        reading_left += running
    first = last_filling + 1 if state.filling else 1
    to_read = _epoch_seconds(state, elapsed_in_phase, first, state.epochs)
    to_fill = _epoch_seconds(state, elapsed_in_phase, state.start_epoch, last_filling)
    if to_read is None and reading_left <= filling_left:
        to_read = to_fill  # it takes no longer
    if (filling_left and to_fill is None) or (reading_left and to_read is None):
        return None
    return max(0.0, filling_left * (to_fill or 0.0) + reading_left * (to_read or 0.0))


def _steps_of_an_epoch(state: RunState) -> int:
    return state.train_steps + (state.validation_steps or state.train_steps // 5)


def _share_done(state: RunState) -> float:
    """Return which share of the running epoch is done."""
    if state.phase == "validation" and state.step >= state.steps:
        return 1.0
    done = state.step + (state.train_steps if state.phase == "validation" else 0)
    return done / (_steps_of_an_epoch(state) or 1)


def _epoch_seconds(state: RunState, elapsed: float, first: int, last: int) -> float | None:
    """Return the time of one of the epochs `first` to `last`, which are alike; None: unknown."""
    done = [row for row in state.history if row.validation_loss is not None]
    alike = [row.seconds for row in done if first <= row.epoch <= last]
    if alike:
        # The first epoch also decodes the photos: leave it out if there are others.
        recent = alike[1:] or alike
        return sum(recent) / len(recent)
    if first <= state.epoch <= last:
        steps = _steps_of_an_epoch(state)
        if state.step and elapsed > 0 and state.phase == "train":
            return elapsed / (state.step - (state.first_step or 1) + 1) * steps
        if state.phase == "validation" and state.history and state.train_steps:
            return state.history[-1].train_seconds / state.train_steps * steps
    # Epochs before the run was resumed: the fastest read the cache.
    return min((row.seconds for row in done if last >= first > row.epoch), default=None)
