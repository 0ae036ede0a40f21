"""Check the photos of a folder: which are broken, duplicates, or too small."""

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

# Many of the catalogue's networks accept nothing smaller.
_TINY = 32


def check(
    inventory: Inventory,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> tuple[Problem, ...]:
    """Return all problems of an inventory's folders and photos, worst first. Decodes every photo.

    Raises Cancelled once `cancelled` is set.
    """
    examined = examine(inventory.photos, progress, cancelled)
    problems = list(inventory.problems)
    for result in examined:
        problems += _photo_problems(result)
    problems += _duplicate_problems(
        inventory, exact_duplicates(examined), visual_duplicates(examined, cancelled)
    )
    return tuple(sorted(problems, key=lambda p: (KINDS.index(p.kind), os.fspath(p.path))))


def _photo_problems(result: Examined) -> Iterator[Problem]:
    path = result.photo.path
    if result.error is not None:
        yield Problem(path, result.error.kind, result.error.detail)
        return
    if path.suffix.lower() not in SUFFIXES.get(result.format, ()):
        ending = f"ends in {path.suffix}" if path.suffix else "has no ending"
        detail = f"a {result.format} photo whose name {ending}; other programs may not read it"
        yield Problem(path, "extension_mismatch", detail)
    if result.animated:
        yield Problem(path, "animated", "it has several frames; only the first is used")
    if min(result.size) < _TINY:
        width, height = result.size
        detail = f"{width} x {height} pixels show too little; less than {_TINY} on a side"
        yield Problem(path, "tiny", detail)


def _duplicate_problems(
    inventory: Inventory, exact: list[list[Examined]], visual: list[list[Examined]]
) -> Iterator[Problem]:
    """Report each duplicate once, as an exact one if it is both."""
    reported: set[Path] = set()
    for groups, words in (
        (exact, "the same photo as {}; keep one of them"),
        (visual, "looks the same as {}, in another size, quality or colour; keep one of them"),
    ):
        for group in groups:
            photos = [result.photo for result in group]
            for index, photo in enumerate(photos[1:], start=1):
                if photo.path in reported:
                    continue
                reported.add(photo.path)
                earlier = photos[:index]
                kind = duplicate_kind(photo, earlier)
                # Name the photo that makes it this kind.
                other = next(p for p in earlier if duplicate_kind(photo, [p]) == kind)
                name = other.path.relative_to(inventory.root)
                yield Problem(photo.path, kind, words.format(name))
