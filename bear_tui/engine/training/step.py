"""One step: the loss of a batch, and in training the optimizer's update."""

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
from bear_tui.engine.inputs.batch import Batch
from bear_tui.engine.inputs.batches import Shard, step_seed
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import Setup
from bear_tui.engine.training import optimizer
from bear_tui.engine.training.cuda_graph import Recorder, Sums
from bear_tui.errors import Failure

log = logging.getLogger(__name__)

_MOST_HALVINGS = 3


@dataclass(frozen=True)
class Outcome:
    """The result of a step, still on the device."""

    photos: int
    """How many photos could be read."""
    loss: Tensor
    """Summed over the photos."""
    correct: Tensor
    has_gradients: bool
    """Whether there is something for the optimizer to step by."""


class Stepper:
    """Computes the steps of a training, and has its optimizer."""

    def __init__(self, setup: Setup, source: BatchSource) -> None:
        self._setup = setup
        self._recipe = setup.recipe
        self._source = source
        self._class_weights = class_weights(setup)
        self._halvings = 0
        freezing.train_mode(setup.model)  # as in every training step
        self._has_training_batchnorm = freezing.has_training_batchnorm(setup.model)
        self._parallel: dict[nn.Module, DistributedDataParallel] = {}
        on = setup.compute.device
        alone = distributed.size() == 1  # several average gradients in between
        self._recorder = Recorder(on) if on.type == "cuda" and alone else None
        self.optimizer = self._make_optimizer()

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Restore the state of an optimizer, of this version or an earlier one."""
        self.optimizer = self._make_optimizer(saved)

    def _make_optimizer(self, saved: Mapping[str, Any] | None = None) -> torch.optim.Optimizer:
        setup = self._setup
        missing = setup.missing_from_weights
        return optimizer.make(self._recipe, setup.model, setup.layers, missing, saved)

    def step(
        self,
        shard: Shard,
        rate: float,
        following: Shard | None = None,
        pretrained_share: float = 1.0,
    ) -> Outcome:
        """Take one step at the learning rate `rate`; `following` is the shard of the next one.

        Pretrained layers before a new head learn at the share `pretrained_share` of their rate.

        Where the GPU's memory runs out, the batch is computed in smaller parts from then on; their
        gradients add up, so the step stays the same, but for a BatchNorm that learns: it sees the
        parts. Raises OutOfMemoryError where that is not enough, and where several processes train.
        """
        while True:
            # Anew for every step, so that a resumed training draws what one never stopped draws.
            number = step_seed(self._recipe.seed, shard.epoch, shard.step) + distributed.rank()
            device.seed(self._setup.compute.device, number)
            try:
                outcome = self._try(shard, following)
            except torch.OutOfMemoryError:
                # Other processes have gone on to average gradients: none can take a step back.
                alone = distributed.size() == 1
                smallest = self._source.micro_batch.at_most == 1
                if not alone or self._halvings == _MOST_HALVINGS or smallest:
                    raise
            else:
                break
            # Outside the handler, for the exception holds on to the failed step's tensors.
            self._halve()
        if outcome.has_gradients:
            for group in self.optimizer.param_groups:
                share = group.get("share", 1.0)  # a checkpoint of an earlier version has none
                group["lr"] = rate * share * (pretrained_share if group.get("waits") else 1.0)
            self.optimizer.step()
        return outcome

    def _try(self, shard: Shard, following: Shard | None) -> Outcome:
        """Loss and, in training, gradients."""
        training = shard.phase == "train"
        rank, size = distributed.rank(), distributed.size()
        batch = self._source.batch(shard)
        count = len(batch.labels)
        together = training and self._has_training_batchnorm
        if together and self._source.batch_size < 2 * size:
            raise Failure(
                f"--batch-size {self._source.batch_size}: BatchNorm learns from two photos or more "
                f"at once; train with --batch-size {2 * size} or more."
            )
        idle = count < (2 if together else 1)  # the others could not be read
        everyone, idlers = distributed.add(count, idle) if training else (count, idle)
        if idlers:
            zero = torch.zeros((), dtype=torch.float64, device=batch.labels.device)
            return Outcome(0, zero, zero.long(), False)
        at_once = min(count if together else batch.micro_batch, self._source.micro_batch.at_most)
        sizes = _sizes(count, at_once, together)

        def prefetch() -> None:
            if following is not None:
                self._source.prefetch(following)

        # Gradients are averaged over the processes; together they are to be those of the mean.
        divisor = everyone / size if training else None
        sums = None
        if training and self._recorder is not None and len(sizes) == 1:
            sums = self._recorder.take(
                batch,
                self._setup.model,
                lambda batch: self._in_parts(batch, sizes, divisor, lambda: None),
            )
        if sums is None:
            sums = self._in_parts(batch, sizes, divisor, prefetch)
        else:
            prefetch()
        loss, correct = sums
        if rank and distributed.too_small(shard.batch, size):  # rank 0 has counted these photos
            return Outcome(0, loss * 0, correct * 0, training)
        return Outcome(count, loss, correct, training)

    def _in_parts(
        self,
        batch: Batch,
        sizes: list[int],
        divisor: float | None,
        before_backward: Callable[[], None],
    ) -> Sums:
        """Loss and correct answers of the batch, and in training its gradients.

        `sizes` are those of the parts; the summed loss is divided by `divisor` for its gradients;
        None: not training. `before_backward` is called after the last forward pass is queued,
        before `backward()`.
        """
        training = divisor is not None
        recorded = self._recorder is not None and self._recorder.keeps_gradients
        self.optimizer.zero_grad(set_to_none=not recorded)
        losses: list[Tensor] = []
        corrects: list[Tensor] = []
        module = self._wrapped(batch.module) if training else batch.module
        columns = (batch.labels, batch.targets, *batch.values)
        parts = list(zip(*(torch.split(column, sizes) for column in columns), strict=True))
        for number, (labels, targets, *values) in enumerate(parts, start=1):
            with self._averaging(module, last=number == len(parts)):
                with torch.set_grad_enabled(training), self._setup.compute.autocast():
                    logits = module(*values).float()
                    loss = self._loss(logits, targets if training else labels, training)
                losses.append(loss.detach().double())
                corrects.append((logits.detach().argmax(dim=1) == labels).sum())
                if number == len(parts):
                    before_backward()
                if divisor is not None:
                    # The parts' gradients add up to that of the batch's mean loss.
                    (loss / divisor).backward()  # type: ignore[no-untyped-call]
        return functools.reduce(torch.add, losses), functools.reduce(torch.add, corrects)

    def _wrapped(self, module: nn.Module) -> nn.Module:
        """Return `module`, averaging its gradients with those of the other processes."""
        if distributed.size() == 1:
            return module
        if module not in self._parallel:
            with warnings.catch_warnings():
                # Its new name is unknown to the torch of last year.
                warnings.simplefilter("ignore", FutureWarning)
                self._parallel[module] = DistributedDataParallel(module, broadcast_buffers=False)
        return self._parallel[module]

    def _averaging(self, module: nn.Module, last: bool) -> AbstractContextManager[None]:
        """Gradients are averaged once a step, with its last part."""
        if not last and isinstance(module, DistributedDataParallel):
            unsynchronised: AbstractContextManager[None] = module.no_sync()
            return unsynchronised
        return nullcontext()

    def _loss(self, logits: Tensor, targets: Tensor, training: bool) -> Tensor:
        """Cross-entropy summed over the photos; smoothing and class weights only in training."""
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
        self._source.micro_batch.halve()
        effect = "so the training stays the same"
        if self._has_training_batchnorm:
            effect = "but a BatchNorm that learns takes its statistics from each part alone"
        log.warning(
            "the GPU's memory ran out: batches of %s are computed in parts of %s from here on; "
            "their gradients are added up, %s.",
            self._source.batch_size,
            max(self._source.micro_batch.at_most, 1 + self._has_training_batchnorm),
            effect,
        )


def _sizes(count: int, at_once: int, together: bool) -> list[int]:
    """Split `count` photos into parts of `at_once`, the last one smaller.

    A BatchNorm that learns (`together`) needs two photos: a last single one joins the part before.
    """
    whole, rest = divmod(count, max(at_once, 1 + together))
    sizes = [max(at_once, 1 + together)] * whole
    if together and whole and rest == 1:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    return sizes


def class_weights(setup: Setup) -> Tensor | None:
    """A weight for each class, so that all count alike; their mean over the photos is 1."""
    if setup.recipe.class_weights == "none":
        return None
    dataset = setup.dataset
    photos = Counter(photo.label for photo in dataset.train)
    share = len(dataset.train) / len(dataset.classes)
    weights = [share / photos[name] for name in dataset.classes]
    return torch.tensor(weights, device=setup.compute.device)
