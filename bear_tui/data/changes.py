"""What has changed between two descriptions of a dataset."""

from collections.abc import Sequence

from bear_tui.data.digest import FileEntry
from bear_tui.text import first_few

_NAMED = 3


def changes(before: Sequence[FileEntry], now: Sequence[FileEntry]) -> str:
    """`1 photo is gone (train/bear/3.jpg), 2 are new (…)`; empty where nothing has changed."""
    old, new = ({one["path"]: one for one in files} for files in (before, now))
    both = sorted(old.keys() & new.keys())
    moved = [one for one in both if _place(old[one]) != _place(new[one])]
    edited = [one for one in both if old[one]["sha256"] != new[one]["sha256"]]
    found = (
        ("gone", sorted(old.keys() - new.keys())),
        ("new", sorted(new.keys() - old.keys())),
        ("changed", edited),
        ("in another class or split", moved),
    )
    return ", ".join(_words(words, names) for words, names in found if names)


def _place(entry: FileEntry) -> tuple[str, str]:
    return entry["label"], entry["split"]


def _words(words: str, names: list[str]) -> str:
    verb = "photos are" if len(names) > 1 else "photo is"
    return f"{len(names)} {verb} {words} ({first_few(names, _NAMED)})"
