"""Say why a photo cannot be read, what it is, and what to do."""

import errno
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from bear_tui.data.photos.formats import first_bytes, format_of
from bear_tui.data.photos.jpeg import uncommon
from bear_tui.text import counted


class Reason(NamedTuple):
    """The fields of a PhotoError."""

    kind: str
    detail: str
    passing: bool = False
    errno: int | None = None


def too_large(pixels: int, size: tuple[int, int] | None = None) -> Reason:
    """Say that the file claims more than `pixels`."""
    claims = f"it claims {size[0]} x {size[1]} pixels" if size else "it claims too many pixels"
    limit = f"more than {pixels // 1_000_000} million; make it smaller or remove it"
    return Reason("too_large", f"{claims}, {limit}")


def too_long(length: int, limit: int) -> Reason:
    """Say that the file has more bytes than any photo."""
    sizes = f"the file has {length / 1e9:.1f} GB, more than {limit / 1e9:.1f} GB"
    return Reason("too_large", f"{sizes}; save the photo again or remove it")


def too_slow(scans: int) -> Reason:
    """Say that decoding so many scans would take minutes."""
    detail = f"its {scans:,} scans would take too long to decode; save it again or remove it"
    return Reason("too_large", detail)


def unidentified(path: Path, formats: Collection[str]) -> Reason:
    """Say what a file is that Pillow recognises as none of its `formats`."""
    try:
        header, coding = first_bytes(path), uncommon(path)
    except OSError as error:
        return broken(path, error)
    if not header:
        return Reason("unreadable", "the file is empty")
    announced = format_of(header)
    if announced == "HEIF" or (announced == "AVIF" and "AVIF" not in formats):
        return Reason("unreadable", f"{announced} cannot be read here; convert it to JPEG")
    if announced == "TIFF" and (pixels := _tiff_pixels(path)):
        return _unknown_kind(f"TIFF ({pixels})")
    if coding:
        return _unknown_kind(f"JPEG ({coding})")
    if announced:
        return Reason("unreadable", f"it begins like a {announced} file but is broken")
    return Reason("not_an_image", f"the content is no picture{_content(header)}")


def broken(path: Path, error: Exception) -> Reason:
    """Say what a decoder's exception means."""
    if isinstance(error, MemoryError):
        return Reason("too_large", "there is not enough memory to decode it", True, errno.ENOMEM)
    if isinstance(error, OSError) and error.errno is not None:
        return Reason("unreadable", (error.strerror or str(error)).lower(), True, error.errno)
    text = str(error).lower()
    try:
        cut_short = _is_cut_short(path)
        coding = uncommon(path)
    except OSError as refused:
        return broken(path, refused)
    if isinstance(error, EOFError) or "truncated" in text or cut_short:
        return Reason("truncated", "the end of the file is missing; get it again")
    if "unsupported" in text or "not supported" in text:
        return _unknown_kind(f"picture ({error})")
    if "text chunk" in text or "max_text_chunk" in text:
        return Reason("too_large", "the text in it is longer than a photo's; save it again")
    if coding:
        return _unknown_kind(f"JPEG ({coding})")
    return Reason("unreadable", f"the picture data is broken ({error or type(error).__name__})")


def _unknown_kind(what: str) -> Reason:
    return Reason("unreadable", f"this kind of {what} cannot be read here; convert it to PNG")


def _tiff_pixels(path: Path) -> str:
    """Return what a whole TIFF says of its pixels, `5 bands of 8 bits`; "" for a broken one."""
    try:
        with path.open("rb") as file:
            header = file.read(8)
            # In a BigTIFF, marked by 43, the offsets have 64 bits.
            tags = ImageFileDirectory_v2(header + (file.read(8) if 43 in header[2:4] else b""))
            file.seek(tags.next)
            tags.load(file)
        width, height, bands = tags[256], tags[257], tags.get(277, 1)
        bits, coding = max(tags[258]), tags.get(259, 1)
        kind = {2: " with a sign", 3: " as floats", 6: " as complex numbers"}
        starts, lengths = (tags[273], tags[279]) if 273 in tags else (tags[324], tags[325])
        end = max(map(sum, zip(starts, lengths, strict=True)))
        if min(width, height, bands, bits) < 1 or end > path.stat().st_size:
            return ""
    # A file may hold anything in its tags.
    except Exception:
        return ""
    format = kind.get(max(tags.get(339, (1,))), "")
    pixels = f"{counted(bands, 'band')} of {counted(bits, 'bit')}{format}"
    return pixels if coding == 1 else f"{pixels}, compression {coding}"


def _content(header: bytes) -> str:
    text = header.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return " but a web page"
    return " but text" if text.isascii() and b"\0" not in text else ""


def _is_cut_short(path: Path) -> bool:
    """Return whether a file is too short: WebP announces its length, a PNG ends in IEND."""
    with path.open("rb") as file:
        header = file.read(12)
        length = path.stat().st_size
        if header[:4] == b"RIFF":
            return int.from_bytes(header[4:8], "little") + 8 > length
        if header[:4] == b"\x89PNG":
            file.seek(max(0, length - 64))
            return b"IEND" not in file.read()
    return False
