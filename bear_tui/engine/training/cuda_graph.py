"""Training steps recorded as CUDA graphs and replayed as a whole.

Small models are launch-bound: a step is some hundred kernels, and Python takes longer to queue them
than the GPU to compute them. A recorded step is queued at once.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

import torch
from torch import Tensor, nn

from bear_tui.engine.compute import device
from bear_tui.engine.inputs.batch import Batch

log = logging.getLogger(__name__)

Sums: TypeAlias = tuple[Tensor, Tensor]
"""The loss of a batch and the number of its correct answers, on the device."""

_STEPS_BEFORE = 10
"""Steps of a size before it is recorded: a short training would not win back the time."""

_MEMORY_SHARE = 0.25
"""The share of the free memory that a recorded step may keep: it is not freed between steps. Larger
steps compute for so long that launches do not matter."""


class Recorder:
    """Records training steps on a GPU after the first few, and replays them.

    Only steps of the most frequent size are recorded.
    """

    def __init__(self, on: torch.device) -> None:
        self._device = on
        self._taken: Counter[int] = Counter()
        self._recorded: _Recorded | None = None

    @property
    def keeps_gradients(self) -> bool:
        """Whether gradients must keep their memory, because a recorded step writes to it."""
        return self._recorded is not None

    def take(self, given: Batch, model: nn.Module, work: Callable[[Batch], Sums]) -> Sums | None:
        """Replay the step; None where it is not recorded, and the caller must compute it.

        `work` computes the step: it begins without gradients, leaves some, and must not wait for
        the GPU.
        """
        photos = len(given.labels)
        self._taken[photos] += 1
        often = self._taken[photos] == _STEPS_BEFORE + 1
        if self._recorded is None and often and self._has_room():
            self._recorded = self._record(given, model, work)
        if self._recorded is None or not self._recorded.fits(given):
            return None
        return self._recorded.take(given)

    def _has_room(self) -> bool:
        now = torch.cuda.memory_allocated(self._device)
        a_step = torch.cuda.max_memory_allocated(self._device) - now
        left = device.free_memory(self._device) + torch.cuda.memory_reserved(self._device) - now
        return a_step < _MEMORY_SHARE * left

    def _record(
        self, given: Batch, model: nn.Module, work: Callable[[Batch], Sums]
    ) -> "_Recorded | None":
        # The warm-up computes the step once more, which must not count in BatchNorm's statistics.
        buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
        try:
            with torch.random.fork_rng([self._device]):
                return _Recorded(given, work)
        except RuntimeError as error:
            # Memory ran out, or the model does something that cannot be recorded.
            log.info("steps are not recorded: %s", error)
            model.zero_grad(set_to_none=True)
            return None
        finally:
            with torch.no_grad():
                for buffer, before in buffers:
                    buffer.copy_(before)


class _Recorded:
    def __init__(self, given: Batch, work: Callable[[Batch], Sums]) -> None:
        self._given = replace(
            given,
            values=[value.clone() for value in given.values],
            labels=given.labels.clone(),
            targets=given.targets.clone(),
        )
        # torch leaves it untyped.
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            work(self._given)  # a warm-up: PyTorch's own set-up must not be recorded
        self._graph = torch.cuda.CUDAGraph()
        # Other threads may use the GPU meanwhile, such as the one that saves.
        with torch.cuda.graph(self._graph, stream=stream, capture_error_mode="thread_local"):
            self._results = work(self._given)

    def fits(self, given: Batch) -> bool:
        return given.module is self._given.module and all(
            mine.shape == other.shape and mine.dtype == other.dtype
            for mine, other in zip(_tensors(self._given), _tensors(given), strict=True)
        )

    def take(self, given: Batch) -> Sums:
        for mine, other in zip(_tensors(self._given), _tensors(given), strict=True):
            mine.copy_(other)
        self._graph.replay()
        loss, correct = self._results
        return loss.clone(), correct.clone()


def _tensors(given: Batch) -> Iterator[Tensor]:
    yield from (*given.values, given.labels, given.targets)
