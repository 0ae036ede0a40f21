"""The training loop: epochs, phases and steps, as events.

Random numbers are seeded anew for every step from (seed, epoch, step), so a resumed training
draws the same ones as a training that was never stopped.
"""

import logging
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from torch import nn

from bear_tui.engine.compute import distributed
from bear_tui.engine.inputs.batches import shard_of
from bear_tui.engine.models import freezing
from bear_tui.engine.models.checkpoint import Checkpoint, Progress
from bear_tui.engine.training.clock import Clock
from bear_tui.engine.training.context import TrainingContext
from bear_tui.engine.training.decision import Decision, decide
from bear_tui.engine.training.freeze_check import FreezeCheck
from bear_tui.engine.training.nan_guard import NanGuard
from bear_tui.engine.training.phase_sums import PhaseSums
from bear_tui.engine.training.saver import Saver, in_order
from bear_tui.engine.training.schedule import Schedule
from bear_tui.engine.training.step import Outcome, Stepper
from bear_tui.engine.training.testing import early_test
from bear_tui.run.events import (
    CheckpointSaved,
    EpochCompleted,
    EpochStarted,
    Event,
    Phase,
    PhaseCompleted,
    PhaseStarted,
    RunStopped,
    ScheduleChanged,
    StepCompleted,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PhaseResult:
    """What a phase came to: means over its photos, or the reason why it was stopped."""

    loss: float = 0.0
    accuracy: float = 0.0
    stopped: str = ""


class Trainer:
    """Trains one model, from the beginning or from a checkpoint."""

    def __init__(self, context: TrainingContext) -> None:
        self.context = context
        setup, self._source = context.setup, context.source
        self._recipe, self._model = setup.recipe, setup.model
        self.progress = Progress()
        self._freeze_check: FreezeCheck | None = FreezeCheck(setup.model)
        self._steps = len(self._source.batches("train", 1))
        self.schedule = Schedule(setup.recipe, self._steps)
        frozen = freezing.frozen_parameters(setup.model)
        self.saver = Saver(context.folder, context.control, frozen)
        self.stepper = Stepper(setup, self._source)
        self._guard = NanGuard(setup.model, setup.recipe.learning_rate)

    def restore(self, saved: Checkpoint) -> None:
        """Continue from a checkpoint of this run. On other photos its epoch begins anew."""
        self._model.load_state_dict(saved.model)
        if saved.optimizer is not None:
            self.stepper.restore(saved.optimizer)
        self.progress = saved.progress
        unproved = saved.unproved
        self._freeze_check = FreezeCheck(self._model, unproved) if unproved else None
        if saved.progress.epoch == 1 and self._freeze_check is None:
            log.warning("saved by an earlier bear-tui: it cannot be checked which layers move.")
        self._source.resume(saved.views)
        if saved.fingerprint != self.context.setup.fingerprint:
            self.begin_phase("train")
        elif saved.prefix != self._source.cut:
            log.warning("the model is cut elsewhere than before: last digits may differ.")

    def change(self, wanted: Mapping[str, float], least: int) -> ScheduleChanged | None:
        """Change the schedule as wanted, to `least` epochs or more; None where nothing changes."""
        changed = self.schedule.change(self.progress.epoch, self._steps_done, wanted, least)
        if changed is not None:
            self.schedule.apply(changed)
        return changed

    def epochs(self) -> Iterator[Event]:
        """Train to the last epoch, or until patience runs out; a stop ends with RunStopped."""
        yield from in_order(self._epochs(), self.saver)

    def _epochs(self) -> Iterator[Event]:
        progress = self.progress
        while progress.epoch <= self._last_epoch and not self._out_of_patience():
            epoch = progress.epoch
            yield EpochStarted(epoch)
            if progress.phase == "train":
                result = yield from self.phase("train")
                if result.stopped:
                    yield RunStopped(result.stopped)
                    return
                self.begin_phase("validation")
            result = yield from self.phase("validation")
            if result.stopped:
                yield RunStopped(result.stopped)
                return
            is_best = self._judge(result)
            progress.epoch += 1
            self.begin_phase("train")
            yield EpochCompleted(epoch, is_best)
            yield from self._check_freezing(epoch)
            self.saver.begin(self._checkpoint(), is_best)
            yield CheckpointSaved(epoch, self.saver.path)
        if self._freeze_check is not None:
            self._freeze_check.log_if_too_early()

    def phase(self, phase: Phase) -> Generator[Event, None, PhaseResult]:
        """One pass over the photos of a phase, from the step where `progress` stands."""
        progress, source = self.progress, self._source
        batches = source.batches(phase, progress.epoch)
        source.decode_ahead(phase, progress.epoch, progress.step)
        yield PhaseStarted(progress.epoch, phase, len(batches))
        (freezing.train_mode if phase == "train" else nn.Module.eval)(self._model)
        sums, first, rate = PhaseSums(progress, self.context.setup, self._guard), progress.step, 0.0
        for step in range(first, len(batches)):
            decision = decide(self.context.control, self.saver, sums.clock)
            if decision.early_test:
                yield from self._early_test(sums.clock)
            if decision.save:
                yield from self._save(sums, decision)
            if decision.stop:
                return PhaseResult(stopped=decision.stop)
            outcome, rate = self._step(phase, step, batches)
            sums.add(outcome, rate)
            if progress.step < len(batches) and distributed.rank() == 0 and sums.clock.due():
                # Reading a sum waits for the device, so it is done a few times a second at most.
                loss, accuracy = sums.own_means()
                speed = sums.images_per_second(distributed.size())
                yield StepCompleted(
                    progress.epoch, phase, progress.step, loss, accuracy, rate, speed
                )
        loss, accuracy = sums.means_of_all()
        if progress.step > first:
            speed = sums.images_per_second(1)
            yield StepCompleted(progress.epoch, phase, progress.step, loss, accuracy, rate, speed)
        if phase == "train":
            distributed.share_buffers(self._model)
            self._guard.check_weights(progress)
        yield PhaseCompleted(progress.epoch, phase, loss, accuracy, sums.seconds)
        return PhaseResult(loss, accuracy)

    def _step(self, phase: Phase, step: int, batches: list[list[int]]) -> tuple[Outcome, float]:
        """Take a step; what came of it, and its learning rate."""
        epoch = self.progress.epoch
        # A validation reports the rate that the epoch ended with.
        learning_step = step if phase == "train" else self._steps - 1
        rate = self.schedule.rate(epoch, learning_step)
        share = self.schedule.pretrained_share(epoch, learning_step)
        shard = shard_of(phase, epoch, step, batches[step])
        following = None
        if step + 1 < len(batches):
            following = shard_of(phase, epoch, step + 1, batches[step + 1])
        return self.stepper.step(shard, rate, following, share), rate

    def _save(self, sums: PhaseSums, decision: Decision) -> Iterator[Event]:
        """Save in the middle of a phase, with the schedule changed where that is wanted."""
        own = self.progress.count
        sums.store()
        self._guard.check_weights(self.progress)
        if decision.wanted:
            self.saver.finish()  # in the journal before a step is taken by it
            # An epoch that has begun is finished.
            if (changed := self.change(decision.wanted, self.progress.epoch)) is not None:
                yield changed
        self.saver.begin(self._checkpoint())
        if decision.stop:
            self.saver.finish()
        self.progress.count = own

    def _early_test(self, clock: Clock) -> Iterator[Event]:
        """How the best weights on disk do on the test photos. The clock does not count it."""
        before = clock.now()
        self.saver.finish()
        tested = early_test(self.context)
        clock.skip(clock.now() - before)
        if tested is not None:
            yield tested

    def begin_phase(self, phase: Phase) -> None:
        """Stand at the first step of a phase."""
        progress = self.progress
        progress.phase, progress.step, progress.count = phase, 0, 0
        progress.loss_sum, progress.correct, progress.seconds = 0.0, 0, 0.0

    @property
    def _last_epoch(self) -> int:
        """How many epochs are planned, by the changes up to here."""
        return self.schedule.at(self.progress.epoch, self._steps_done).recipe.epochs

    @property
    def _steps_done(self) -> int:
        """Training steps of the epoch."""
        return self.progress.step if self.progress.phase == "train" else self._steps

    def _check_freezing(self, epoch: int) -> Iterator[Event]:
        """Check once that frozen layers are unchanged and trainable ones moved, else fail."""
        if self._freeze_check is not None:
            steps = epoch * len(self._source.batches("train", epoch))
            if (proved := self._freeze_check.event(epoch, steps)) is not None:
                self._freeze_check = None
                yield proved

    def _judge(self, result: PhaseResult) -> bool:
        """Whether the epoch did best on the validation photos; the lower loss decides a tie."""
        progress = self.progress
        loss, accuracy = result.loss, result.accuracy
        is_best = (accuracy, -loss) > (progress.best_accuracy, -progress.best_loss)
        if is_best:
            progress.best_accuracy, progress.best_loss = accuracy, loss
            progress.best_epoch = progress.epoch
        return is_best

    def _out_of_patience(self) -> bool:
        progress, patience = self.progress, self._recipe.patience
        # Who asks for more, or for another rate, wants to see what that brings.
        changed = self.schedule.at(progress.epoch, 0).epoch
        waited = progress.epoch - 1 - max(progress.best_epoch, changed - 1)
        at_start = progress.phase == "train" and progress.step == 0
        if not (patience and at_start and waited >= patience):
            return False
        log.info(
            "ended early: in %s epochs none had a higher validation accuracy than epoch %s, or "
            "the same with a lower loss.",
            waited,
            progress.best_epoch,
        )
        return True

    def _checkpoint(self) -> Checkpoint:
        """All that decides the future, as it is now."""
        setup, recipe = self.context.setup, self._recipe
        return Checkpoint(
            recipe.model,
            setup.dataset.classes,
            recipe.image_size,
            setup.fingerprint,
            self._model.state_dict(),
            self.stepper.optimizer.state_dict(),
            self.progress,
            self._source.cut,
            recipe.framing,
            recipe.interpolation,
            self._freeze_check.before if self._freeze_check else {},
            self._source.views,
        )
