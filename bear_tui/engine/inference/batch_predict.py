"""Predictions for any number of photos, as fast as they can be decoded.

Threads decode ahead while the model computes the batch before. Only a few batches are in memory at
once, and a path that arrives alone is predicted at once.
"""

import contextlib
import queue
import threading
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import torch
from torch import Tensor

from bear_tui import machine
from bear_tui.data.photos.photo import PhotoError
from bear_tui.engine.inference.evaluate import forward
from bear_tui.engine.inference.predict import Predictor
from bear_tui.run.results.prediction import Answer

BATCH = 32
_AHEAD = 4 * BATCH
_PATH = 1.0
"""Seconds to wait at the end for the thread that reads paths; standard input may never end."""

_Decoded: TypeAlias = Tensor | str
"""uint8 `[size, size, 3]`, or why there is none."""
_Waiting: TypeAlias = tuple[Path, Future[_Decoded]]


def predict(predictor: Predictor, paths: Iterable[Path]) -> Generator[list[Answer], None, None]:
    """Yield predictions in the order of `paths`, a batch at a time. `paths` may block.

    Closing the iterator cancels what is decoded ahead.
    """
    predictor = replace(predictor, model=predictor.compute.lowered(predictor.model))
    # Ends with None, or with what `paths` raised.
    waiting: queue.Queue[_Waiting | BaseException | None] = queue.Queue(_AHEAD)
    closed = threading.Event()
    with ThreadPoolExecutor(machine.cpus(), thread_name_prefix="photos") as pool:

        def put(item: _Waiting | BaseException | None) -> None:
            while not closed.is_set():
                with contextlib.suppress(queue.Full):
                    waiting.put(item, timeout=0.1)
                    return

        def feed() -> None:
            try:
                for path in paths:
                    if closed.is_set():
                        return
                    put((path, pool.submit(_decode, path, predictor)))
            except BaseException as error:  # raised again by _next_batch
                put(error)
            else:
                put(None)

        # A daemon: it may wait for a line on standard input that never comes.
        feeder = threading.Thread(target=feed, name="paths", daemon=True)
        feeder.start()
        try:
            while batch := _next_batch(waiting):
                yield _answer(predictor, batch)
        finally:
            closed.set()
            pool.shutdown(wait=True, cancel_futures=True)
            # A daemon that is still at work when Python exits may abort the process.
            feeder.join(_PATH)


def _next_batch(waiting: "queue.Queue[_Waiting | BaseException | None]") -> list[_Waiting]:
    """Return what has arrived, at most a batch; waits for the first. Empty at the end."""
    batch: list[_Waiting] = []
    item = waiting.get()
    while isinstance(item, tuple):
        batch.append(item)
        if len(batch) == BATCH:
            return batch
        try:
            item = waiting.get_nowait()
        except queue.Empty:
            return batch
    if batch:
        waiting.put(item)  # the end comes again after this batch
    elif item is not None:
        raise item
    return batch


def _decode(path: Path, predictor: Predictor) -> _Decoded:
    try:
        return torch.from_numpy(predictor.pixels(path))
    except PhotoError as error:
        return f"{error.kind}: {error.detail}"


def _answer(predictor: Predictor, batch: list[_Waiting]) -> list[Answer]:
    decoded = [(path, future.result()) for path, future in batch]
    pixels = [image for _, image in decoded if isinstance(image, Tensor)]
    rows = iter(_probabilities(predictor, pixels) if pixels else [])
    return [
        Answer(path, error=image) if isinstance(image, str) else Answer(path, tuple(next(rows)))
        for path, image in decoded
    ]


def _probabilities(predictor: Predictor, pixels: list[Tensor]) -> list[list[float]]:
    # As decoded, channels last; permuting makes no copy.
    images = torch.stack(pixels).permute(0, 3, 1, 2)
    logits = forward(predictor.model, images, predictor.compute, predictor.statistics)
    rows: list[list[float]] = logits.double().softmax(dim=1).tolist()
    return rows
