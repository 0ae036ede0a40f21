"""Several processes that train one model together, as `torchrun` starts them.

Rank 0 writes the run; the others compute. A process that was started alone is rank 0 of one.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import nn

from bear_tui import torchrun
from bear_tui.errors import BadInput, Failure
from bear_tui.text import counted
from bear_tui.torchrun import Group

log = logging.getLogger(__name__)

T = TypeVar("T")

_CPU = torch.device("cpu")

_PATIENCE = timedelta(days=7)
"""How long to wait for the others: a person may pause a training overnight."""

_SOON = 3.0
"""Seconds after which it is said who is waited for; torchrun's processes come within one."""


def join(
    device: str,
    tell: Callable[[str], object] = log.info,
    stopping: Callable[[], str] = lambda: "",
) -> None:
    """Meet the other processes, if torchrun has started any. Waits until all are there.

    `device` is what the recipe asks for. `tell` is told, after a moment, who is waited for, until
    they come or `stopping` gives a reason. Raises BadInput where there are not GPUs for all, and
    Failure where they cannot be met.
    """
    group = torchrun.group()
    if group is None or dist.is_initialized():
        return
    backend = "gloo"
    if device != "cpu" and torch.cuda.is_available():
        gpus = torch.cuda.device_count()
        if group.local_size > gpus:
            raise BadInput(
                f"torchrun started {group.local_size} processes here, and there are GPUs for "
                f"{gpus}; start it with --nproc-per-node {gpus}, or train with --device cpu."
            )
        if group.local_rank is None and gpus > 1:
            raise BadInput("LOCAL_RANK is not set: it says which GPU is whose; use `torchrun`.")
        torch.cuda.set_device(local_rank())
        # Numbers and objects go over the CPU: they need not wait for the GPU's queue.
        backend = "cpu:gloo,cuda:nccl"
    _meet(group, backend, tell, stopping)


def _meet(
    group: Group, backend: str, tell: Callable[[str], object], stopping: Callable[[], str]
) -> None:
    """In a thread of its own: torch waits in C++ code, where no signal is answered."""
    problems: list[Exception] = []

    def meet() -> None:
        try:
            dist.init_process_group(backend, timeout=_PATIENCE)
        except Exception as problem:
            problems.append(problem)

    thread = threading.Thread(target=meet, name="meeting the other processes", daemon=True)
    thread.start()
    began, silent = time.monotonic(), True
    who = f"{group} waits for {counted(group.size - 1, 'other')} at {group.address}"
    while thread.is_alive():
        thread.join(0.1)
        if reason := stopping():
            raise Failure(f"{who}: {reason}.")
        if silent and time.monotonic() - began > _SOON:
            silent = False
            tell(f"{who}; ctrl+c ends the wait.")
    if problems:
        raise Failure(f"{who}, and cannot: {str(problems[0]).splitlines()[0]}")


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def local_rank() -> int:
    """The number of this process on its machine: that of its GPU."""
    group = torchrun.group()
    return (group.local_rank or 0) if group else 0


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
