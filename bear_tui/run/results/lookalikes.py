"""lookalikes.csv: photos with the training or validation photo that shows the same."""

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
    """The path of the test photo, or of a photo of the split that `of` names."""
    other: str
    split: str
    """The split of the other photo: train or validation."""
    same_bytes: bool
    """Whether the other photo is an exact copy."""
    of: str = _TEST
    """The split of the first photo: test or validation."""


def write(path: Path, pairs: Iterable[Pair]) -> None:
    """Write the pairs, for people and for `read`."""
    rows = ([*pair[:3], _SAME if pair.same_bytes else "other", pair.of] for pair in pairs)
    files.write_csv(path, [_COLUMNS, *rows])


def read(path: Path) -> list[Pair]:
    """Return the pairs, none if there is no such file. Damaged rows are left out.

    Raises Unreadable.
    """
    # Earlier versions wrote test photos only, without the last column.
    cells = (row for row in files.read_csv(path)[1:] if len(row) in (4, len(_COLUMNS)))
    rows = ([*row, _TEST][: len(_COLUMNS)] for row in cells)
    return [Pair(test, other, split, kind == _SAME, of) for test, other, split, kind, of in rows]
