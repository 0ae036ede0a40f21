"""The files that users really have, beside the checkout."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from bear_tui.data.dataset import describe, open_dataset
from bear_tui.data.folders.check import check
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.photos.perceptual import near_duplicates, perceptual_hash
from bear_tui.data.photos.photo import PhotoError, load_square, read_photo
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
AWKWARD = SHARED / "awkward"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/data beside the checkout"),
]

Image.init()
NO_AVIF = set() if ".avif" in Image.EXTENSION else {"pillow/avif_hopper.avif"}
"""What Pillow before 11.3 cannot read."""
UNUSABLE = {
    **dict.fromkeys(NO_AVIF, "unreadable"),
    "found/00000023.jpg?v=1584804420": "not_an_image",
    "found/00000123.jpg?itok=COe4LoKt": "not_an_image",
    "made/bear_truncated_half.jpg": "truncated",
    "made/text_named.jpg": "not_an_image",
    "made/zero_bytes.jpg": "unreadable",
    "pillow/avif_hopper.heif": "unreadable",
    "pillow/broken.png": "unreadable",
    "pillow/broken_data_stream.png": "truncated",
    "pillow/decompression_bomb.gif": "too_large",
    "pillow/oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": "unreadable",
    "pillow/truncated_jpeg.jpg": "truncated",
    "pillow/ultrahdr.jpg": "truncated",
}
NOTABLE = {
    "found/00000112.php?itemNumber=5261&imageNumber=1&w=1500&type=regular": "extension_mismatch",
    "found/00000113.jpg;w=960": "extension_mismatch",
    "found/UPPER_webp_named.JPG": "extension_mismatch",
    "made/bear_animated.gif": "animated",
    "made/bear_animated.webp": "animated",
    "made/one_pixel.png": "tiny",
    "made/strip_2000x3.jpg": "tiny",
    "pillow/apng_mode_palette_alpha.png": "animated",
    "pillow/dispose_prev.gif": "animated",
    "pillow/hopper_unexpected.ico": "tiny",
    "pillow/iss634.apng": "animated",
    "pillow/iss634.gif": "animated",
    "pillow/multiple_exif.jpg": "tiny",
}


def hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_every_awkward_file_is_named_by_its_kind() -> None:
    problems = check(take_inventory(AWKWARD))
    found = {
        p.path.relative_to(AWKWARD).as_posix(): p.kind for p in problems if p.kind != "duplicate"
    }
    assert found == UNUSABLE | NOTABLE | {"weights": "empty_class"}
    copies = {p.path.stem for p in problems if p.kind == "duplicate"}
    assert {f"hopper_orientation_{n}" for n in (2, 3, 4, 5, 6, 8)} < copies
    assert {"bear_LA", "bear_cmyk", "bear_exif6", "bear_palette_trns"} < copies


def test_near_copies_of_real_photos_are_found_and_different_photos_are_not(tmp_path: Path) -> None:
    photos = [p.path for p in take_inventory(SHARED / "photos").photos]
    looks = [perceptual_hash(read_photo(path, 64)) for path in photos]
    groups = near_duplicates(looks)
    # One teddy bear that a shop sells in two colours.
    assert [[photos[place].name for place in group] for group in groups] == [
        ["teddy_0059.jpg", "teddy_0062.jpg"]
    ]
    missed = 0
    for place in range(0, len(photos), 8):
        with Image.open(photos[place]) as opened:
            image = opened.convert("RGB")
        small = image.resize((image.width // 2, image.height // 2), Image.Resampling.BICUBIC)
        small.save(tmp_path / "small.jpg")
        image.save(tmp_path / "anew.jpg", quality=50)
        for name in ("small.jpg", "anew.jpg"):
            copy = perceptual_hash(read_photo(tmp_path / name, 64))
            missed += not near_duplicates([looks[place], copy])
    assert missed == 0


def test_every_other_awkward_file_is_seen_upright_and_in_its_colours() -> None:
    for photo in take_inventory(AWKWARD).photos:
        if photo.path.relative_to(AWKWARD).as_posix() in UNUSABLE:
            with pytest.raises(PhotoError):
                load_square(photo.path, 64)
            continue
        seen = load_square(photo.path, 64)
        assert seen.shape == (64, 64, 3)
        with Image.open(photo.path) as image:
            upright = ImageOps.exif_transpose(image)
            assert read_photo(photo.path).size == upright.size
    assert 60 < np.asarray(read_photo(AWKWARD / "made" / "bear_16bit_gray.png")).mean() < 120


def test_turned_photos_look_like_the_one_that_is_not() -> None:
    upright = load_square(AWKWARD / "pillow" / "hopper_orientation_2.jpg", 64).astype(int)
    for number in (3, 4, 5, 6, 8):
        turned = load_square(AWKWARD / "pillow" / f"hopper_orientation_{number}.jpg", 64)
        assert np.abs(turned.astype(int) - upright).mean() < 6


def test_awkward_files_are_prepared_and_opened(tmp_path: Path) -> None:
    before = hashes(AWKWARD)
    folders = {name: AWKWARD / name for name in ("found", "made", "pillow")}
    planned = plan(folders, tmp_path / "out", Quota(hold_out=2))
    carry_out(planned)
    excluded = {p.path.relative_to(AWKWARD).as_posix(): p.kind for p in planned.excluded}
    assert excluded == UNUSABLE
    dataset = open_dataset(tmp_path / "out")
    assert dataset.classes == ("found", "made", "pillow")
    assert check(take_inventory(tmp_path / "out"))
    assert hashes(AWKWARD) == before


def test_real_photos_are_prepared_alike_twice(tmp_path: Path) -> None:
    inventory = take_inventory(SHARED / "photos")
    for name in ("one", "two"):
        carry_out(plan(inventory, tmp_path / name, Quota(limit=30)))
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    kinds = {problem.kind for problem in check(take_inventory(tmp_path / "one"))}
    assert kinds <= {"duplicate", "animated"}


def test_real_photos_keep_their_fingerprint_when_moved(tmp_path: Path) -> None:
    for label in ("bear", "teddy"):
        shutil.copytree(SHARED / "photos" / label, tmp_path / "moved" / label)
    shutil.copytree(tmp_path / "moved", tmp_path / "again")
    one = describe(open_dataset(tmp_path / "moved"))
    two = describe(open_dataset(tmp_path / "again"))
    assert one["fingerprint"] == two["fingerprint"]
    assert len(one["files"]) == 218 + 121
