"""Augment whole batches at once, each photo with random numbers of its own."""

import functools
import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from bear_tui.catalog import Statistics
from bear_tui.engine.compute.device import to_device

_Draw = Callable[[int], Tensor]
"""Given a number of rows, random numbers from 0 to 1: a column for each photo."""


def normalise(images: Tensor, statistics: Statistics) -> Tensor:
    """Return uint8 `[batch, 3, size, size]` as floats, normalised with the model's statistics."""
    return scaled(images, *_cached_scale(statistics, images.device))


def scaled(images: Tensor, factor: Tensor, offset: Tensor) -> Tensor:
    """Normalise with what `scale` returns: two passes over the floats instead of three."""
    return images.to(torch.float32).mul_(factor).sub_(offset)


def scale(statistics: Statistics, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the factor for bytes and what to subtract after it, `[1, 3, 1, 1]` each."""
    with torch.inference_mode(False):
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in statistics)
        return (1 / (255 * std)).to(device), (mean / std).to(device)


_cached_scale = functools.lru_cache(maxsize=8)(scale)
"""Copied to the device once. Code that torch traces must not call it first: the stand-ins of a
trace would be cached in place of numbers.
"""


def augment(
    images: Tensor,
    strength: str,
    generator: torch.Generator,
    places: Sequence[int] | None = None,
    of: int = 0,
) -> Tensor:
    """Return augmented copies of uint8 `[batch, 3, size, size]`, as uint8 again.

    `light` mirrors half of the photos and shifts and scales each a little; `standard` also zooms
    in further and changes brightness, contrast and colour. `none` returns the photos unchanged.
    `generator` is on the CPU, so that every device draws the same numbers. Where the photos are
    those at `places` of a batch of `of`, they get the numbers that they have in the whole batch.
    """
    if strength == "none":
        return images

    def draw(rows: int) -> Tensor:
        numbers = torch.rand(rows, len(images) if places is None else of, generator=generator)
        return numbers if places is None else numbers[:, list(places)]

    views = _move(images, strength, draw)
    if strength == "standard":
        views = _recolour(views, draw).clamp_(0, 255)
    # Truncated after 0.5 is added: rounded, with one pass over the floats less.
    return views.add_(0.5).to(torch.uint8)


def partners(count: int, alpha: float, seed: int) -> tuple[float, list[int]]:
    """Return the share that each photo of a batch keeps in mixup, and the index of its partner."""
    share = random.Random(seed).betavariate(alpha, alpha)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return share, order.tolist()


def mix(
    images: Tensor, labels: Tensor, classes: int, share: float, pairs: Tensor
) -> tuple[Tensor, Tensor]:
    """Mix photos in pairs (mixup, Zhang et al., 2018): `pairs` `[2, batch]` are indices.

    Returns uint8 images, and targets `[batch, classes]` with both labels in the same shares.
    """
    targets = functional.one_hot(labels, classes).to(torch.float32)[pairs]
    own, other = images[to_device(pairs, images.device)].to(torch.float32)
    mixed = own.mul_(share).add_(other.mul_(1 - share)).round_().to(torch.uint8)
    return mixed, to_device(share * targets[0] + (1 - share) * targets[1], images.device)


def _move(images: Tensor, strength: str, draw: _Draw) -> Tensor:
    """Mirror, zoom and shift with one bilinear sampling; edge pixels repeat beyond the edge."""
    count = len(images)
    numbers = draw(4)
    mirror = torch.where(numbers[0] < 0.5, -1.0, 1.0)
    # The visible share of the photo's side: 0.9 to 1.1, or 0.55 to 1.05.
    low, high = (0.9, 1.1) if strength == "light" else (0.55, 1.05)
    zoom = low + (high - low) * numbers[1]
    # A zoomed view lies anywhere inside the photo; a whole one moves by up to 5%.
    reach = (1 - zoom).clamp(min=0.05)
    # The position in the photo of each column and row of a view, from -1 to 1. Views are not
    # rotated, so this is enough; affine_grid multiplies a matrix per pixel, at 3 times the cost.
    height, width = images.shape[2:]
    across = (2 * torch.arange(width) + 1) / width - 1
    down = (2 * torch.arange(height) + 1) / height - 1
    columns = (zoom * mirror)[:, None] * across + (reach * (2 * numbers[2] - 1))[:, None]
    rows = zoom[:, None] * down + (reach * (2 * numbers[3] - 1))[:, None]
    grid = torch.empty(count, height, width, 2, device=images.device)
    grid[..., 0] = to_device(columns, images.device)[:, None, :]
    grid[..., 1] = to_device(rows, images.device)[:, :, None]
    floats = images.to(torch.float32)
    return functional.grid_sample(floats, grid, padding_mode="border", align_corners=False)


def _recolour(images: Tensor, draw: _Draw) -> Tensor:
    """Change brightness, contrast and saturation of each photo by up to 25% either way."""
    factors = 0.75 + 0.5 * draw(3)[..., None, None, None]
    brightness, contrast, saturation = to_device(factors, images.device)
    images = images * brightness
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * saturation
    middle = grey.mean(dim=(2, 3), keepdim=True)
    changed: Tensor = middle + (images - middle) * contrast
    return changed
