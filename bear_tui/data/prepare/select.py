"""Which photos of each class are written, and to which split: limits, balance, hold-out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.data.folders.inventory import Photo
from bear_tui.data.split import groups_of, shuffled, whole_groups
from bear_tui.errors import BadInput


@dataclass(frozen=True)
class Quota:
    """How many photos of each class."""

    hold_out: int = 5
    """For the test, where the source has no test part."""
    balance: bool = False
    """As many of every class as the smallest has."""
    limit: int | None = None
    """At most so many a class, in all splits together."""
    validation: int = 0
    """For a folder of validation photos, where the source has none."""


Alike = Mapping[Path, int]
"""The group of each photo that shows the same as others; a photo that is in none is alone."""


def choose(
    photos: Sequence[Photo], classes: Sequence[str], quota: Quota, seed: int, alike: Alike
) -> tuple[list[Photo], list[Photo]]:
    """The photos to write, each with its split, in the order they came; and those left out since
    photos that show the same stand in another split.

    Chosen class by class in an order that depends on the seed and each photo's own path, so the
    choice is stable when other photos come or go. Raises BadInput where a class has too few.
    """
    pools = _by_split(photos, classes)
    parts = {"test": quota.hold_out, "validation": quota.validation}
    parts = {part: count for part, count in parts.items() if count and part not in pools}
    if len(pools) == 1:
        for label, found in pools["train"].items():
            pools["train"][label] = shuffled(found, seed, _name)[: quota.limit]
    _require_enough(pools["train"], parts)
    aside: list[Photo] = []
    for part, count in parts.items():
        pools[part], pools["train"], left = _set_aside(pools["train"], count, seed, alike)
        aside += left
    _require_some_left(pools["train"], parts)
    sizes = _limited(pools, quota.limit)
    if quota.balance:
        sizes = {split: _balanced(of) for split, of in sizes.items()}
    chosen: dict[object, str] = {}
    for split, of in pools.items():
        for label, found in of.items():
            kept = shuffled(found, seed, _name)[: sizes[split][label]]
            chosen.update((photo.path, split) for photo in kept)
    written = [
        Photo(photo.path, photo.label, chosen[photo.path])
        for photo in photos
        if photo.path in chosen
    ]
    return written, aside


_Pool = dict[str, list[Photo]]
"""The photos of each class."""


def _by_split(photos: Sequence[Photo], classes: Sequence[str]) -> dict[str, _Pool]:
    names = dict.fromkeys(["train", *(photo.split or "train" for photo in photos)])
    pools: dict[str, _Pool] = {split: {label: [] for label in classes} for split in names}
    for photo in photos:
        pools[photo.split or "train"][photo.label].append(photo)
    return pools


def _set_aside(
    pool: _Pool, count: int, seed: int, alike: Alike
) -> tuple[_Pool, _Pool, list[Photo]]:
    """`count` photos of each class, the rest, and what can be in neither.

    Photos that show the same go together, of whatever class they are. Where no group is small
    enough for what is still missing, part of one is taken and the rest of it left out.
    """
    order = {label: shuffled(found, seed, _name) for label, found in pool.items()}
    groups = groups_of(order, lambda photo: alike.get(photo.path, photo.path))
    taken, missing = whole_groups(order, groups, dict.fromkeys(pool, count))
    for label, found in order.items():
        rest = [photo for photo in found if photo not in taken]
        taken.update(rest[: missing[label]])
    sides = {alike[photo.path] for photo in taken if photo.path in alike}
    left = [
        photo
        for found in pool.values()
        for photo in found
        if photo not in taken and alike.get(photo.path) in sides
    ]
    out = taken.union(left)
    return (
        {label: [photo for photo in found if photo in taken] for label, found in pool.items()},
        {label: [photo for photo in found if photo not in out] for label, found in pool.items()},
        left,
    )


def _require_enough(pool: _Pool, parts: Mapping[str, int]) -> None:
    for label, found in pool.items():
        if not found and not parts:
            raise BadInput(f"{label}: no readable photos to train on; {_ADD}")
        if parts and len(found) <= sum(parts.values()):
            photos = "photo is" if len(found) == 1 else "photos are"
            raise BadInput(
                f"{label}: {len(found)} readable {photos} too few, with {_words(parts)}; add "
                "photos, or name fewer with --hold-out or more with --limit."
            )


def _require_some_left(pool: _Pool, parts: Mapping[str, int]) -> None:
    for label, found in pool.items():
        if not found:
            raise BadInput(
                f"{label}: nothing is left to train on, with {_words(parts)}: its other photos "
                f"show the same as those; {_ADD}"
            )


_ADD = "add some or leave the class out."


def _words(parts: Mapping[str, int]) -> str:
    words = [f"{count} held out for {_FOR[part]}" for part, count in parts.items()]
    return " and ".join(words)


_FOR = {"test": "the test", "validation": "validation"}


def _limited(pools: dict[str, _Pool], limit: int | None) -> dict[str, dict[str, int]]:
    """How many photos of each split and class to take; a limit cuts all splits in proportion."""
    sizes = {split: {label: len(of[label]) for label in of} for split, of in pools.items()}
    for label in pools["train"]:
        total = sum(of[label] for of in sizes.values())
        if limit is None or total <= limit:
            continue
        for split, of in sizes.items():
            if split != "train" and of[label]:
                of[label] = min(of[label], max(1, of[label] * limit // total))
        others = sum(of[label] for split, of in sizes.items() if split != "train")
        sizes["train"][label] = min(sizes["train"][label], max(1, limit - others))
    return sizes


def _balanced(of: Mapping[str, int]) -> dict[str, int]:
    smallest = min((count for count in of.values() if count), default=0)
    return {label: min(count, smallest) for label, count in of.items()}


def _name(photo: Photo) -> str:
    return f"{photo.path.parent.name}/{photo.path.name}"
