"""Which photos are set aside: chosen by a seed, class by class, and stable when files change.

A photo's place in the order depends on the seed and its own name alone. So the same seed and
files give the same choice on every machine, one class never reshuffles another, and a new photo
displaces at most one old one.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


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


def part_of(count: int, fraction: float) -> int:
    """How many of `count` a fraction sets aside: rounded, at least one, never all of them."""
    return min(count - 1, max(1, int(count * fraction + 0.5))) if count > 1 else 0


def set_aside(
    items: Sequence[T], count: int, seed: int | str, name: Callable[[T], str]
) -> tuple[list[T], list[T]]:
    """`count` items chosen by `seed`, and the rest; both in the order they came."""
    order = shuffled(range(len(items)), seed, lambda place: name(items[place]))
    chosen = set(order[:count])
    return (
        [item for place, item in enumerate(items) if place in chosen],
        [item for place, item in enumerate(items) if place not in chosen],
    )
