"""What is wrong with the photos of a folder."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from bear_tui.data.folders.examine import (
    Examined,
    duplicate_kind,
    exact_duplicates,
    examine,
    visual_duplicates,
)
from bear_tui.data.folders.inventory import Inventory
from bear_tui.data.folders.scan import Problem
from bear_tui.data.parallel import Progress
from bear_tui.data.photos.formats import SUFFIXES

KINDS = (
    "unreadable_folder",
    "empty_class",
    "unreadable",
    "truncated",
    "too_large",
    "not_an_image",
    "duplicate_across_classes",
    "duplicate_across_splits",
    "duplicate",
    "extension_mismatch",
    "animated",
    "tiny",
)
"""Every kind of problem, worst first."""

# The smallest side that the networks of the catalogue take.
_TINY = 32


def check(
    inventory: Inventory,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> tuple[Problem, ...]:
    """All problems of an inventory's folders and photos, worst first. Decodes every photo.

    Raises Cancelled once `cancelled` is set.
    """
    examined = examine(inventory.photos, progress, cancelled)
    problems = list(inventory.problems)
    for one in examined:
        problems += _of_one(one)
    problems += _of_twins(
        inventory, exact_duplicates(examined), visual_duplicates(examined, cancelled)
    )
    return tuple(sorted(problems, key=lambda p: (KINDS.index(p.kind), os.fspath(p.path))))


def _of_one(one: Examined) -> Iterator[Problem]:
    path = one.photo.path
    if one.error is not None:
        yield Problem(path, one.error.kind, one.error.detail)
        return
    if path.suffix.lower() not in SUFFIXES.get(one.format, ()):
        ending = f"ends in {path.suffix}" if path.suffix else "has no ending"
        detail = f"a {one.format} photo whose name {ending}; other programs may not read it"
        yield Problem(path, "extension_mismatch", detail)
    if one.animated:
        yield Problem(path, "animated", "it has several frames; only the first is used")
    if min(one.size) < _TINY:
        width, height = one.size
        detail = f"{width} x {height} pixels show too little; less than {_TINY} on a side"
        yield Problem(path, "tiny", detail)


def _of_twins(
    inventory: Inventory, copies: list[list[Examined]], near: list[list[Examined]]
) -> Iterator[Problem]:
    """Each copy once: by its bytes where it has a twin, else by what it shows."""
    known: set[Path] = set()
    for groups, words in (
        (copies, "the same photo as {}; keep one of them"),
        (near, "looks the same as {}, in another size, quality or colour; keep one of them"),
    ):
        for group in groups:
            photos = [one.photo for one in group]
            for place, photo in enumerate(photos[1:], start=1):
                if photo.path in known:
                    continue
                known.add(photo.path)
                kind = duplicate_kind(photo, photos[:place])
                # Name the twin that makes it this kind.
                twin = next(p for p in photos[:place] if duplicate_kind(photo, [p]) == kind)
                same = twin.path.relative_to(inventory.root)
                yield Problem(photo.path, kind, words.format(same))
