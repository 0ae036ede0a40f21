"""New views of each photo in every epoch, each photo by itself, whole batches at once."""

import functools
import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from bear_tui.catalog import Statistics
from bear_tui.engine.compute.device import to_device

_Draw = Callable[[int], Tensor]
"""So many rows of numbers from 0 to 1, a column a photo."""


def normalise(images: Tensor, statistics: Statistics) -> Tensor:
    """uint8 `[batch, 3, size, size]` as floats with the model's mean and deviation removed."""
    return scaled(images, *_kept_scale(statistics, images.device))


def scaled(images: Tensor, factor: Tensor, less: Tensor) -> Tensor:
    """As `normalise`, with what `scale` gives: two passes over the floats in place of three."""
    return images.to(torch.float32).mul_(factor).sub_(less)


def scale(statistics: Statistics, device: torch.device) -> tuple[Tensor, Tensor]:
    """What bytes are multiplied by and what is then taken off, `[1, 3, 1, 1]` each."""
    with torch.inference_mode(False):
        mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in statistics)
        return (1 / (255 * std)).to(device), (mean / std).to(device)


_kept_scale = functools.lru_cache(maxsize=8)(scale)
"""Sent to the device once. What torch traces must not come here first: the stand-ins that it
computes with would be kept in place of numbers.
"""


def augment(
    images: Tensor,
    strength: str,
    generator: torch.Generator,
    places: Sequence[int] | None = None,
    of: int = 0,
) -> Tensor:
    """Changed views of uint8 `[batch, 3, size, size]`, as uint8 again.

    `light` mirrors half of the photos and shifts and scales each a little; `standard` also zooms
    in further and changes brightness, contrast and colour. `none` gives the photos back.
    `generator` is on the CPU, so that every device sees the same views. Where the photos are those
    at `places` of a batch of `of`, they are seen as in the whole batch.
    """
    if strength == "none":
        return images

    def draw(rows: int) -> Tensor:
        numbers = torch.rand(rows, len(images) if places is None else of, generator=generator)
        return numbers if places is None else numbers[:, list(places)]

    views = _move(images, strength, draw)
    if strength == "standard":
        views = _recolour(views, draw).clamp_(0, 255)
    # Cut off after a half is added: rounded, in one pass over the floats less.
    return views.add_(0.5).to(torch.uint8)


def partners(count: int, alpha: float, seed: int) -> tuple[float, list[int]]:
    """The share that each photo of a batch keeps when it is mixed, and with which one it is."""
    share = random.Random(seed).betavariate(alpha, alpha)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return share, order.tolist()


def mix(
    images: Tensor, labels: Tensor, classes: int, share: float, pairs: Tensor
) -> tuple[Tensor, Tensor]:
    """Photos mixed with others (Zhang et al., 2018): `pairs` `[2, batch]` says which with which.

    Gives uint8 images again, and targets `[batch, classes]` with both labels in the same shares.
    """
    targets = functional.one_hot(labels, classes).to(torch.float32)[pairs]
    own, other = images[to_device(pairs, images.device)].to(torch.float32)
    mixed = own.mul_(share).add_(other.mul_(1 - share)).round_().to(torch.uint8)
    return mixed, to_device(share * targets[0] + (1 - share) * targets[1], images.device)


def _move(images: Tensor, strength: str, draw: _Draw) -> Tensor:
    """Mirror, zoom and shift with one bilinear sampling; beyond the edge the edge goes on."""
    count = len(images)
    chance = draw(4)
    mirror = torch.where(chance[0] < 0.5, -1.0, 1.0)
    # The share of the photo's side that is seen: 0.9 to 1.1, or 0.55 to 1.05.
    low, high = (0.9, 1.1) if strength == "light" else (0.55, 1.05)
    zoom = low + (high - low) * chance[1]
    # A zoomed view may lie anywhere inside the photo; a whole one moves by up to 5%.
    reach = (1 - zoom).clamp(min=0.05)
    # Where each column and each row of a view lies in its photo, from -1 to 1. A view is never
    # turned, so this is all; affine_grid multiplies a matrix for each pixel, at 3 times the cost.
    height, width = images.shape[2:]
    across = (2 * torch.arange(width) + 1) / width - 1
    down = (2 * torch.arange(height) + 1) / height - 1
    columns = (zoom * mirror)[:, None] * across + (reach * (2 * chance[2] - 1))[:, None]
    rows = zoom[:, None] * down + (reach * (2 * chance[3] - 1))[:, None]
    grid = torch.empty(count, height, width, 2, device=images.device)
    grid[..., 0] = to_device(columns, images.device)[:, None, :]
    grid[..., 1] = to_device(rows, images.device)[:, :, None]
    floats = images.to(torch.float32)
    return functional.grid_sample(floats, grid, padding_mode="border", align_corners=False)


def _recolour(images: Tensor, draw: _Draw) -> Tensor:
    """Brightness, contrast and saturation of each photo by up to 25% either way."""
    factors = 0.75 + 0.5 * draw(3)[..., None, None, None]
    brightness, contrast, saturation = to_device(factors, images.device)
    images = images * brightness
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * saturation
    middle = grey.mean(dim=(2, 3), keepdim=True)
    changed: Tensor = middle + (images - middle) * contrast
    return changed
