"""Real little photos on disk for the tests of this folder."""

from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int = 0, width: int = 40, height: int = 30) -> Image.Image:
    """A picture that no other seed gives."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height // 2, width // 2, 3), np.uint8)
    return Image.fromarray(pixels).resize((width, height))


def write_photo(path: Path, seed: int = 0, width: int = 40, height: int = 30) -> Path:
    """A JPEG or PNG, by the name, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, width, height).save(path)
    return path


def write_classes(root: Path, counts: dict[str, int], first: int = 0) -> Path:
    """`root` with so many photos, all different, in each class folder; names may hold slashes."""
    for group, (name, count) in enumerate(sorted(counts.items())):
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            seed = first + 1000 * group + number
            write_photo(root / name / f"{name.split('/')[-1]}_{number:03}.jpg", seed)
    return root
