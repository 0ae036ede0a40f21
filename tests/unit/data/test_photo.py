"""A photo reaches the network upright, whole and in its true colours, or says why not."""

import os
import resource
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bear_tui.data.photos.photo import PhotoError, load_square, read_photo, square

LEFT_RED = Image.new("RGB", (60, 40), "blue")
LEFT_RED.paste("red", (0, 0, 30, 40))


def refused(path: Path) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        read_photo(path)
    return caught.value


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_comes_back_upright(tmp_path: Path, orientation: int) -> None:
    # How a camera stores an upright picture when held in each of the eight ways.
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turn = stored.get(orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    (LEFT_RED.transpose(turn) if turn is not None else LEFT_RED).save(
        tmp_path / "turned.png", exif=exif
    )
    assert np.array_equal(np.asarray(read_photo(tmp_path / "turned.png")), np.asarray(LEFT_RED))


@pytest.mark.parametrize("orientation", [0, 9, 4000])
def test_an_impossible_orientation_is_ignored(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    LEFT_RED.save(tmp_path / "odd.jpg", exif=exif)
    assert read_photo(tmp_path / "odd.jpg").size == (60, 40)


def test_broken_exif_does_not_cost_the_photo(tmp_path: Path) -> None:
    LEFT_RED.save(tmp_path / "odd.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert read_photo(tmp_path / "odd.jpg").size == (60, 40)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"])
def test_every_mode_keeps_its_brightness(tmp_path: Path, mode: str) -> None:
    ramp = np.repeat(np.linspace(0, 255, 64), 64).reshape(64, 64)
    grey = Image.fromarray(ramp.astype(np.uint8))
    if mode == "I;16":
        image = Image.fromarray((ramp * 257).astype(np.uint16))
    elif mode == "I":
        image = Image.fromarray((ramp * 257).astype(np.int32))
    elif mode == "F":
        image = Image.fromarray((ramp / 255).astype(np.float32))
    elif mode in ("CMYK", "YCbCr"):
        image = grey.convert("RGB").convert(mode)
    else:
        image = grey.convert(mode)
    assert image.mode == mode
    # Pillow before 13 cannot read the YCbCr photos that it writes uncompressed.
    image.save(tmp_path / "photo.tif", compression="tiff_lzw" if mode == "YCbCr" else None)
    read = np.asarray(read_photo(tmp_path / "photo.tif"), dtype=float)
    assert read.shape == (64, 64, 3)
    assert abs(read.mean() - ramp.mean()) < 4
    assert read[:8].mean() < 40
    assert read[-8:].mean() > 215


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_grey_of_any_depth_in_16_bits_is_neither_black_nor_white(tmp_path: Path, bits: int) -> None:
    values = np.linspace(0, 2**bits - 1, 4096).astype(np.uint16).reshape(64, 64)
    Image.fromarray(values).save(tmp_path / "photo.png")
    assert 120 < np.asarray(read_photo(tmp_path / "photo.png")).mean() < 135


def test_an_even_picture_of_floats_is_read(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 1e9, np.float32)).save(tmp_path / "photo.tif")
    assert read_photo(tmp_path / "photo.tif").size == (4, 4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_turn_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 10, 10))
    image.convert(mode).save(tmp_path / "photo.png")
    read = np.asarray(read_photo(tmp_path / "photo.png"))
    assert read[5, 2].tolist() == [0, 0, 0]
    assert read[5, 17].tolist() == [255, 255, 255]


def test_of_an_animation_the_first_frame_is_read(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "photo.gif", save_all=True, append_images=frames[1:])
    assert np.asarray(read_photo(tmp_path / "photo.gif"))[0, 0].tolist() == [255, 0, 0]


def test_a_large_jpeg_may_come_back_smaller_but_never_too_small(tmp_path: Path) -> None:
    Image.new("RGB", (1600, 1200), "red").save(tmp_path / "photo.jpg")
    assert read_photo(tmp_path / "photo.jpg").size == (1600, 1200)
    width, height = read_photo(tmp_path / "photo.jpg", size=100).size
    assert 200 <= width < 1600
    assert height >= 100
    Image.new("RGB", (1600, 120), "red").save(tmp_path / "strip.jpg")
    assert min(read_photo(tmp_path / "strip.jpg", size=100).size) >= 100


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "webp", "bmp"])
@pytest.mark.parametrize("size", [None, 32])
def test_a_file_that_ends_early_is_truncated(tmp_path: Path, suffix: str, size: int | None) -> None:
    path = tmp_path / f"photo.{suffix}"
    pixels = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(PhotoError) as caught:
        read_photo(path, size)
    assert caught.value.kind == "truncated"


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    # 16 billion pixels and no pixel data at all: only the claim counts.
    head = (130_000).to_bytes(4) + (130_000).to_bytes(4) + bytes([8, 2, 0, 0, 0])
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IEND", b""))
    assert refused(path).kind == "too_large"
    assert refused(path).detail.endswith("make it smaller or remove it")


def test_what_is_no_picture_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    for content, words in (
        (b"hello, world\n", "text"),
        (b"  <!DOCTYPE html><html>", "a web page"),
        (b"\x00\x01\x02\x80" * 50, "no picture"),
    ):
        path.write_bytes(content)
        assert refused(path).kind == "not_an_image"
        assert words in refused(path).detail


def test_files_that_cannot_be_read_are_unreadable(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    header_only = tmp_path / "header.png"
    header_only.write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    iphone = tmp_path / "iphone.heic"
    iphone.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0" + bytes(100))
    os.mkfifo(tmp_path / "pipe.jpg")
    for path, words in (
        (empty, "empty"),
        (header_only, "broken"),
        (iphone, "convert it to JPEG"),
        (tmp_path, "this is a folder"),
        (tmp_path / "pipe.jpg", "not a regular file"),  # reading one would wait for ever
        (tmp_path / "nowhere.jpg", "no such file"),
    ):
        assert refused(path).kind == "unreadable"
        assert words in refused(path).detail


def test_programs_in_disguise_are_not_run(tmp_path: Path) -> None:
    # Pillow would hand PostScript to Ghostscript.
    (tmp_path / "photo.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshow\n")
    assert refused(tmp_path / "photo.jpg").kind == "not_an_image"


def test_squares_hold_the_whole_picture() -> None:
    padded = np.asarray(square(LEFT_RED, "black"))
    assert padded.shape == (60, 60, 3)
    assert np.array_equal(padded[10:50], np.asarray(LEFT_RED))
    assert not padded[:10].any()
    assert not padded[50:].any()


def test_each_pad_fills_as_it_says() -> None:
    assert np.asarray(square(LEFT_RED, "mean"))[0, 0].tolist() == [128, 0, 128]
    edge = np.asarray(square(LEFT_RED.rotate(90, expand=True), "edge"))
    assert edge[0, 0].tolist() == [0, 0, 255]
    assert edge[59, 59].tolist() == [255, 0, 0]
    assert square(LEFT_RED, "none").size == (60, 40)
    with pytest.raises(ValueError, match="pad 'green'"):
        square(LEFT_RED, "green")


@pytest.mark.parametrize("framing", ["pad", "crop"])
@pytest.mark.parametrize("shape", [(1, 1), (2000, 3), (3, 2000), (64, 64), (500, 333)])
def test_the_network_always_sees_the_same_shape(
    tmp_path: Path, framing: str, shape: tuple[int, int]
) -> None:
    Image.new("RGB", shape, "white").save(tmp_path / "photo.png")
    seen = load_square(tmp_path / "photo.png", 64, framing)
    assert seen.shape == (64, 64, 3)
    assert seen.dtype == np.uint8
    assert seen.flags.writeable
    assert seen.max() == 255


def test_a_prepared_square_is_seen_unchanged(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    for framing in ("pad", "crop"):
        assert np.array_equal(load_square(tmp_path / "photo.png", 64, framing), pixels)


def test_a_photo_is_seen_whole_or_its_middle_as_large_as_it_fits(tmp_path: Path) -> None:
    wide = Image.new("RGB", (60, 20), "red")
    wide.paste("blue", (20, 0, 40, 20))
    wide.save(tmp_path / "wide.png")
    whole = load_square(tmp_path / "wide.png", 60, "pad")
    assert whole[0, 0].tolist() == [0, 0, 0]
    assert whole[30, 0].tolist() == [255, 0, 0]
    assert (load_square(tmp_path / "wide.png", 60, "crop") == (0, 0, 255)).all()
    wide.rotate(90, expand=True).save(tmp_path / "high.png")
    assert (load_square(tmp_path / "high.png", 60, "crop") == (0, 0, 255)).all()
    with pytest.raises(ValueError, match="neither pad nor crop"):
        load_square(tmp_path / "wide.png", 60, "stretch")


def test_names_that_are_no_utf8_are_read(tmp_path: Path) -> None:
    LEFT_RED.save(tmp_path / "plain.png")
    path = tmp_path / "caf\udce9 熊 🐻.png"
    (tmp_path / "plain.png").rename(path)
    assert read_photo(path).size == (60, 40)


def test_nothing_is_printed_about_odd_photos(tmp_path: Path) -> None:
    Image.new("P", (10_000, 9_100)).save(tmp_path / "large.gif")
    (tmp_path / "odd.jpg").touch()
    LEFT_RED.save(tmp_path / "odd.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01")
    LEFT_RED.save(tmp_path / "samples.tif")
    data = bytearray((tmp_path / "samples.tif").read_bytes())
    at = data.index(b"\x15\x01")  # the tag for samples per pixel; claim 30,000
    data[at + 8 : at + 10] = b"\x30\x75"
    (tmp_path / "samples.tif").write_bytes(data)
    script = (
        "import sys\nfrom pathlib import Path\nfrom bear_tui.data.photos.photo import *\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try: read_photo(path)\n"
        "    except PhotoError: pass\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert result.stdout == ""
    assert result.stderr == ""


def test_what_the_computer_refuses_just_now_is_told_from_what_is_broken(tmp_path: Path) -> None:
    whole, half, loop = tmp_path / "whole.png", tmp_path / "half.png", tmp_path / "loop.png"
    Image.effect_noise((64, 64), 50).save(whole)
    half.write_bytes(whole.read_bytes()[:1000])
    loop.symlink_to(loop)
    assert refused(loop).passing
    assert refused(tmp_path / "gone.png").passing
    assert not refused(half).passing
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        assert refused(whole).passing
        assert refused(half).passing
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert read_photo(whole).size == (64, 64)


def as_pillow_alone(path: Path, size: int, framing: str, filter: Image.Resampling) -> Image.Image:
    """What the network is to see, from a photo decoded in full and resized at one go."""
    with Image.open(path) as image:
        photo = image.convert("RGB")
    if framing == "pad":
        photo = square(photo)
    side = min(photo.size)
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    return photo.crop((left, top, left + side, top + side)).resize((size, size), filter)


@pytest.mark.parametrize("framing", ["pad", "crop"])
@pytest.mark.parametrize("name", ["bilinear", "bicubic"])
def test_a_photo_is_resized_as_asked(tmp_path: Path, framing: str, name: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (120, 120, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    seen = load_square(tmp_path / "photo.png", 64, framing, name)
    other = "bicubic" if name == "bilinear" else "bilinear"
    one, another = (
        np.asarray(as_pillow_alone(tmp_path / "photo.png", 64, framing, Image.Resampling[of]))
        for of in (name.upper(), other.upper())
    )
    assert np.array_equal(seen, one)
    assert not np.array_equal(seen, another)


@pytest.mark.parametrize(("framing", "least"), [("pad", 1.3), ("crop", 0.8)])
def test_a_large_jpeg_is_seen_as_one_that_is_decoded_in_full(
    tmp_path: Path, framing: str, least: float
) -> None:
    random = np.random.default_rng(1)
    coarse = Image.fromarray(random.integers(0, 256, (60, 90, 3), np.uint8))
    detail = random.normal(0, 12, (1200, 1800, 1))
    photo = np.asarray(coarse.resize((1800, 1200), Image.Resampling.BICUBIC)) + detail
    path = tmp_path / "photo.jpg"
    Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(path, quality=92)
    expected = as_pillow_alone(path, 90, framing, Image.Resampling.BILINEAR)

    def error(interpolation: str) -> float:
        seen = load_square(path, 90, framing, interpolation)
        return float(np.abs(seen.astype(int) - np.asarray(expected).astype(int)).mean())

    assert error("bilinear") < least
    assert error("bilinear") < 0.8 * error("draft")
