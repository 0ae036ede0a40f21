"""`predict` and `test`: ask a finished run about photos."""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from bear_tui import files, paths
from bear_tui.commands import streams
from bear_tui.commands.output import print_json, print_line, print_raw, say
from bear_tui.commands.runs import print_test
from bear_tui.errors import BadInput
from bear_tui.metrics import percent
from bear_tui.run.results import temperature_scaling
from bear_tui.run.results.prediction import Answer, Tally, document
from bear_tui.run.runs import find_run
from bear_tui.text import safe


def predict(arguments: argparse.Namespace) -> int:
    """Print a run's predictions of photos, batch by batch.

    A photo that cannot be read gets an error instead.
    """
    threshold = arguments.unsure
    if threshold is not None and not 0 <= threshold <= 1:
        raise BadInput(f"--unsure {threshold}: name a probability from 0 to 1, such as 0.8.")
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    end = b"\0" if arguments.null else b"\n"
    photos = itertools.chain.from_iterable([_photos(text, end) for text in arguments.paths])
    from bear_tui.engine.inference import batch_predict
    from bear_tui.engine.inference.predict import open_predictor

    predictor, temperature = open_predictor(folder), temperature_scaling.of_run(folder)
    tally, began = Tally(), time.monotonic()
    if arguments.json:
        print_raw("[")
    for batch in batch_predict.predict(predictor, photos):
        calibrated = temperature_scaling.answers_at(temperature, batch)
        if arguments.json:
            documents = [
                document(answer, predictor.classes, threshold, chance.probability)
                for answer, chance in zip(batch, calibrated, strict=True)
            ]
            print_raw(",\n" * (tally.photos > 0) + ",\n".join(map(json.dumps, documents)))
        else:
            for line in _lines(calibrated, predictor.classes, threshold):
                print_line(line)
        tally = tally.add(calibrated, threshold or 0.0)
        if streams.lost(1):
            return 0  # the reader of the output has gone
    if arguments.json:
        print_raw("]\n")
    if tally.photos > 1:
        uncalibrated = arguments.json and threshold is None
        words = "" if uncalibrated else f" {temperature.words.capitalize()}."
        say(_summary(tally, time.monotonic() - began, threshold) + words)
    return 1 if tally.photos and tally.unreadable == tally.photos else 0


def _photos(text: str, end: bytes) -> Iterable[Path]:
    """Return the photos that an argument names. Raises BadInput if there are none."""
    from bear_tui.data.folders.scan import photos_at

    if text == "-":
        return _from_stdin(end)
    return photos_at(paths.absolute(text))


def _from_stdin(end: bytes) -> Iterator[Path]:
    """Yield the photos that standard input names, each path followed by `end`, as they come."""
    from bear_tui.data.folders.scan import all_below

    for name in _names(sys.stdin.buffer, end):
        path = paths.absolute(os.fsdecode(name))
        if files.is_folder(path):
            yield from all_below(path)
        else:
            yield path


def _names(stream: BinaryIO, end: bytes) -> Iterator[bytes]:
    """Yield the non-empty texts between the ends, each as soon as it is complete."""
    rest = b""
    while chunk := _read(stream):
        *whole, rest = (rest + chunk).split(end)
        yield from filter(None, whole)
    if rest:
        yield rest


def _read(stream: BinaryIO) -> bytes:
    try:
        return os.read(stream.fileno(), 64 * 1024)
    except OSError as error:
        raise BadInput(f"-: standard input cannot be read: {error.strerror}.") from None


def _lines(
    batch: Sequence[Answer], classes: Sequence[str], threshold: float | None
) -> Iterator[str]:
    """Yield `bear      99.3%    photo.jpg` for each answer, with a question mark if unsure."""
    width = max(len(safe(name, 30)) for name in classes)
    for answer in batch:
        if answer.error:
            yield f"{'–':<{width}}  {'–':>6}    {safe(answer.path)}: {safe(answer.error)}"
            continue
        unsure = threshold is not None and answer.probability < threshold
        predicted = f"{safe(classes[answer.best], 30):<{width}}  {percent(answer.probability):>6}"
        yield f"{predicted}  {'?' if unsure else ' '} {safe(answer.path)}"


def _summary(tally: Tally, seconds: float, threshold: float | None) -> str:
    parts = [f"{tally.photos:,} photos, {tally.photos / max(seconds, 1e-9):,.0f} a second"]
    if threshold is not None:
        parts.append(f"{tally.sure:,} sure, {tally.unsure:,} below {threshold:.0%}")
    if tally.unreadable:
        parts.append(f"{tally.unreadable:,} of {tally.photos:,} could not be read")
    return "; ".join(parts) + "."


def test(arguments: argparse.Namespace) -> int:
    """Test a run's best weights again, on its own test photos or on others."""
    from bear_tui.engine.inference.retest import retest

    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    data = paths.absolute(arguments.data) if arguments.data else None
    review, plain = retest(folder, data)
    if arguments.json:
        print_json({**review, "test": plain})
    elif review["test"] is not None:
        print_test(review["classes"], review["test"], own=data is None)
    return 0
