"""lookalikes.csv: photos beside the training or validation photo that shows the same."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bear_tui import files

_COLUMNS = ("test", "other", "split", "bytes", "of")
_TEST = "test"
_SAME = "same"


class Pair(NamedTuple):
    """One row."""

    test: str
    """The path of the test photo, or of the photo of the part that `of` names."""
    other: str
    split: str
    """Of the other photo: train or validation."""
    same_bytes: bool
    """Whether the other is an exact copy."""
    of: str = _TEST
    """The first photo's part: test or validation."""


def write(path: Path, pairs: Iterable[Pair]) -> None:
    """Write them, for people and for `read`."""
    rows = ([*one[:3], _SAME if one.same_bytes else "other", one.of] for one in pairs)
    files.write_csv(path, [_COLUMNS, *rows])


def read(path: Path) -> list[Pair]:
    """The pairs; none where there is no such file. Damaged rows are left out. Raises Unreadable."""
    # Earlier versions had test photos alone, and no last column.
    cells = (row for row in files.read_csv(path)[1:] if len(row) in (4, len(_COLUMNS)))
    rows = ([*row, _TEST][: len(_COLUMNS)] for row in cells)
    return [Pair(test, other, split, kind == _SAME, of) for test, other, split, kind, of in rows]
