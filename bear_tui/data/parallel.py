"""Work on many photos at once, in threads: Pillow and hashing release the lock while they work."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from bear_tui import machine
from bear_tui.errors import Failure

Item = TypeVar("Item")
Result = TypeVar("Result")

Progress = Callable[[int, int], None]
"""Called with (done, total), from the thread that asked for the work."""

_MOST = 16

# How long a cancel may go unnoticed while a thread works, in seconds.
_LOOK = 0.1


class Cancelled(Failure):
    """The person stopped the work; nothing of it is left."""


def stop_if(cancelled: threading.Event | None) -> None:
    """Raise Cancelled when asked to stop."""
    if cancelled is not None and cancelled.is_set():
        raise Cancelled("Stopped before the end; nothing was written.")


def in_threads(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
    workers: int | None = None,
    at_end: Callable[[], None] = lambda: None,
) -> Iterator[Result]:
    """The results of `function` in the order of the items, worked on by as many threads as cores.

    Only a few items are taken ahead, so memory stays small and stopping is quick. Raises Cancelled
    once `cancelled` is set, and whatever `function` raises; `at_end` is called before the items in
    work are waited for.
    """
    workers = workers or min(_MOST, machine.cpus())
    with ThreadPoolExecutor(workers, thread_name_prefix="photos") as pool:
        waiting: deque[Future[Result]] = deque()
        remaining = iter(items)
        try:
            for done in range(len(items)):
                stop_if(cancelled)
                _fill(waiting, pool, function, remaining, 4 * workers)
                future = waiting.popleft()
                while cancelled is not None and not wait([future], _LOOK).done:
                    stop_if(cancelled)
                result = future.result()
                if progress is not None:
                    progress(done + 1, len(items))
                yield result
        finally:
            at_end()
            for future in waiting:
                future.cancel()


def _fill(
    waiting: deque[Future[Result]],
    pool: ThreadPoolExecutor,
    function: Callable[[Item], Result],
    remaining: Iterable[Item],
    length: int,
) -> None:
    for item in remaining:
        waiting.append(pool.submit(function, item))
        if len(waiting) >= length:
            return
