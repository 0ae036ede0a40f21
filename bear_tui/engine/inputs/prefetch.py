"""Prepare the next step's batch in a thread while a GPU computes the gradients of this one.

Small models are launch-bound: whatever Python does beside queueing kernels costs time. During
`backward()`, PyTorch queues kernels without Python.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import torch

Request = TypeVar("Request")
Result = TypeVar("Result")


def thread_for(device: torch.device) -> Executor | None:
    """Return the thread that prepares batches; None on a CPU, which has no time to spare.

    The thread queues its work behind what is queued on the GPU already, so nobody waits for it.
    """
    if device.type != "cuda":
        return None
    return ThreadPoolExecutor(1, "prefetch", torch.cuda.set_device, (device,))


class Prefetcher(Generic[Request, Result]):
    """Results of `make`; `thread` prepares one of them ahead, never two."""

    def __init__(self, make: Callable[[Request], Result], thread: Executor | None) -> None:
        self._make = make
        self._thread = thread
        self._begun: tuple[Request, Future[Result]] | None = None

    def begin(self, request: Request) -> None:
        """Prepare the result that `take` will be asked for next."""
        if self._thread is not None:
            self._begun = (request, self._thread.submit(self._make, request))

    def take(self, request: Request) -> Result:
        """Return the result, prepared or not. Raises what `make` raises."""
        begun, self._begun = self._begun, None
        if begun is not None:
            if begun[0] == request:
                return begun[1].result()
            begun[1].exception()  # waits: another is made after it, not beside it
        return self._make(request)

    def close(self) -> None:
        """Wait for the result that is being prepared."""
        if self._thread is not None:
            self._thread.shutdown()
