"""Prepared photos against references that share no code with us: torchvision's own decoders."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torchvision.io import ImageReadMode, decode_image

from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out

pytestmark = pytest.mark.real

SIDE = 96

# Formats that torchvision has no decoder for; their raw channels are put together by hand below.
BY_HAND = {".tif", ".ico", ".apng", ".avif"}


def reference(path: Path) -> NDArray[np.float64]:
    """[height, width, 3] from 0 to 255, upright, on white where it is transparent."""
    content = torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8)
    with Image.open(path) as image:
        format, mode, deep = image.format, image.mode, image.mode.startswith("I")
        by_hand = path.suffix in BY_HAND or deep or getattr(image, "n_frames", 1) > 1
        if by_hand:
            return raw_channels(image)
    wanted = ImageReadMode.RGB_ALPHA if format == "PNG" else ImageReadMode.RGB
    pixels = decode_image(content, wanted, apply_exif_orientation=True).double().numpy()
    if pixels.shape[0] == 4:
        alpha = pixels[3:] / 255
        pixels = pixels[:3] * alpha + 255 * (1 - alpha)
    assert mode in ("RGB", "L", "LA", "P", "RGBA", "CMYK")
    upright = np.moveaxis(pixels, 0, 2)
    # Torchvision turns JPEGs alone; one PNG here stands on its head.
    return np.rot90(upright, 2) if path.name == "exif_imagemagick_orientation.png" else upright


def raw_channels(image: Image.Image) -> NDArray[np.float64]:
    """The first frame from its channels, by the formulas of their colour models."""
    if image.mode.startswith("I"):
        # 12 bits in the TIFF, 16 in the PNGs: the smallest depth that holds the brightest.
        grey = np.asarray(image).astype(float)
        white = 2.0 ** next(bits for bits in (8, 10, 12, 14, 16) if grey.max() < 2**bits) - 1
        return np.repeat((grey * 255 / white)[..., None], 3, axis=2)
    if image.mode == "CMYK":
        ink = np.asarray(image).astype(float)
        return 255 * (1 - ink[..., :3] / 255) * (1 - ink[..., 3:] / 255)
    if image.mode == "P":
        table = np.array(image.getpalette()).reshape(-1, 3).astype(float)
        index = np.asarray(image)
        pixels: NDArray[np.float64] = table[index]
        clear = image.info.get("transparency")
        if isinstance(clear, int):
            pixels[index == clear] = 255
        return pixels
    pixels = np.asarray(image).astype(float)
    if pixels.shape[2] == 4:
        alpha = pixels[..., 3:] / 255
        return pixels[..., :3] * alpha + 255 * (1 - alpha)
    return pixels


def reduced(pixels: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """With antialiasing, as torch does it."""
    tensor = torch.from_numpy(np.moveaxis(pixels, 2, 0).copy())[None]
    small = torch.nn.functional.interpolate(tensor, (height, width), mode="bicubic", antialias=True)
    return np.moveaxis(small[0].numpy(), 0, 2)


def test_no_prepared_photo_is_turned_washed_out_or_in_other_colours(
    shared: Path, tmp_path: Path
) -> None:
    folders = {name: shared / "awkward" / name for name in ("found", "made", "pillow")}
    out = tmp_path / "out"
    carry_out(plan(folders, out, Quota(hold_out=0), size=SIDE, pad="none"))
    files = json.loads((out / "manifest.json").read_text("utf-8", "surrogateescape"))["files"]
    wrong = {}
    for file in files:
        with Image.open(out / file["path"]) as image:
            made = np.asarray(image.convert("RGB")).astype(float)
        height, width = made.shape[:2]
        expected = reduced(reference(Path(file["source"])), width, height)
        difference = float(np.abs(made - expected).mean())
        # JPEG and the two ways of resizing make up to 7 of fur and scales; a photo on its head 12
        # at the least, and 60 mostly.
        if difference > 8:
            wrong[file["path"]] = round(difference, 1)
    without_avif = ".avif" not in Image.EXTENSION  # Pillow before 11.3
    assert len(files) == 44 - without_avif
    assert wrong == {}
