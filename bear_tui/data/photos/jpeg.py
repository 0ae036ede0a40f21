"""What the marks inside a JPEG say: how it is coded, how often a decoder goes over the picture."""

import re
from collections.abc import Iterator
from pathlib import Path

# Inside the picture data an FF is followed by a zero or a restart mark.
_MARK = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_BEGINNING = 1 << 16

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = 0xC2
_START, _SCAN, _END, _ALONE = 0xD8, 0xDA, 0xD9, 0x01


def scans(path: Path) -> int:
    """Return the number of scans up to the picture's end. Raises OSError.

    An ordinary JPEG has one, a progressive one about ten: each takes as long as a whole picture.
    Of an ordinary one only the beginning is read.
    """
    found = components = 0
    progressive = False
    for kind, header in _marks(path):
        if kind in _FRAMES:
            components, progressive = header[7], kind & 0xC3 == _PROGRESSIVE
        elif kind == _SCAN:
            found += 1
            if not progressive and header[2] >= components:
                break
    return found


def uncommon(path: Path) -> str:
    """Return what few decoders know: `12 bits`, `lossless`; empty of other JPEGs and files.

    Raises OSError.
    """
    for kind, header in _marks(path):
        if kind in _FRAMES:
            bits = header[2]
            coding = {3: "lossless", 5: "hierarchical", 6: "hierarchical", 7: "hierarchical"}
            return coding.get(kind & 7, "" if bits == 8 else f"{bits} bits")
    return ""


def _marks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each mark up to the end, and the first bytes of what it begins, its length first."""
    with path.open("rb") as file:
        content = file.read(_BEGINNING)
        if not content.startswith(b"\xff\xd8"):
            return
        place = 0
        while True:
            mark = _MARK.search(content, place)
            place, kind = (mark.end(), mark[1][0]) if mark else (len(content), _SCAN)
            if kind == _END:
                return
            if kind in (_START, _ALONE):
                continue
            length = int.from_bytes(content[place : place + 2])
            if mark is None or place + max(length, 8) > len(content):
                if not (more := file.read()):
                    return
                content += more
                place = mark.start() if mark else place - 1
                continue
            yield kind, content[place : place + 8]
            place += length
