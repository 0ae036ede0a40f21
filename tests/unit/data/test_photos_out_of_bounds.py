"""Photos that would take minutes or all memory are refused; odd but good ones are read."""

import io
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.photos.photo import PhotoError, read_photo
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from tests.unit.data.photo_files import picture, write_classes, write_photo

A_GIGABYTE = 1_000_000_000


def refused(path: Path) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        read_photo(path, 64)
    return caught.value


def many_scans(number: int, side: int, progressive: bool) -> bytes:
    """A JPEG whose last scan is there again and again; not progressive, each colour has its own."""
    buffer = io.BytesIO()
    image = Image.new("RGB", (side, side), "green")
    if progressive:
        image.save(buffer, "JPEG", progressive=True)
        content = buffer.getvalue()[:-2]
        return content + content[content.rindex(b"\xff\xda") :] * number + b"\xff\xd9"
    image.convert("L").save(buffer, "JPEG")
    content = buffer.getvalue()[:-2]
    frame, scan = content.index(b"\xff\xc0"), content.index(b"\xff\xda")
    # Two more colours in the frame, so that the scan of the first is not the whole picture.
    header = content[frame : frame + 2] + struct.pack(">H", 17) + content[frame + 4 : frame + 9]
    colours = b"".join(bytes([name]) + content[frame + 11 : frame + 13] for name in (1, 2, 3))
    start = content[:frame] + header + bytes([3]) + colours + content[frame + 13 : scan]
    return start + content[scan:] * number + b"\xff\xd9"


@pytest.mark.parametrize("progressive", [True, False])
def test_a_jpeg_of_400_scans_is_refused_at_once(tmp_path: Path, progressive: bool) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(many_scans(400, 1500, progressive))
    began = time.process_time()
    assert refused(path).kind == "too_large"
    assert "scans" in refused(path).detail
    assert time.process_time() - began < 1


def test_scans_are_bounded_with_the_pixels_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(many_scans(20, 500, True))
    assert read_photo(path).size == (500, 500)
    monkeypatch.setattr("bear_tui.data.photos.photo._MAX_SCANNED", 5_000_000)
    assert refused(path).kind == "too_large"


def test_a_file_longer_than_any_photo_is_refused_unread(tmp_path: Path) -> None:
    path = write_photo(tmp_path / "photo.jpg")
    with path.open("ab") as file:
        file.truncate(A_GIGABYTE + 1)  # sparse: nothing is written
    assert refused(path).kind == "too_large"
    assert "1.0 GB" in refused(path).detail


def test_what_lies_behind_a_photo_is_not_prepared(tmp_path: Path) -> None:
    root = write_classes(tmp_path / "set", {"bear": 3, "cat": 3})
    behind = write_photo(root / "bear" / "behind.jpg", 77)
    with behind.open("ab") as file:
        file.truncate(60_000_000)
    with write_photo(root / "cat" / "long.jpg", 78).open("ab") as file:
        file.truncate(A_GIGABYTE + 1)
    planned = plan(take_inventory(root), tmp_path / "out", Quota(hold_out=1), size=40, pad="none")
    assert [(one.path.name, one.kind) for one in planned.excluded] == [("long.jpg", "too_large")]
    carry_out(planned)
    (written,) = (tmp_path / "out").rglob("behind.jpg")
    assert written.stat().st_size < 100_000


@pytest.mark.parametrize("megabytes", [3, 20])
@pytest.mark.parametrize("kind", ["text", "compressed text", "international text", "profile"])
def test_megabytes_of_text_or_profile_make_no_bad_photo(
    tmp_path: Path, kind: str, megabytes: int
) -> None:
    info, long = PngImagePlugin.PngInfo(), "x" * (megabytes * 1_000_000)
    if kind == "international text":
        info.add_itxt("history", long, zip=True)
    elif kind != "profile":
        info.add_text("history", long, zip=kind.startswith("compressed"))
    profile = long.encode() if kind == "profile" else None
    picture(1).save(tmp_path / "photo.png", pnginfo=info, icc_profile=profile)
    assert read_photo(tmp_path / "photo.png").size == (40, 30)


def test_text_without_measure_is_still_refused(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("history", "x" * 70_000_000, zip=True)
    picture(1).save(tmp_path / "photo.png", pnginfo=info)
    assert refused(tmp_path / "photo.png").kind == "too_large"


def write_tiff(path: Path, pixels: np.ndarray, coding: int = 1) -> None:
    """A TIFF of any pixels, as [height, width, bands]."""
    height, width, bands = pixels.shape
    bits, kind = pixels.dtype.itemsize * 8, {"u": 1, "i": 2, "f": 3, "c": 6}[pixels.dtype.kind]
    data = pixels.tobytes()
    numbers = {256: [width], 257: [height], 258: [bits] * bands, 259: [coding], 262: [1]}
    numbers |= {273: [8], 277: [bands], 278: [height], 279: [len(data)], 339: [kind] * bands}
    start = 8 + len(data)
    after = start + 2 + 12 * len(numbers) + 4
    entries = more = b""
    for tag, values in numbers.items():
        content = struct.pack(f"<{len(values)}I", *values)
        if len(values) > 1:
            content, more = struct.pack("<I", after + len(more)), more + content
        entries += struct.pack("<HHI", tag, 4, len(values)) + content
    head = b"II*\0" + struct.pack("<I", start)
    path.write_bytes(head + data + struct.pack("<H", len(numbers)) + entries + bytes(4) + more)


@pytest.mark.parametrize(
    ("bands", "kind", "coding", "words"),
    [
        (5, "u1", 1, "5 bands of 8 bits"),
        (5, "<u2", 1, "5 bands of 16 bits"),
        (7, "u1", 1, "7 bands of 8 bits"),
        (3, "<f4", 1, "3 bands of 32 bits as floats"),
        (1, "<f8", 1, "1 band of 64 bits as floats"),
        (3, "<u4", 1, "3 bands of 32 bits"),
        (3, "u1", 50002, "compression 50002"),
    ],
)
def test_a_tiff_of_an_uncommon_kind_is_not_called_broken(
    tmp_path: Path, bands: int, kind: str, coding: int, words: str
) -> None:
    write_tiff(tmp_path / "photo.tif", np.ones((20, 30, bands), kind), coding)
    error = refused(tmp_path / "photo.tif")
    assert error.kind == "unreadable"
    assert error.detail.startswith("this kind of TIFF")
    assert words in error.detail
    assert "cannot be read" in error.detail
    assert "broken" not in error.detail


@pytest.mark.parametrize("kind", ["u1", "<u2", "<i2", "<u4", "<i4", "<f4"])
def test_grey_of_any_kind_is_read(tmp_path: Path, kind: str) -> None:
    write_tiff(tmp_path / "photo.tif", np.arange(64, dtype=kind).reshape(8, 8, 1))
    assert read_photo(tmp_path / "photo.tif").size == (8, 8)


def test_a_tiff_that_is_cut_short_is_still_broken(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    write_tiff(path, np.ones((20, 30, 5), np.uint8))
    content = path.read_bytes()
    for length in (8, 100, len(content) - 40):
        path.write_bytes(content[:length])
        assert "this kind" not in refused(path).detail
    path.write_bytes(b"II*\0" + np.random.default_rng(1).bytes(500))
    assert "this kind" not in refused(path).detail


@pytest.mark.parametrize(
    ("frame", "bits", "words"),
    [(0xC0, 12, "12 bits"), (0xC3, 8, "lossless"), (0xC5, 8, "hierarchical")],
)
def test_a_jpeg_of_an_uncommon_kind_is_not_called_broken(
    tmp_path: Path, frame: int, bits: int, words: str
) -> None:
    path = write_photo(tmp_path / "photo.jpg")
    content = bytearray(path.read_bytes())
    place = content.index(b"\xff\xc0")
    content[place + 1], content[place + 4] = frame, bits
    path.write_bytes(content)
    assert f"this kind of JPEG ({words}) cannot be read" in refused(path).detail
