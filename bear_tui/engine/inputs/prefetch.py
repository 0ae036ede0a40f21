"""The batch of the next step, made while a GPU goes backwards through this one.

A small network's step is over sooner than Python has asked for all of it, so what is asked for
beside it costs time, on whatever GPU. Going backwards, PyTorch asks without Python.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import torch

Q = TypeVar("Q")
T = TypeVar("T")


def thread_for(device: torch.device) -> Executor | None:
    """Who makes a batch ahead. Nobody on a CPU, which has no time to spare.

    The thread queues its work on the GPU behind all that was asked for before, as everyone does,
    so nothing has to be waited for.
    """
    if device.type != "cuda":
        return None
    return ThreadPoolExecutor(1, "upcoming", torch.cuda.set_device, (device,))


class Prefetcher(Generic[Q, T]):
    """Answers of `make`; `thread` begins with one before it is asked for, never with two."""

    def __init__(self, make: Callable[[Q], T], thread: Executor | None) -> None:
        self._make = make
        self._thread = thread
        self._begun: tuple[Q, Future[T]] | None = None

    def begin(self, question: Q) -> None:
        """This is what `take` will be asked next."""
        if self._thread is not None:
            self._begun = (question, self._thread.submit(self._make, question))

    def take(self, question: Q) -> T:
        """The answer, whether it was begun or not. Raises what `make` raises."""
        begun, self._begun = self._begun, None
        if begun is not None:
            if begun[0] == question:
                return begun[1].result()
            begun[1].exception()  # waits: another is made after it, not beside it
        return self._make(question)

    def close(self) -> None:
        """Wait for what was begun."""
        if self._thread is not None:
            self._thread.shutdown()
