"""Photos a second into augmented, normalised batches: the engine's way against torchvision's.

`python -m tests.benchmarks.loader` reads the real photos in both ways, for an epoch in which they
are decoded and one in which the engine has them already, and fails where the second is not 1.5
times as fast.
"""

import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from bear_tui.catalog import IMAGENET_STATISTICS
from bear_tui.data.dataset import open_dataset
from bear_tui.engine.inputs.augment import augment, normalise
from bear_tui.engine.inputs.decoded_images import DecodedImages
from tests.benchmarks.real_photos import make_dataset, print_table

FLOOR = 1.5
SIZE, BATCH = 224, 32


def engine(data: Path) -> list[float]:
    """Photos a second in the first and in the second epoch."""
    dataset = open_dataset(data)
    labels = [dataset.index[photo.label] for photo in dataset.train]
    speeds = []
    with closing(DecodedImages(dataset.train, labels, SIZE)) as photos:
        for epoch in range(2):
            start = time.perf_counter()
            order = list(range(len(photos)))
            photos.decode_ahead(order)
            for first in range(0, len(order), BATCH):
                images, _, _ = photos.batch(order[first : first + BATCH])
                generator = torch.Generator().manual_seed(epoch)
                normalise(augment(images, "light", generator), IMAGENET_STATISTICS)
            speeds.append(len(order) / (time.perf_counter() - start))
    return speeds


def torchvision(data: Path) -> float:
    """Photos a second of an ImageFolder and a DataLoader with a worker for each core."""
    look = transforms.Compose(
        [
            transforms.RandomResizedCrop(SIZE),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(*IMAGENET_STATISTICS),
        ]
    )
    folder = ImageFolder(str(data / "train"), look)
    loader = DataLoader(folder, BATCH, shuffle=True, num_workers=os.cpu_count() or 1)
    start = time.perf_counter()
    count = sum(len(labels) for _, labels in loader)
    return count / (time.perf_counter() - start)


def main() -> int:
    """One table; 1 where the factor is below its floor."""
    with tempfile.TemporaryDirectory() as folder:
        data = make_dataset(Path(folder) / "photos")
        torchvision(data)  # once, for the disk's cache
        theirs = torchvision(data)
        first, second = engine(data)
    rows = [
        [name, f"{speed:.0f}", f"{speed / theirs:.1f}"]
        for name, speed in (
            ("torchvision, any epoch", theirs),
            ("bear-tui, first epoch", first),
            ("bear-tui, later epochs", second),
        )
    ]
    print_table(["", "photos/s", "factor"], rows)
    return 0 if second >= FLOOR * theirs else 1


if __name__ == "__main__":
    sys.exit(main())
