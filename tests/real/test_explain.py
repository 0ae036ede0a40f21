"""Grad-CAM on photos of which people have said where the bear is."""

import json
from pathlib import Path

import pytest
import torch

from bear_tui.catalog import IMAGENET_STATISTICS
from bear_tui.data.photos.photo import load_square
from bear_tui.engine.inference.explain import grad_cam
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.models import builder, weights

pytestmark = pytest.mark.real

BROWN_BEAR, BLACK_BEAR, ICE_BEAR = 294, 295, 296
STREETCAR = 829
"""Their numbers among ImageNet's classes."""


def bears(coco: Path) -> dict[Path, list[list[float]]]:
    """Each photo of a bear, with the boxes around its bears."""
    found: dict[Path, list[list[float]]] = {}
    for part in ("train2017", "val2017"):
        told = json.loads((coco / "annotations" / f"instances_{part}.json").read_text())
        (bear,) = (one["id"] for one in told["categories"] if one["name"] == "bear")
        names = {one["id"]: coco / part / one["file_name"] for one in told["images"]}
        for one in told["annotations"]:
            if one["category_id"] == bear:
                found.setdefault(names[one["image_id"]], []).append(one["bbox"])
    return found


def test_the_heat_of_bears_lies_on_the_bear_and_that_of_others_elsewhere(shared: Path) -> None:
    model = builder.build("mobilenet_v2", 1000, 224)
    (file,) = (shared / "weights").glob("mobilenet_v2_*.pth")
    weights.load_into(model, weights.read_tensors(file), "mobilenet_v2", file)
    photos = bears(shared / "coco")
    assert photos
    for photo, boxes in photos.items():
        pixels = torch.from_numpy(load_square(photo, 224)).permute(2, 0, 1)[None]
        heats = {
            index: grad_cam(model, normalise(pixels, IMAGENET_STATISTICS), index)
            for index in (BROWN_BEAR, BLACK_BEAR, ICE_BEAR, STREETCAR)
        }
        other = heats.pop(STREETCAR)
        heat = sum(one for one in heats.values() if one is not None)
        assert isinstance(heat, torch.Tensor)
        assert other is not None
        assert not torch.allclose(heat / heat.max(), other, atol=0.1)
        x, y = centre(heat, photo)
        assert any(
            left <= x <= left + width and top <= y <= top + height
            for left, top, width, height in boxes
        )


def centre(heat: torch.Tensor, photo: Path) -> tuple[float, float]:
    """The heat's centre of gravity, in the photo's own pixels."""
    from PIL import Image

    with Image.open(photo) as image:
        width, height = image.size
    side = max(width, height)
    places = (torch.arange(len(heat)) + 0.5) / len(heat) * side
    x = float((heat.sum(dim=0) * places).sum() / heat.sum())
    y = float((heat.sum(dim=1) * places).sum() / heat.sum())
    return x - (side - width) / 2, y - (side - height) / 2
