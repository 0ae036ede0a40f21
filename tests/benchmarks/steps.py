"""The engine's steps against a bare loop over tensors that are in memory already.

`python -m tests.benchmarks.steps` prints photos a second of both, and fails below 0.97. Each step
of the engine is timed beside one of the loop: what else the machine does falls on both alike.
"""

import copy
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from bear_tui.engine.compute import device
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.engine.training.context import TrainingContext
from bear_tui.engine.training.trainer import Trainer
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from tests.benchmarks.real_photos import make_dataset, print_table

FLOOR = 0.97


@dataclass(frozen=True)
class Contest:
    """Both with the same model and photos, warm."""

    engine: Callable[[Sequence[list[int]]], Iterator[Event]]
    """Trains on these batches, as an epoch; its first event comes before the first step."""
    bare: Callable[[int], None]
    """The loop's step on the batch of this number."""
    batches: list[list[int]]
    photos: int


@contextmanager
def contest(recipe: Recipe, photos: int, passes: int = 1) -> Iterator[Contest]:
    """Over so many of the photos, `passes` times."""
    setup = prepare(resolve(recipe))
    device.set_threads(setup.entry, recipe.image_size)
    statistic = setup.entry.statistics
    with tempfile.TemporaryDirectory() as folder, closing(BatchSource(setup)) as source:
        trainer = Trainer(TrainingContext(setup, source, RunFolder(Path(folder)), Control()))
        batches = source.batches("train", 1)[: photos // source.batch_size] * passes
        model = copy.deepcopy(setup.model)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
        compute = setup.compute
        tensors = []
        for batch in batches[: len(batches) // passes]:
            images, labels, _ = source.photos.batch(batch)
            images = normalise(images.to(compute.device), statistic)
            tensors.append((images, labels.to(compute.device)))

        def engine(given: Sequence[list[int]]) -> Iterator[Event]:
            # These instead of an epoch's: a method is replaced, and `given` need be no list.
            source.batches = lambda _phase, _epoch: given  # type: ignore[assignment, method-assign, return-value]
            trainer.progress.step = trainer.progress.count = 0
            return trainer.phase("train")

        def bare(number: int) -> None:
            images, labels = tensors[number % len(tensors)]
            optimizer.zero_grad(set_to_none=True)
            with compute.autocast():
                loss = functional.cross_entropy(model(images).float(), labels)
            # torch leaves it untyped.
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()

        freezing.train_mode(model)
        list(engine(batches))  # the first pass warms up
        for number in range(len(batches)):
            bare(number)
        yield Contest(engine, bare, batches, sum(map(len, batches)))


class _Turns(list[list[int]]):
    """Batches of which each, when it is first asked for, lets the bare loop take its step."""

    def __init__(self, batches: Sequence[list[int]], bare: Callable[[int], None]) -> None:
        super().__init__(batches)
        self._bare = bare
        self._taken: set[int] = set()
        self.begun = False
        """Whether what the engine does before its first step is done."""
        self.marks: list[tuple[float, float]] = []
        """When each step of the bare loop began and ended."""

    def __getitem__(self, number: Any) -> Any:
        if self.begun and isinstance(number, int) and number not in self._taken:
            self._taken.add(number)
            start = time.perf_counter()
            self._bare(number)
            self.marks.append((start, time.perf_counter()))
        return super().__getitem__(number)


def step_by_step(recipe: Recipe, photos: int, rounds: int) -> tuple[float, float, float]:
    """Photos a second of the engine and of the bare loop on a CPU, and the median of their
    ratios over all steps; a round is an epoch of so many photos.

    The engine asks for a batch ahead: two steps of the loop come before its first, and its last two
    follow each other; those are left out, and with them what an epoch does once.
    """
    pairs = []
    with contest(recipe, photos) as both:
        for _ in range(rounds):
            turns = _Turns(both.batches, both.bare)
            for _ in both.engine(turns):
                turns.begun = True
            count = both.photos / len(both.batches)
            for (start, end), (following, _) in itertools.pairwise(turns.marks[1:]):
                pairs.append((count / (following - end), count / (end - start)))
    return _medians(pairs)


def pass_by_pass(
    recipe: Recipe, photos: int, rounds: int, passes: int
) -> tuple[float, float, float]:
    """The same on a GPU, which computes while Python goes on: it is waited for after each epoch."""
    pairs = []
    with contest(recipe, photos, passes) as both:

        def epoch() -> None:
            list(both.engine(both.batches))

        def loop() -> None:
            for number in range(len(both.batches)):
                both.bare(number)
            torch.cuda.synchronize()

        def speed(work: Callable[[], None]) -> float:
            torch.cuda.synchronize()
            start = time.perf_counter()
            work()
            return both.photos / (time.perf_counter() - start)

        for turn in range(rounds):
            if turn % 2:
                engine, bare = speed(epoch), speed(loop)
            else:
                bare, engine = speed(loop), speed(epoch)
            pairs.append((engine, bare))
    return _medians(pairs)


def _medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    engines, bares = zip(*pairs, strict=True)
    ratio = statistics.median(engine / bare for engine, bare in pairs)
    return statistics.median(engines), statistics.median(bares), ratio


def main() -> int:
    """Both models, one table; 1 where the engine is too slow."""
    rows, good = [], True
    with tempfile.TemporaryDirectory() as folder:
        data = str(make_dataset(Path(folder) / "photos"))
        cases = [("vgg16-scratch", 32, 32, 256, 9), ("vgg16", 224, 4, 16, 5)]
        for model, size, batch, photos, rounds in cases:
            basis = default_recipe(data, model, "none", "all", size)
            recipe = replace(basis, batch_size=batch, augment="none", device="cpu")
            engine, loop, ratio = step_by_step(recipe, photos, rounds)
            rows.append([f"{model} {size} px", f"{engine:.1f}", f"{loop:.1f}", f"{ratio:.3f}"])
            good = good and ratio >= FLOOR
    print_table(["model", "engine photos/s", "bare loop photos/s", "ratio"], rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
