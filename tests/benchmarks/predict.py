"""How fast `predict` is beside a bare loader and model loop, in photos per second.

    python -m tests.benchmarks.predict [RUN DIR] [--count 400]

The three take turns, so that a busy machine slows each as much, and have the same cores to decode
with and the same precision. Without a run it trains one first: the head of a MobileNetV2 on the
real photos that lie beside a checkout.
"""

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset

from bear_tui.data.folders.scan import photos_below
from bear_tui.data.photos.photo import load_square
from bear_tui.engine.inference import batch_predict
from bear_tui.engine.inference.predict import Predictor, open_predictor
from bear_tui.engine.inputs.augment import normalise
from bear_tui.run.folder import RunFolder
from tests.benchmarks.real_photos import SHARED, head_only

ROUNDS = 3
WORKERS = os.cpu_count() or 1
"""As many processes as `predict` has threads."""


class Files(Dataset[torch.Tensor]):
    """The same pixels as `predict` sees."""

    def __init__(self, paths: list[Path], size: int) -> None:
        self.paths, self.size = paths, size

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(load_square(self.paths[index], self.size)).permute(2, 0, 1)


def loader_and_model(predictor: Predictor, paths: list[Path]) -> None:
    """What one would write oneself: a DataLoader and `model(images)`."""
    files = Files(paths, predictor.image_size)
    device = predictor.compute.device
    with torch.inference_mode(), predictor.compute.autocast():
        for images in DataLoader(files, batch_size=batch_predict.BATCH, num_workers=WORKERS):
            predictor.model(normalise(images.to(device), predictor.statistics)).softmax(1).cpu()


def loader_alone(predictor: Predictor, paths: list[Path]) -> None:
    """The most that decoding allows."""
    files = Files(paths, predictor.image_size)
    for _ in DataLoader(files, batch_size=batch_predict.BATCH, num_workers=WORKERS):
        pass


def ours(predictor: Predictor, paths: list[Path]) -> None:
    """`predict`."""
    count = sum(len(batch) for batch in batch_predict.predict(predictor, paths))
    assert count == len(paths)


def main() -> None:
    """Photos per second of each, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?", type=Path)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=400)
    arguments = parser.parse_args()
    if arguments.run is not None:
        compare(RunFolder(arguments.run), arguments.folder, arguments.count)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(head_only(Path(folder)), SHARED / "photos", arguments.count)


def compare(run: RunFolder, folder: Path, count: int) -> None:
    """Ask about `count` photos in each way, in turns."""
    predictor = open_predictor(run)
    paths = list(itertools.islice(itertools.cycle(photos_below(folder)[0]), count))
    ways: dict[str, Callable[[Predictor, list[Path]], None]] = {
        "loader alone": loader_alone,
        "loader and model": loader_and_model,
        "predict": ours,
    }
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way(predictor, paths)
            speeds[name].append(count / (time.perf_counter() - began))
    compute = predictor.compute
    print(f"{count} photos on {compute.device} in {compute.precision}, {WORKERS} workers")
    for name, found in speeds.items():
        each = " ".join(f"{speed:.0f}" for speed in found)
        print(f"{name:<18}{sorted(found)[ROUNDS // 2]:8.0f} photos/s   ({each})")
    ratios = [a / b for a, b in zip(speeds["predict"], speeds["loader and model"], strict=True)]
    print(f"predict over loader and model: {sorted(ratios)[ROUNDS // 2]:.2f}")


if __name__ == "__main__":
    main()
