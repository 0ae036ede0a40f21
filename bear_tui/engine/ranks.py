"""Several processes that train one model together, as `torchrun` starts them.

Rank 0 writes the run; the others compute. A process that was started alone is rank 0 of one.
"""

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import nn

from bear_tui.errors import BadInput

T = TypeVar("T")

_CPU = torch.device("cpu")

_PATIENCE = timedelta(days=7)
"""How long to wait for the others: a person may pause a training overnight."""


def join(device: str) -> None:
    """Meet the other processes, if torchrun has started any. Waits until all are there.

    `device` is what the recipe asks for. Raises BadInput where there are not GPUs for all.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or dist.is_initialized():
        return
    if device != "cpu" and torch.cuda.is_available():
        gpus, here = torch.cuda.device_count(), int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        if here > gpus:
            raise BadInput(
                f"torchrun started {here} processes here, and there are GPUs for {gpus}; start "
                f"it with --nproc-per-node {gpus}, or train with --device cpu."
            )
        torch.cuda.set_device(local_rank())
        # Numbers and objects go over the CPU: they need not wait for the GPU's queue.
        dist.init_process_group("cpu:gloo,cuda:nccl", timeout=_PATIENCE)
    else:
        dist.init_process_group("gloo", timeout=_PATIENCE)


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def local_rank() -> int:
    """The number of this process on its machine: that of its GPU."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def add(*numbers: float) -> list[float]:
    """Each number summed over all processes; exact for counts below 2^53."""
    if size() == 1:
        return list(numbers)
    total = torch.tensor(numbers, dtype=torch.float64)
    dist.all_reduce(total)
    summed: list[float] = total.tolist()
    return summed


def agree(reason: str) -> str:
    """Why to stop, if any process was asked to; the same in all at the same step."""
    if size() == 1 or not add(bool(reason))[0]:
        return reason
    return next(filter(None, gather(reason)))


def from_first(value: T) -> T:
    """Rank 0's value, in every process."""
    if size() == 1:
        return value
    box: list[Any] = [value if rank() == 0 else None]
    dist.broadcast_object_list(box, 0, device=_CPU)
    first: T = box[0]
    return first


def gather(value: T) -> list[T]:
    """The value of every process, by rank."""
    if size() == 1:
        return [value]
    box: list[Any] = [None] * size()
    dist.all_gather_object(box, value)
    return box


def share_buffers(model: nn.Module) -> None:
    """Rank 0's running statistics, in every process: each has seen other photos."""
    if size() > 1:
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)


def shard(batch: Sequence[int], rank: int, size: int) -> list[int]:
    """The photos of a batch that one process takes.

    Of a batch with fewer than two photos for each, everyone takes all: nobody may be idle where
    gradients are averaged, and a BatchNorm needs two.
    """
    return list(batch) if too_small(batch, size) else list(batch[rank::size])


def too_small(batch: Sequence[int], size: int) -> bool:
    """Whether every process takes all of the batch."""
    return size > 1 and len(batch) < 2 * size
