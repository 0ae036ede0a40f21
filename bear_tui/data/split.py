"""Which photos are set aside: chosen by a seed, class by class, and stable when files change.

Items of one group, such as photos that show the same, stay on one side as far as that can be.

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
    """The items in an order that `seed` decides; `name` tells one from another."""
    start = hashlib.sha256(_bytes(f"{seed}\0"))

    def place(item: T) -> tuple[bytes, str]:
        text = name(item)
        digest = start.copy()
        digest.update(_bytes(text))
        return digest.digest(), text

    return sorted(items, key=place)


def _bytes(text: str) -> bytes:
    """A name on disk as it is there; one that a JSON has, with halves of a character, somehow."""
    try:
        return os.fsencode(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def part_size(count: int, fraction: float) -> int:
    """How many of `count` a fraction sets aside: rounded, at least one, never all of them."""
    return min(count - 1, max(1, int(count * fraction + 0.5))) if count > 1 else 0


Groups = dict[Hashable, dict[H, str]]
"""The items of each group, and the class of each."""


def groups_of(order: Mapping[str, Sequence[H]], group_of: Callable[[H], Hashable]) -> Groups[H]:
    """The groups of the items of all classes; a group may have items of several."""
    found: Groups[H] = {}
    for label, items in order.items():
        for item in items:
            found.setdefault(group_of(item), {})[item] = label
    return found


def whole_groups(
    order: Mapping[str, Sequence[H]], groups: Groups[H], wanted: Mapping[str, int]
) -> tuple[set[H], Counter[str]]:
    """Items of whole groups in the given order, of no class more than wanted; and how many of each
    class are missing still."""
    missing = Counter(wanted)
    taken: set[H] = set()
    of = {item: group for group in groups.values() for item in group}
    for label, items in order.items():
        for item in items:
            if not missing[label]:
                break
            group = of[item]
            if item not in taken and Counter(group.values()) <= missing:
                missing.subtract(group.values())
                taken.update(group)
    return taken, missing


def set_groups_aside(
    order: Mapping[str, Sequence[H]], groups: Groups[H], wanted: Mapping[str, int]
) -> set[H]:
    """About as many items of each class as wanted, in the given order and at least one of each.

    Whole groups, as long as half of each class stays. Where a class has none that is so small, a
    part of a group is taken: better a part than nothing.
    """
    taken, missing = whole_groups(order, groups, wanted)
    size = {label: len(items) for label, items in order.items()}
    count = Counter({label: wanted[label] - missing[label] for label in order})
    larger: dict[str, list[tuple[Counter[str], dict[H, str]]]] = {label: [] for label in order}
    for group in groups.values():
        if taken.isdisjoint(group):
            own = Counter(group.values())
            for label in own:
                larger[label].append((own, group))
    for label, items in order.items():
        for own, group in sorted(larger[label], key=lambda pair: pair[0][label]):
            if not taken.isdisjoint(group):
                continue
            nearer = own[label] < 2 * (wanted[label] - count[label])
            half_stays = all(2 * (count[name] + own[name]) <= size[name] for name in own)
            if half_stays and (nearer or not count[label]):
                taken.update(group)
                count.update(own)
        if not count[label]:
            part = [item for item in items if item not in taken][: wanted[label]]
            taken.update(part)
            count[label] = len(part)
    return taken
