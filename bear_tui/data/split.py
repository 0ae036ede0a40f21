"""Choose which photos to set aside: by a seed, class by class, stable when files change.

Items of one group, such as visual duplicates, stay on one side where that is possible.

A photo's place in the order depends on the seed and its own name alone. So the same seed and
files give the same choice on every machine, one class never reshuffles another, and a new photo
displaces at most one old one.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)


def shuffled(items: Iterable[T], seed: int | str, name: Callable[[T], str]) -> list[T]:
    """Return the items in an order that `seed` and the `name` of each decide."""
    start = hashlib.sha256(_bytes(f"{seed}\0"))

    def place(item: T) -> tuple[bytes, str]:
        text = name(item)
        digest = start.copy()
        digest.update(_bytes(text))
        return digest.digest(), text

    return sorted(items, key=place)


def _bytes(text: str) -> bytes:
    """Return the bytes of a name on disk; a lone surrogate, which JSON may have, gets some too."""
    try:
        return os.fsencode(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def part_size(count: int, fraction: float) -> int:
    """Return how many of `count` a fraction sets aside: rounded, at least one, never all."""
    return min(count - 1, max(1, int(count * fraction + 0.5))) if count > 1 else 0


Groups = dict[Hashable, dict[H, str]]
"""Of each group the items, with the class of each."""


def groups_of(order: Mapping[str, Sequence[H]], group_of: Callable[[H], Hashable]) -> Groups[H]:
    """Return the groups of the items of all classes; a group may span several classes."""
    groups: Groups[H] = {}
    for label, items in order.items():
        for item in items:
            groups.setdefault(group_of(item), {})[item] = label
    return groups


def whole_groups(
    order: Mapping[str, Sequence[H]], groups: Groups[H], wanted: Mapping[str, int]
) -> tuple[set[H], Counter[str]]:
    """Return items of whole groups in the given order, at most as many of each class as wanted.

    Returns too how many of each class are still missing.
    """
    missing = Counter(wanted)
    chosen: set[H] = set()
    group_of = {item: group for group in groups.values() for item in group}
    for label, items in order.items():
        for item in items:
            if not missing[label]:
                break
            group = group_of[item]
            if item not in chosen and Counter(group.values()) <= missing:
                missing.subtract(group.values())
                chosen.update(group)
    return chosen, missing


def set_groups_aside(
    order: Mapping[str, Sequence[H]], groups: Groups[H], wanted: Mapping[str, int]
) -> set[H]:
    """Return about as many items of each class as wanted, in the given order, at least one each.

    Takes whole groups as long as half of each class stays. If every group of a class is too
    large, it takes a part of one.
    """
    chosen, missing = whole_groups(order, groups, wanted)
    size = {label: len(items) for label, items in order.items()}
    count = Counter({label: wanted[label] - missing[label] for label in order})
    larger: dict[str, list[tuple[Counter[str], dict[H, str]]]] = {label: [] for label in order}
    for group in groups.values():
        if chosen.isdisjoint(group):
            members = Counter(group.values())
            for label in members:
                larger[label].append((members, group))
    for label, items in order.items():
        for members, group in sorted(larger[label], key=lambda pair: pair[0][label]):
            if not chosen.isdisjoint(group):
                continue
            nearer = members[label] < 2 * (wanted[label] - count[label])
            half_stays = all(2 * (count[name] + members[name]) <= size[name] for name in members)
            if half_stays and (nearer or not count[label]):
                chosen.update(group)
                count.update(members)
        if not count[label]:
            part = [item for item in items if item not in chosen][: wanted[label]]
            chosen.update(part)
            count[label] = len(part)
    return chosen
