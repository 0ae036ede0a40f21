"""Several processes that train one model together, as `torchrun` starts them.

Rank 0 writes the run folder. A process that was started alone is rank 0 of one.
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
"""How long to wait for other processes: a person may pause a training overnight."""

_SOON = 3.0
"""Seconds of waiting before the person is told; torchrun starts its processes within one."""


def join(
    device: str,
    tell: Callable[[str], object] = log.info,
    stopping: Callable[[], str] = lambda: "",
) -> None:
    """Join the process group, if torchrun started one. Waits until all processes are there.

    `device` is the recipe's. After a moment `tell` says who waits for whom. Raises BadInput where
    there are fewer GPUs than processes, and Failure where the group cannot be joined, or
    `stopping` gives a reason while waiting.
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
    """Join in a thread: torch waits in C++ code, where Python handles no signal."""
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
    """Return the rank of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def local_rank() -> int:
    """Return the rank of this process on its machine, which is the index of its GPU."""
    group = torchrun.group()
    return (group.local_rank or 0) if group else 0


def add(*numbers: float) -> list[float]:
    """Return each number summed over all processes; exact for counts below 2^53."""
    if size() == 1:
        return list(numbers)
    total = torch.tensor(numbers, dtype=torch.float64)
    dist.all_reduce(total)
    summed: list[float] = total.tolist()
    return summed


def agree(reason: str) -> str:
    """Return the reason to stop, if any process has one; the same in all processes."""
    if size() == 1 or not add(bool(reason))[0]:
        return reason
    return next(filter(None, gather(reason)))


def from_first(value: T) -> T:
    """Return rank 0's value in every process."""
    if size() == 1:
        return value
    box: list[Any] = [value if rank() == 0 else None]
    dist.broadcast_object_list(box, 0, device=_CPU)
    first: T = box[0]
    return first


def gather(value: T) -> list[T]:
    """Return the values of all processes, by rank."""
    if size() == 1:
        return [value]
    box: list[Any] = [None] * size()
    dist.all_gather_object(box, value)
    return box


def share_buffers(model: nn.Module) -> None:
    """Copy rank 0's buffers, such as running statistics, to all: each has seen other photos."""
    if size() > 1:
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)


def shard(batch: Sequence[int], rank: int, size: int) -> list[int]:
    """Return the photos of a batch that one process takes.

    Of a batch with fewer than two photos per process, each takes all: no process may be idle while
    gradients are averaged, and a BatchNorm needs two photos.
    """
    return list(batch) if too_small(batch, size) else list(batch[rank::size])


def too_small(batch: Sequence[int], size: int) -> bool:
    """Whether the batch is too small to be divided: then every process takes all of it."""
    return size > 1 and len(batch) < 2 * size
