"""Loss, accuracy and speed of a phase while it runs."""

import time

import torch

from bear_tui.engine.compute import distributed
from bear_tui.engine.models.checkpoint import Progress
from bear_tui.engine.setup.prepare import Setup
from bear_tui.engine.training.clock import Clock
from bear_tui.engine.training.nan_guard import NanGuard
from bear_tui.engine.training.step import Outcome
from bear_tui.errors import Failure


class PhaseSums:
    """Sums over the photos of a phase, kept on the device; they begin with those of `progress`.

    `progress` is this process's, and is kept up to date; with several, rank 0 continues from the
    saved sums of all.
    """

    def __init__(self, progress: Progress, setup: Setup, guard: NanGuard) -> None:
        if distributed.rank():
            progress.loss_sum, progress.correct, progress.count = 0.0, 0, 0
        self._progress = progress
        self._data = setup.recipe.data
        self._guard = guard
        on = setup.compute.device
        self._loss = torch.tensor(progress.loss_sum, dtype=torch.float64, device=on)
        self._correct = torch.tensor(progress.correct, dtype=torch.int64, device=on)
        self._seconds_before = progress.seconds
        self._count_before = progress.count
        self.clock = Clock(time.monotonic)

    def add(self, outcome: Outcome, rate: float) -> None:
        """Add what came of a step at this learning rate."""
        self._loss += outcome.loss
        self._correct += outcome.correct
        self._progress.step += 1
        self._progress.count += outcome.photos
        self._guard.add(self._progress.step, rate, outcome.loss)

    @property
    def seconds(self) -> float:
        """Seconds of work in this phase, those before a resume included."""
        return self._seconds_before + self.clock.seconds()

    def images_per_second(self, processes: int) -> float:
        """The speed of so many processes that count as many photos as this one."""
        photos = (self._progress.count - self._count_before) * processes
        return photos / max(self.clock.seconds(), 1e-9)

    def own_means(self) -> tuple[float, float]:
        """Mean loss and accuracy of this process's photos. Waits for the device."""
        return self._means(self._loss.item(), self._correct.item())

    def means_of_all(self) -> tuple[float, float]:
        """Mean loss and accuracy of all processes, whose photos `progress` counts from now on."""
        return self._means(*self._add_up())

    def store(self) -> None:
        """Put the sums of all processes into `progress`, for a checkpoint in mid-phase."""
        progress = self._progress
        loss, correct = self._add_up()
        if progress.count:
            self._means(loss, correct)  # what is not a number is not saved
        progress.loss_sum, progress.correct = loss, int(correct)
        progress.seconds = self.seconds

    def _add_up(self) -> tuple[float, float]:
        """Loss and correct answers of all processes; `progress` counts their photos too."""
        progress = self._progress
        loss, correct, count = distributed.add(
            self._loss.item(), self._correct.item(), progress.count
        )
        progress.count = int(count)
        return loss, correct

    def _means(self, loss_sum: float, correct: float) -> tuple[float, float]:
        """Raises Failure where the loss is not a number, or no photo could be read."""
        self._guard.check_loss(loss_sum, self._progress)
        count = self._progress.count
        if not count:
            raise Failure(f"{self._data}: no photo could be read; `bear-tui check` says why.")
        return loss_sum / count, correct / count
