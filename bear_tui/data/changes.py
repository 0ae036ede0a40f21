"""Say what has changed between two descriptions of a dataset."""

from collections.abc import Sequence

from bear_tui.data.digest import FileEntry
from bear_tui.text import first_few

_NAMED = 3


def changes(before: Sequence[FileEntry], now: Sequence[FileEntry]) -> str:
    """Return `1 photo is gone (train/bear/3.jpg), 2 photos are new (…)`, or "" for no change."""
    old, new = ({file["path"]: file for file in files} for files in (before, now))
    both = sorted(old.keys() & new.keys())
    moved = [path for path in both if _place(old[path]) != _place(new[path])]
    edited = [path for path in both if old[path]["sha256"] != new[path]["sha256"]]
    kinds = (
        ("gone", sorted(old.keys() - new.keys())),
        ("new", sorted(new.keys() - old.keys())),
        ("changed", edited),
        ("in another class or split", moved),
    )
    return ", ".join(_words(words, names) for words, names in kinds if names)


def _place(entry: FileEntry) -> tuple[str, str]:
    return entry["label"], entry["split"]


def _words(words: str, names: list[str]) -> str:
    verb = "photos are" if len(names) > 1 else "photo is"
    return f"{len(names)} {verb} {words} ({first_few(names, _NAMED)})"
