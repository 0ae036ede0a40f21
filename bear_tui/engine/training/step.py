"""One step: the loss of a batch, and in training what the optimizer makes of it."""

import functools
import logging
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from bear_tui.engine.compute import device, distributed
from bear_tui.engine.inputs.batches import step_seed
from bear_tui.engine.inputs.source import Batch, Inputs
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import Setup
from bear_tui.engine.training import optimizer
from bear_tui.engine.training.cuda_graph import Recorder, Sums
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run.events import Phase

log = logging.getLogger(__name__)

_MOST_HALVINGS = 3


@dataclass(frozen=True)
class Outcome:
    """What came of a batch, still on the device."""

    photos: int
    """How many could be read."""
    loss: Tensor
    """Summed over the photos."""
    correct: Tensor
    learnt: bool
    """Whether there are gradients to step by."""


class Stepper:
    """Takes the steps of a training, and keeps the optimizer between them."""

    def __init__(self, recipe: Recipe, setup: Setup, inputs: Inputs) -> None:
        self._recipe = recipe
        self._setup = setup
        self._inputs = inputs
        self._class_weights = class_weights(recipe, setup)
        self._halvings = 0
        freezing.train_mode(setup.model)  # set as in all training steps
        self._has_training_batchnorm = freezing.has_training_batchnorm(setup.model)
        self._parallel: dict[nn.Module, DistributedDataParallel] = {}
        on = setup.compute.device
        alone = distributed.size() == 1  # gradients of several are averaged in between
        self._recorder = Recorder(on) if on.type == "cuda" and alone else None
        self.optimizer = self._make_optimizer()

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take over the state of an optimizer, of this version or an earlier one."""
        self.optimizer = self._make_optimizer(saved)

    def _make_optimizer(self, saved: Mapping[str, Any] | None = None) -> torch.optim.Optimizer:
        setup = self._setup
        classes = len(setup.dataset.classes)
        return optimizer.make(self._recipe, setup.model, classes, setup.random, saved)

    def step(
        self,
        phase: Phase,
        epoch: int,
        step: int,
        photos: list[int],
        rate: float,
        following: list[int] | None = None,
        waiting: float = 1.0,
    ) -> Outcome:
        """Take one, at the learning rate `rate`; `following` are the photos of the next one.

        What waits for the head learns at the share `waiting` of its rate.

        Where the GPU's memory runs out, the batch is computed in smaller parts from then on; their
        gradients add up, so the step stays the same, but for a BatchNorm that learns: it sees the
        parts. Raises OutOfMemoryError where that is not enough, and where several processes train.
        """
        while True:
            # Anew for every step, so that a resumed training draws what one never stopped draws.
            number = step_seed(self._recipe.seed, epoch, step) + distributed.rank()
            device.seed(self._setup.compute.device, number)
            try:
                outcome = self._try(phase, epoch, step, photos, following)
            except torch.OutOfMemoryError:
                # Other processes have gone on to average gradients: none can take a step back.
                alone = distributed.size() == 1
                if not alone or self._halvings == _MOST_HALVINGS or self._inputs.at_most == 1:
                    raise
            else:
                break
            # Outside the handler, for the exception holds on to the failed step's tensors.
            self._halve()
        if outcome.learnt:
            for group in self.optimizer.param_groups:
                share = group.get("share", 1.0)  # a checkpoint of before has none
                group["lr"] = rate * share * (waiting if group.get("waits") else 1.0)
            self.optimizer.step()
        return outcome

    def _try(
        self,
        phase: Phase,
        epoch: int,
        step: int,
        photos: list[int],
        following: list[int] | None,
    ) -> Outcome:
        """Loss and, in training, gradients."""
        training = phase == "train"
        rank, size = distributed.rank(), distributed.size()
        given = self._inputs.batch(phase, epoch, step, photos)
        count = len(given.labels)
        together = training and self._has_training_batchnorm
        if together and self._inputs.batch_size < 2 * size:
            raise Failure(
                f"--batch-size {self._inputs.batch_size}: BatchNorm learns from two photos or more "
                f"at once; train with --batch-size {2 * size} or more."
            )
        idle = count < (2 if together else 1)  # the others could not be read
        everyone, idlers = distributed.add(count, idle) if training else (count, idle)
        if idlers:
            zero = torch.zeros((), dtype=torch.float64, device=given.labels.device)
            return Outcome(0, zero, zero.long(), False)
        at_once = min(count if together else given.at_once, self._inputs.at_most)
        sizes = _sizes(count, at_once, together)

        def meanwhile() -> None:
            if following is not None:
                self._inputs.begin(phase, epoch, step + 1, following)

        # Gradients are averaged over the processes; together they are to be those of the mean.
        divisor = everyone / size if training else None
        sums = None
        if training and self._recorder is not None and len(sizes) == 1:
            sums = self._recorder.take(
                given,
                self._setup.model,
                lambda batch: self._in_parts(batch, sizes, divisor, lambda: None),
            )
        if sums is None:
            sums = self._in_parts(given, sizes, divisor, meanwhile)
        else:
            meanwhile()
        loss, correct = sums
        outcome = Outcome(count, loss, correct, training)
        if rank and distributed.too_small(photos, size):  # rank 0 has counted these photos
            return Outcome(0, outcome.loss * 0, outcome.correct * 0, outcome.learnt)
        return outcome

    def _in_parts(
        self, given: Batch, sizes: list[int], count: float | None, meanwhile: Callable[[], None]
    ) -> Sums:
        """Loss and correct answers of the batch, and in training its gradients.

        `sizes` are those of the parts; `count` is what the summed loss is divided by for its
        gradients; None: not training.

        `meanwhile` is done once the last of what Python has to ask for is asked for.
        """
        training = count is not None
        recorded = self._recorder is not None and self._recorder.keeps_gradients
        self.optimizer.zero_grad(set_to_none=not recorded)
        losses: list[Tensor] = []
        corrects: list[Tensor] = []
        run = self._wrapped(given.run) if training else given.run
        columns = (given.labels, given.targets, *given.values)
        parts = list(zip(*(torch.split(column, sizes) for column in columns), strict=True))
        for number, (labels, targets, *values) in enumerate(parts, start=1):
            with self._waiting(run, number < len(parts)):
                with torch.set_grad_enabled(training), self._setup.compute.autocast():
                    logits = run(*values).float()
                    loss = self._loss(logits, targets if training else labels, training)
                losses.append(loss.detach().double())
                corrects.append((logits.detach().argmax(dim=1) == labels).sum())
                if number == len(parts):
                    meanwhile()
                if count is not None:
                    # The parts' gradients add up to that of the batch's mean loss.
                    (loss / count).backward()  # type: ignore[no-untyped-call]
        return functools.reduce(torch.add, losses), functools.reduce(torch.add, corrects)

    def _wrapped(self, run: nn.Module) -> nn.Module:
        """`run`, averaging its gradients with those of the other processes."""
        if distributed.size() == 1:
            return run
        if run not in self._parallel:
            with warnings.catch_warnings():
                # Its new name is unknown to the torch of last year.
                warnings.simplefilter("ignore", FutureWarning)
                self._parallel[run] = DistributedDataParallel(run, broadcast_buffers=False)
        return self._parallel[run]

    def _waiting(self, run: nn.Module, more: bool) -> AbstractContextManager[None]:
        """Gradients are averaged once a step, with its last part."""
        if more and isinstance(run, DistributedDataParallel):
            waiting: AbstractContextManager[None] = run.no_sync()
            return waiting
        return nullcontext()

    def _loss(self, logits: Tensor, targets: Tensor, training: bool) -> Tensor:
        """Cross-entropy summed over the photos; what makes learning easier is left out of tests."""
        if not training:
            return functional.cross_entropy(logits, targets, reduction="sum")
        return functional.cross_entropy(
            logits,
            targets,
            weight=self._class_weights,
            reduction="sum",
            label_smoothing=self._recipe.label_smoothing,
        )

    def _halve(self) -> None:
        self._recorder = None  # its memory is needed
        self.optimizer.zero_grad(set_to_none=True)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._halvings += 1
        self._inputs.halve()
        effect = "so the training stays the same"
        if self._has_training_batchnorm:
            effect = "but a BatchNorm that learns takes its statistics from each part alone"
        log.warning(
            "the GPU's memory ran out: batches of %s are computed in parts of %s from here on; "
            "their gradients are added up, %s.",
            self._inputs.batch_size,
            max(self._inputs.at_most, 1 + self._has_training_batchnorm),
            effect,
        )


def _sizes(count: int, at_once: int, together: bool) -> list[int]:
    """How many of `count` photos go through the model at a time. Where they are mixed each part
    needs two: a last single one joins the part before."""
    whole, rest = divmod(count, max(at_once, 1 + together))
    sizes = [max(at_once, 1 + together)] * whole
    if together and whole and rest == 1:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    return sizes


def class_weights(recipe: Recipe, setup: Setup) -> Tensor | None:
    """A weight a class, so that each class counts alike; their mean over the photos is 1."""
    if recipe.class_weights == "none":
        return None
    dataset = setup.dataset
    photos = Counter(photo.label for photo in dataset.train)
    share = len(dataset.train) / len(dataset.classes)
    weights = [share / photos[name] for name in dataset.classes]
    return torch.tensor(weights, device=setup.compute.device)
