"""Read the markers inside a JPEG: how it is coded, and in how many scans."""

import re
from collections.abc import Iterator
from pathlib import Path

# Inside the picture data a zero or a restart marker follows an FF.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_FIRST_READ = 1 << 16

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = 0xC2
_START, _SCAN, _END, _ALONE = 0xD8, 0xDA, 0xD9, 0x01


def scans(path: Path) -> int:
    """Return the number of scans up to the picture's end. Raises OSError.

    A baseline JPEG has one, a progressive one about ten: each takes as long as a whole picture.
    Reads only the beginning of a baseline JPEG.
    """
    count = components = 0
    progressive = False
    for kind, header in _segments(path):
        if kind in _FRAMES:
            components, progressive = header[7], kind & 0xC3 == _PROGRESSIVE
        elif kind == _SCAN:
            count += 1
            if not progressive and header[2] >= components:
                break
    return count


def uncommon(path: Path) -> str:
    """Return a coding that few decoders know, `12 bits` or `lossless`; "" for all other files.

    Raises OSError.
    """
    for kind, header in _segments(path):
        if kind in _FRAMES:
            bits = header[2]
            coding = {3: "lossless", 5: "hierarchical", 6: "hierarchical", 7: "hierarchical"}
            return coding.get(kind & 7, "" if bits == 8 else f"{bits} bits")
    return ""


def _segments(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each marker and the first eight bytes of its segment, which begin with its length."""
    with path.open("rb") as file:
        content = file.read(_FIRST_READ)
        if not content.startswith(b"\xff\xd8"):
            return
        position = 0
        while True:
            marker = _MARKER.search(content, position)
            position, kind = (marker.end(), marker[1][0]) if marker else (len(content), _SCAN)
            if kind == _END:
                return
            if kind in (_START, _ALONE):
                continue
            length = int.from_bytes(content[position : position + 2])
            if marker is None or position + max(length, 8) > len(content):
                if not (rest := file.read()):
                    return
                content += rest
                position = marker.start() if marker else position - 1
                continue
            yield kind, content[position : position + 8]
            position += length
