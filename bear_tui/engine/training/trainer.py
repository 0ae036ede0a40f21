"""Epochs, phases and steps: what happens to the model, and the events that tell it.

Random numbers are seeded anew for every step from (seed, epoch, step), so a training that goes
on from a checkpoint draws the same ones as a training that was never stopped.
"""

import logging
import math
import time
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from bear_tui.engine.compute import distributed
from bear_tui.engine.inputs.source import Inputs
from bear_tui.engine.models import freezing
from bear_tui.engine.models.checkpoint import Checkpoint, Progress
from bear_tui.engine.setup.prepare import Setup
from bear_tui.engine.training.clock import Clock
from bear_tui.engine.training.freeze_check import Proof
from bear_tui.engine.training.nan_guard import Losses, all_finite
from bear_tui.engine.training.saver import Saver, in_order
from bear_tui.engine.training.schedule import Schedule, waiting
from bear_tui.engine.training.step import Stepper
from bear_tui.engine.training.testing import Stopped, early_test
from bear_tui.errors import Failure
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
    ScheduleChanged,
    StepCompleted,
)
from bear_tui.run.folder import RunFolder

log = logging.getLogger(__name__)


class Trainer:
    """Trains one model, from the beginning or from a checkpoint."""

    def __init__(self, recipe: Recipe, setup: Setup, folder: RunFolder, control: Control) -> None:
        self.recipe = recipe
        self.setup = setup
        self.folder = folder
        self.control = control
        self.progress = Progress()
        self._proof: Proof | None = Proof(setup.model)
        self.inputs = Inputs(recipe, setup)
        self._steps = len(self.inputs.batches("train", 1))
        self.schedule = Schedule(recipe, self._steps)
        self.saver = Saver(folder, control, freezing.frozen_parameters(setup.model))
        self.stepper = Stepper(recipe, setup, self.inputs)
        self._rate = recipe.learning_rate
        self._losses = Losses()

    def restore(self, saved: Checkpoint) -> None:
        """Go on from a checkpoint of this run. On other photos the epoch begins anew."""
        self.setup.model.load_state_dict(saved.model)
        if saved.optimizer is not None:
            self.stepper.restore(saved.optimizer)
        self.progress = saved.progress
        self._proof = Proof(self.setup.model, saved.unproved) if saved.unproved else None
        if saved.progress.epoch == 1 and self._proof is None:
            log.warning("saved by an earlier bear-tui: which layers move will not be proved.")
        self.inputs.go_on(saved.views)
        if saved.fingerprint != self.setup.fingerprint:
            self._next_phase("train")
        elif saved.prefix != self.inputs.prefix:
            log.warning("the model is cut elsewhere than before: last digits may differ.")

    def epochs(self) -> Iterator[Event]:
        """Train to the last epoch, or until patience runs out. May raise Stopped."""
        yield from in_order(self._epochs(), self.saver)

    def _epochs(self) -> Iterator[Event]:
        progress = self.progress
        while progress.epoch <= self.epochs_here and not self._out_of_patience():
            epoch = progress.epoch
            yield EpochStarted(epoch)
            if progress.phase == "train":
                yield from self._phase("train")
                self._next_phase("validation")
            yield from self._phase("validation")
            is_best = self._judge()
            progress.epoch += 1
            self._next_phase("train")
            yield EpochCompleted(epoch, is_best)
            yield from self._prove(epoch)
            self.saver.begin(self._content(), is_best)
            yield CheckpointSaved(epoch, self.saver.path)
        if self._proof is not None:
            self._proof.end()

    @property
    def epochs_here(self) -> int:
        """How many epochs there are to be, as far as was asked for up to here."""
        return self.schedule.at(self.progress.epoch, self._steps_done).recipe.epochs

    @property
    def _steps_done(self) -> int:
        """Training steps of the epoch."""
        return self.progress.step if self.progress.phase == "train" else self._steps

    def change(self, wanted: Mapping[str, float], least: int) -> ScheduleChanged | None:
        """Go on with another learning rate or `least` epochs and more, where that is wanted."""
        changed = self.schedule.change(self.progress.epoch, self._steps_done, wanted, least)
        if changed is not None:
            self.schedule.apply(changed)
        return changed

    def _prove(self, epoch: int) -> Iterator[Event]:
        """Once, after steps enough. Raises Failure where a layer is not as it was to be."""
        if self._proof is not None:
            steps = epoch * len(self.inputs.batches("train", epoch))
            if (proved := self._proof.event(epoch, steps)) is not None:
                self._proof = None
                yield proved

    def _phase(self, phase: Phase) -> Iterator[Event]:
        """One pass over the photos of a phase. Loss and counts are summed on the device."""
        progress, device = self.progress, self.setup.compute.device
        batches = self.inputs.batches(phase, progress.epoch)
        self.inputs.ahead(phase, progress.epoch, progress.step)
        if distributed.rank():  # rank 0 goes on from the sums of all
            progress.loss_sum, progress.correct, progress.count = 0.0, 0, 0
        loss_sum = torch.tensor(progress.loss_sum, dtype=torch.float64, device=device)
        correct = torch.tensor(progress.correct, dtype=torch.int64, device=device)
        yield PhaseStarted(progress.epoch, phase, len(batches))
        (freezing.train_mode if phase == "train" else torch.nn.Module.eval)(self.setup.model)
        clock = Clock(time.monotonic)
        seconds_before, count_before, first = progress.seconds, progress.count, progress.step
        for step in range(first, len(batches)):
            yield from self._obey(clock, loss_sum, correct, seconds_before)
            # A validation tells of the rate that the epoch ended with.
            learning_step = step if phase == "train" else self._steps - 1
            rate = self._rate = self.schedule.rate(progress.epoch, learning_step)
            following = batches[step + 1] if step + 1 < len(batches) else None
            share = waiting(self.recipe.epochs, progress.epoch, learning_step, self._steps)
            outcome = self.stepper.step(
                phase, progress.epoch, step, batches[step], rate, following, share
            )
            loss_sum += outcome.loss
            self._losses.add(step + 1, rate, outcome.loss)
            correct += outcome.correct
            progress.step, progress.count = step + 1, progress.count + outcome.photos
            if progress.step < len(batches) and distributed.rank() == 0 and clock.due():
                # .item() waits for the device, so it is called a few times a second at most.
                mean, accuracy = self._means(loss_sum.item(), correct.item())
                speed = (
                    (progress.count - count_before)
                    * distributed.size()
                    / max(clock.seconds(), 1e-9)
                )
                yield StepCompleted(progress.epoch, phase, step + 1, mean, accuracy, rate, speed)
        mean, accuracy = self._means(*self._add_up(loss_sum, correct))
        if progress.step > first:
            speed = (progress.count - count_before) / max(clock.seconds(), 1e-9)
            yield StepCompleted(progress.epoch, phase, progress.step, mean, accuracy, rate, speed)
        if phase == "train":
            distributed.share_buffers(self.setup.model)
            self._check_weights()
        self._last = (mean, accuracy)
        seconds = seconds_before + clock.seconds()
        yield PhaseCompleted(progress.epoch, phase, mean, accuracy, seconds)

    def _add_up(self, loss_sum: Tensor, correct: Tensor) -> tuple[float, float]:
        """Loss and correct answers of all processes, and the photos that they come from."""
        progress = self.progress
        loss, right, count = distributed.add(loss_sum.item(), correct.item(), progress.count)
        progress.count = int(count)
        return loss, right

    def _means(self, loss_sum: float, correct: float) -> tuple[float, float]:
        """Mean loss and accuracy so far. Raises Failure where the loss is no number any more."""
        if not math.isfinite(loss_sum):
            lost = self._losses.first_lost() or (self.progress.step, self._rate)
            raise self._lost("the loss is no longer a number", *lost)
        self._losses.seen()
        count = self.progress.count
        if not count:
            raise Failure(f"{self.recipe.data}: no photo could be read; `bear-tui check` says why.")
        return loss_sum / count, correct / count

    def _check_weights(self) -> None:
        """Raises Failure where the last step has broken them, in any process."""
        broken = not all_finite(freezing.changing(self.setup.model))
        if distributed.add(broken)[0]:
            what = "the weights are no longer numbers"
            raise self._lost(what, self.progress.step, self._rate)

    def _lost(self, what: str, step: int, rate: float) -> Failure:
        progress = self.progress
        saved = progress.epoch - 1
        kept = f"the weights of epoch {saved} are kept" if saved else "nothing was saved yet"
        of = "of" if progress.phase == "train" else "of the validation in"
        return Failure(
            f"{what} at step {step} {of} epoch {progress.epoch}, at a learning rate of {rate:g}; "
            f"{kept}. Lower the learning rate and train again."
        )

    def _obey(
        self, clock: Clock, loss_sum: Tensor, correct: Tensor, seconds_before: float
    ) -> Iterator[Event]:
        """Between steps: wait while paused; test, save, change and end when asked to."""
        before = clock.now()
        self.saver.settle()
        reason, wanted = self.control.obey(), self.control.take_wanted()
        look = self.control.take_early_test()
        clock.skip(clock.now() - before)
        asked = distributed.add(bool(reason), bool(wanted), self.saver.due, look)
        if not any(asked):
            return
        if asked[3] and not asked[0]:
            yield from self._early_test(clock)
        if not any(asked[:3]):
            return
        reason, wanted = distributed.agree(reason), distributed.from_first(wanted)
        own = self.progress.count
        loss, right = self._add_up(loss_sum, correct)
        if self.progress.count:
            self._means(loss, right)  # what is no number is not saved
        self.progress.loss_sum, self.progress.correct = loss, int(right)
        self.progress.seconds = seconds_before + clock.seconds()
        self._check_weights()
        if wanted:
            self.saver.finish()  # in the journal before a step is taken by it
            # An epoch that has begun is finished.
            if (changed := self.change(wanted, self.progress.epoch)) is not None:
                yield changed
        self.saver.begin(self._content())
        if reason:
            self.saver.finish()
            raise Stopped(reason)
        self.progress.count = own

    def _early_test(self, clock: Clock) -> Iterator[Event]:
        """How the best weights on disk do on the test photos. The clock does not count it."""
        before = clock.now()
        self.saver.finish()
        tested = early_test(self.recipe, self.setup, self.inputs, self.folder, self.control)
        clock.skip(clock.now() - before)
        if tested is not None:
            yield tested

    def _next_phase(self, phase: Phase) -> None:
        progress = self.progress
        progress.phase, progress.step, progress.count = phase, 0, 0
        progress.loss_sum, progress.correct, progress.seconds = 0.0, 0, 0.0

    def _judge(self) -> bool:
        """Whether the epoch did best on the validation photos; the lower loss decides a tie."""
        progress = self.progress
        loss, accuracy = self._last
        is_best = (accuracy, -loss) > (progress.best_accuracy, -progress.best_loss)
        if is_best:
            progress.best_accuracy, progress.best_loss = accuracy, loss
            progress.best_epoch = progress.epoch
        return is_best

    def _out_of_patience(self) -> bool:
        progress, patience = self.progress, self.recipe.patience
        # Who asks for more, or for another rate, wants to see what that brings.
        changed = self.schedule.at(progress.epoch, 0).epoch
        waited = progress.epoch - 1 - max(progress.best_epoch, changed - 1)
        if patience and progress.phase == "train" and progress.step == 0 and waited >= patience:
            log.info(
                "ended early: in %s epochs none had a higher validation accuracy than epoch %s, or "
                "the same with a lower loss.",
                waited,
                progress.best_epoch,
            )
            return True
        return False

    def _content(self) -> Checkpoint:
        """All that decides the future, as it is now."""
        setup, recipe = self.setup, self.recipe
        return Checkpoint(
            recipe.model,
            setup.dataset.classes,
            recipe.image_size,
            setup.fingerprint,
            setup.model.state_dict(),
            self.stepper.optimizer.state_dict(),
            self.progress,
            self.inputs.prefix,
            recipe.framing,
            recipe.interpolation,
            self._proof.before if self._proof else {},
            self.inputs.views,
        )
