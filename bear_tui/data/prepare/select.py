"""Choose which photos of each class are written, and to which split: limit, balance, hold-out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.data.folders.inventory import Photo
from bear_tui.data.split import groups_of, shuffled, whole_groups
from bear_tui.errors import BadInput


@dataclass(frozen=True)
class Quota:
    """How many photos of each class a person wants."""

    hold_out: int = 5
    """For the test, if the source has no test split."""
    balance: bool = False
    """Whether every class gets as many as the smallest has."""
    limit: int | None = None
    """At most so many a class, in all splits together."""
    validation: int = 0
    """For validation, if the source has no validation split."""


Alike = Mapping[Path, int]
"""The group of each visual duplicate; a photo without a group is alone."""


def choose(
    photos: Sequence[Photo], classes: Sequence[str], quota: Quota, seed: int, alike: Alike
) -> tuple[list[Photo], list[Photo]]:
    """Return the photos to write, with their splits and in the given order, and those left out
    because a visual duplicate stands in another split.

    Chooses class by class, in an order that depends on the seed and each photo's own path, so the
    choice is stable when other photos come or go. Raises BadInput if a class has too few.
    """
    pools = _by_split(photos, classes)
    parts = {"test": quota.hold_out, "validation": quota.validation}
    parts = {part: count for part, count in parts.items() if count and part not in pools}
    if len(pools) == 1:
        for label, photos_of_class in pools["train"].items():
            pools["train"][label] = shuffled(photos_of_class, seed, _name)[: quota.limit]
    _require_enough(pools["train"], parts)
    dropped: list[Photo] = []
    for part, count in parts.items():
        pools[part], pools["train"], lost = _set_aside(pools["train"], count, seed, alike)
        dropped += lost
    _require_some_left(pools["train"], parts)
    sizes = _limited(pools, quota.limit)
    if quota.balance:
        sizes = {split: _balanced(by_class) for split, by_class in sizes.items()}
    chosen: dict[object, str] = {}
    for split, pool in pools.items():
        for label, photos_of_class in pool.items():
            first = shuffled(photos_of_class, seed, _name)[: sizes[split][label]]
            chosen.update((photo.path, split) for photo in first)
    written = [
        Photo(photo.path, photo.label, chosen[photo.path])
        for photo in photos
        if photo.path in chosen
    ]
    return written, dropped


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
    """Return `count` photos of each class, the rest, and the photos that can be in neither.

    Visual duplicates go together, whatever their classes. If every group is larger than what is
    still missing, takes a part of one and drops the rest of it.
    """
    order = {label: shuffled(photos, seed, _name) for label, photos in pool.items()}
    groups = groups_of(order, lambda photo: alike.get(photo.path, photo.path))
    chosen, missing = whole_groups(order, groups, dict.fromkeys(pool, count))
    for label, photos in order.items():
        rest = [photo for photo in photos if photo not in chosen]
        chosen.update(rest[: missing[label]])
    chosen_groups = {alike[photo.path] for photo in chosen if photo.path in alike}
    dropped = [
        photo
        for photos in pool.values()
        for photo in photos
        if photo not in chosen and alike.get(photo.path) in chosen_groups
    ]
    gone = chosen.union(dropped)
    return (
        {label: [photo for photo in photos if photo in chosen] for label, photos in pool.items()},
        {label: [photo for photo in photos if photo not in gone] for label, photos in pool.items()},
        dropped,
    )


def _require_enough(pool: _Pool, parts: Mapping[str, int]) -> None:
    for label, photos in pool.items():
        if not photos and not parts:
            raise BadInput(f"{label}: no readable photos to train on; {_ADD}")
        if parts and len(photos) <= sum(parts.values()):
            noun = "photo is" if len(photos) == 1 else "photos are"
            raise BadInput(
                f"{label}: {len(photos)} readable {noun} too few, with {_words(parts)}; add "
                "photos, or name fewer with --hold-out or more with --limit."
            )


def _require_some_left(pool: _Pool, parts: Mapping[str, int]) -> None:
    for label, photos in pool.items():
        if not photos:
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
    """Return how many photos of each split and class to take; `limit` cuts all in proportion."""
    sizes = {
        split: {label: len(photos) for label, photos in pool.items()}
        for split, pool in pools.items()
    }
    for label in pools["train"]:
        total = sum(counts[label] for counts in sizes.values())
        if limit is None or total <= limit:
            continue
        for split, counts in sizes.items():
            if split != "train" and counts[label]:
                counts[label] = min(counts[label], max(1, counts[label] * limit // total))
        others = sum(counts[label] for split, counts in sizes.items() if split != "train")
        sizes["train"][label] = min(sizes["train"][label], max(1, limit - others))
    return sizes


def _balanced(counts: Mapping[str, int]) -> dict[str, int]:
    smallest = min((count for count in counts.values() if count), default=0)
    return {label: min(count, smallest) for label, count in counts.items()}


def _name(photo: Photo) -> str:
    return f"{photo.path.parent.name}/{photo.path.name}"
