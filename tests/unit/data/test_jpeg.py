"""The marks inside a JPEG are told from what merely looks like them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bear_tui.data.photos.jpeg import scans, uncommon


@pytest.mark.parametrize("progressive", [True, False])
@pytest.mark.parametrize("profile", [0, 200_000])
def test_what_stands_beside_a_picture_counts_for_no_scan(
    tmp_path: Path, progressive: bool, profile: int
) -> None:
    noise = np.random.default_rng(1)
    path = tmp_path / "photo.jpg"
    image = Image.fromarray(noise.integers(0, 256, (90, 70, 3), np.uint8))
    image.save(path, progressive=progressive, icc_profile=noise.bytes(profile), quality=95)
    whole = path.read_bytes()
    # A film behind the photo, as telephones keep it, has every byte somewhere.
    path.write_bytes(whole + noise.bytes(1_000_000))
    assert scans(path) == (10 if progressive else 1)
    for length in range(0, len(whole), len(whole) // 50):
        path.write_bytes(whole[:length])
        assert scans(path) <= (10 if progressive else 1)


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xc0\0", b"\x89PNG" * 9]
)
def test_what_is_no_jpeg_has_no_scans(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert scans(tmp_path / "file") == 0
    assert uncommon(tmp_path / "file") == ""
