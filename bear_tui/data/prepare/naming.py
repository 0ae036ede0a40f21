"""Make names of classes and files that every file system and program accepts."""

import re
import unicodedata
from pathlib import Path

from bear_tui.data.photos.formats import PHOTO_SUFFIXES, suffix_of
from bear_tui.errors import BadInput
from bear_tui.text import safe

# Most file systems allow 255 bytes; this leaves room for a number and a suffix.
_LONGEST = 120


def class_folder(name: str) -> str:
    """Return a class's name as a folder name. Raises BadInput if no character of it is usable."""
    folder = cleaned(name)
    if not folder:
        raise BadInput("name the class with letters or digits.", "class", repr(safe(name)))
    return folder


class FileNames:
    """Gives each photo of one folder its own name; the same photos get the same names."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name_for(self, source: Path) -> str:
        """Return the source's name as a JPEG, with a number if the name is taken."""
        stem = source.name
        suffix = suffix_of(stem)
        if suffix in PHOTO_SUFFIXES:
            stem = stem[: stem.lower().index(suffix)]
        stem = cleaned(stem) or "photo"
        name, number = stem, 1
        # macOS and Windows take `Bear.jpg` and `bear.jpg` for one file.
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name.casefold())
        return f"{name}.jpg"


def cleaned(name: str) -> str:
    """Replace control characters, surrogates and separators; cut dots and spaces at the ends."""
    printable = "".join(
        "_" if unicodedata.category(character)[0] == "C" else character for character in name
    )
    portable = re.sub(r'[/\\:*?"<>|;&#]', "_", unicodedata.normalize("NFC", printable))
    cut = portable.encode()[:_LONGEST].decode(errors="ignore")
    return cut.strip(" .")
