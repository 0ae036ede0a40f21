"""Work on many photos at once, in threads: Pillow and hashing release Python's lock."""

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
"""Is called with (done, total), in the thread that asked for the work."""

_MOST_WORKERS = 16

_CANCEL_POLL = 0.1
"""Seconds within which a cancel is noticed while threads work."""


class Cancelled(Failure):
    """A person stopped the work; nothing of it is left."""


def stop_if(cancelled: threading.Event | None) -> None:
    """Raise Cancelled if `cancelled` is set."""
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
    """Yield the results of `function` in the order of the items, from as many threads as cores.

    Submits only a few items ahead, so memory stays small and a stop is quick. Raises Cancelled
    once `cancelled` is set, and whatever `function` raises. In the end calls `at_end`, then waits
    for the items in work.
    """
    workers = workers or min(_MOST_WORKERS, machine.cpus())
    with ThreadPoolExecutor(workers, thread_name_prefix="photos") as pool:
        submitted: deque[Future[Result]] = deque()
        remaining = iter(items)
        try:
            for done in range(len(items)):
                stop_if(cancelled)
                _fill(submitted, pool, function, remaining, 4 * workers)
                future = submitted.popleft()
                while cancelled is not None and not wait([future], _CANCEL_POLL).done:
                    stop_if(cancelled)
                result = future.result()
                if progress is not None:
                    progress(done + 1, len(items))
                yield result
        finally:
            at_end()
            for future in submitted:
                future.cancel()


def _fill(
    submitted: deque[Future[Result]],
    pool: ThreadPoolExecutor,
    function: Callable[[Item], Result],
    remaining: Iterable[Item],
    length: int,
) -> None:
    for item in remaining:
        submitted.append(pool.submit(function, item))
        if len(submitted) >= length:
            return
