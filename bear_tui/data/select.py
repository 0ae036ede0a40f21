"""Which photos of each class are written, and to which split: limits, balance, hold-out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bear_tui.data.inventory import Photo
from bear_tui.data.split import shuffled
from bear_tui.errors import BadInput


@dataclass(frozen=True)
class Wish:
    """How many photos of each class."""

    hold_out: int = 5
    """For the test, where the source has no test part."""
    balance: bool = False
    """As many of every class as the smallest has."""
    limit: int | None = None
    """At most so many a class, in all splits together."""


def choose(photos: Sequence[Photo], classes: Sequence[str], wish: Wish, seed: int) -> list[Photo]:
    """The photos to write, each with its split, in the order they came.

    Chosen class by class in an order that depends on the seed and each photo's own path, so the
    choice is stable when other photos come or go. Raises BadInput where a class has too few.
    """
    if wish.hold_out == 0 or any(photo.split == "test" for photo in photos):
        pools = _by_split(photos, classes)
        for label in classes:
            if not pools["train"][label]:
                raise BadInput(
                    f"{label}: no readable photos to train on; add some or leave the class out."
                )
        sizes = _limited(pools, wish.limit)
    else:
        pools = _with_hold_out(photos, classes, wish, seed)
        sizes = _limited(pools, None)
    if wish.balance:
        sizes = {split: _balanced(of) for split, of in sizes.items()}
    chosen: dict[object, str] = {}
    for split, of in pools.items():
        for label, found in of.items():
            kept = shuffled(found, seed, _name)[: sizes[split][label]]
            chosen.update((photo.path, split) for photo in kept)
    return [
        Photo(photo.path, photo.label, chosen[photo.path])
        for photo in photos
        if photo.path in chosen
    ]


_Pools = dict[str, dict[str, list[Photo]]]


def _by_split(photos: Sequence[Photo], classes: Sequence[str]) -> _Pools:
    names = dict.fromkeys(["train", *(photo.split or "train" for photo in photos)])
    pools: _Pools = {split: {label: [] for label in classes} for split in names}
    for photo in photos:
        pools[photo.split or "train"][photo.label].append(photo)
    return pools


def _with_hold_out(
    photos: Sequence[Photo], classes: Sequence[str], wish: Wish, seed: int
) -> _Pools:
    pools = _by_split(photos, classes)
    pools["test"] = {}
    for label in classes:
        order = shuffled(pools["train"][label], seed, _name)[: wish.limit]
        if len(order) <= wish.hold_out:
            raise BadInput(
                f"{label}: {len(order)} readable photos are too few, with {wish.hold_out} held "
                "out for the test; add photos, or name fewer with --hold-out or more with --limit."
            )
        pools["test"][label] = order[: wish.hold_out]
        pools["train"][label] = order[wish.hold_out :]
    return pools


def _limited(pools: _Pools, limit: int | None) -> dict[str, dict[str, int]]:
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
