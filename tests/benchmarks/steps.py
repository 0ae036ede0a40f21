"""The engine's steps against a bare loop over tensors that are in memory already.

`python -m tests.benchmarks.steps` prints photos a second of both, in turns, and fails below 0.97.
"""

import copy
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn import functional

from bear_tui.catalog import find_model
from bear_tui.engine import device, models
from bear_tui.engine.augment import normalise
from bear_tui.engine.setup import prepare
from bear_tui.engine.trainer import Trainer
from bear_tui.recipe import Recipe, default_recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.benchmarks.real_photos import make_dataset, print_table

FLOOR = 0.97


def compare(
    recipe: Recipe, photos: int, rounds: int, passes: int = 1
) -> tuple[float, float, float]:
    """Photos a second of the engine and of the bare loop, and the median of their ratios.

    In each round both take steps through so many of the photos, `passes` times.
    """
    setup = prepare(recipe)
    device.set_threads(recipe.model, recipe.image_size)
    statistic = find_model(recipe.model).statistics
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(recipe, setup, RunFolder(Path(folder)), Control())
        with closing(trainer.inputs) as inputs:
            batches = inputs.batches("train", 1)[: photos // inputs.batch_size] * passes
            trainer.inputs.batches = lambda _phase, _epoch: batches  # type: ignore[assignment, method-assign]
            bare = copy.deepcopy(setup.model)
            optimizer = torch.optim.Adam(bare.parameters(), lr=1e-4, fused=True)
            compute = setup.compute
            tensors = []
            for batch in batches[: len(batches) // passes]:
                images, labels, _ = inputs.photos.batch(batch)
                images = normalise(images.to(compute.device), statistic)
                tensors.append((images, labels.to(compute.device)))
            tensors *= passes

            def engine() -> None:
                trainer.progress.step = trainer.progress.count = 0
                list(trainer._phase("train"))

            def loop() -> None:
                for images, labels in tensors:
                    optimizer.zero_grad(set_to_none=True)
                    with compute.autocast():
                        loss = functional.cross_entropy(bare(images).float(), labels)
                    # torch leaves it untyped.
                    loss.backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                if compute.device.type == "cuda":
                    torch.cuda.synchronize()

            models.train_mode(bare)
            count = sum(len(labels) for _, labels in tensors)
            speeds: dict[str, list[float]] = {"engine": [], "loop": []}
            engine()  # the first pass warms up
            loop()
            for turn in range(rounds):
                works = [("engine", engine), ("loop", loop)]
                for name, work in works if turn % 2 else reversed(works):
                    start = time.perf_counter()
                    work()
                    speeds[name].append(count / (time.perf_counter() - start))
    ratios = [a / b for a, b in zip(speeds["engine"], speeds["loop"], strict=True)]
    medians = (statistics.median(speeds[name]) for name in ("engine", "loop"))
    return (*medians, statistics.median(ratios))  # type: ignore[return-value]


def main() -> int:
    """Both models, one table; 1 where the engine is too slow."""
    rows, good = [], True
    with tempfile.TemporaryDirectory() as folder:
        data = str(make_dataset(Path(folder) / "photos"))
        # Short passes in many turns: what else the machine does falls on both alike. But no pass
        # of one step: what an epoch does once (its weights are looked at) would count as a step's.
        cases = [("vgg16-scratch", 32, 32, 128, 11), ("vgg16", 224, 4, 8, 9)]
        for model, size, batch, photos, rounds in cases:
            basis = default_recipe(data, model, "none", "all", size)
            recipe = replace(basis, batch_size=batch, augment="none", device="cpu")
            engine, loop, ratio = compare(recipe, photos, rounds)
            rows.append([f"{model} {size} px", f"{engine:.1f}", f"{loop:.1f}", f"{ratio:.3f}"])
            good = good and ratio >= FLOOR
    print_table(["model", "engine photos/s", "bare loop photos/s", "ratio"], rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
