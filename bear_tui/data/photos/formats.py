"""Tell which files are photos: by the ending of their names, and by their first bytes."""

import os
import re
from pathlib import Path

from bear_tui.data.patience import READING
from bear_tui.files import open_to_read

# The endings that a name of each format may have.
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "AVIF": (".avif", ".avifs"),
    "HEIF": (".heic", ".heif", ".hif"),
    "MPO": (".mpo", ".jpg", ".jpeg", ".jpe", ".jfif"),
    "JPEG2000": (".jp2", ".j2k", ".jpx", ".jpf"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "ICO": (".ico",),
}

PHOTO_SUFFIXES = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)

# Cameras keep these beside a JPEG. Pillow would open a raw file as a TIFF, its small preview.
_RAW = (
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .iiq .k25 .kdc .mef .mos .mrw .nef .nrw .orf "
    ".pef .raf .raw .rw2 .rwl .sr2 .srf .srw .x3f"
)
_UNKNOWN = (
    ".ai .bpg .dcm .dds .dicom .emf .eps .exr .fit .fits .flif .hdr .jls .jng .jpm .jxl .jxr .ktx "
    ".pcx .pict .psb .psd .qoi .sgi .svg .svgz .tga .wdp .wmf .xbm .xcf .xpm"
)
PICTURE_SUFFIXES = frozenset(f"{_RAW} {_UNKNOWN}".split())
"""Pictures that bear-tui cannot read: it leaves them out and says so."""

# Common companions of photos, which are never photos in disguise.
_OTHERS = (
    ".7z .avi .bin .csv .db .doc .docx .gz .h5 .htm .html .ini .ipynb .js .json .jsonl .log .md "
    ".mkv .mov .mp3 .mp4 .npy .npz .onnx .parquet .pdf .pickle .pkl .pt .pth .py .safetensors .sh "
    ".sqlite .tar .tex .tgz .toml .tsv .txt .wav .xls .xlsx .xml .xmp .yaml .yml .zip"
)
OTHER_SUFFIXES = frozenset(_OTHERS.split()) | PICTURE_SUFFIXES

# As many bytes as `format_of` needs.
HEADER = 32

_STARTS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  ", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"\0\0\1\0", "ICO"),
)
_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def format_of(header: bytes) -> str | None:
    """Return the format that a file's first `HEADER` bytes announce, or None."""
    for start, name in _STARTS:
        if header.startswith(start):
            return name
    if header[:4] == b"RIFF" and header[8:12] == b"WEBP":
        return "WEBP"
    # A text could begin with "BM" too; the four reserved bytes are zero in a bitmap.
    if header[:2] == b"BM" and header[6:10] == b"\0\0\0\0":
        return "BMP"
    if header[4:8] == b"ftyp":
        brand = header[8:12]
        return "AVIF" if brand in _AVIF_BRANDS else "HEIF" if brand in _HEIF_BRANDS else None
    return None


def suffix_of(name: str) -> str:
    """Return the ending of a name in lower case, without the query of a web address.

    `photo.JPG`, `photo.jpg?v=3` and `photo.jpg;w=960` all end in `.jpg`.
    """
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 (a Path takes ten times as long)
    if suffix in PHOTO_SUFFIXES:
        return suffix
    return Path(re.split(r"[?;&#]", name, maxsplit=1)[0]).suffix.lower()


def first_bytes(path: Path) -> bytes:
    """Return the first `HEADER` bytes of a file. Raises OSError."""

    def read() -> bytes:
        with open_to_read(path, follow=True) as file:
            return file.read(HEADER) or b""  # None if the read would wait, as for /proc/kmsg

    return READING.read(read)
