"""Near duplicates among hashes: every pair is seen, chains hold together, blanks stay alone."""

import random
import threading

import pytest

from bear_tui.data.parallel import Cancelled
from bear_tui.data.photos import perceptual
from bear_tui.data.photos.perceptual import BITS, NEAR, near_duplicates, nearest


def flipped(one: bytes, bits: int, seed: int = 1) -> bytes:
    places = random.Random(seed).sample(range(BITS), bits)
    mask = sum(1 << place for place in places)
    return (int.from_bytes(one, "big") ^ mask).to_bytes(len(one), "big")


def test_near_means_at_most_so_many_bits() -> None:
    one = random.Random(1).randbytes(BITS // 8)
    assert near_duplicates([one, flipped(one, NEAR)]) == [[0, 1]]
    assert near_duplicates([one, flipped(one, NEAR + 1)]) == []


def test_a_chain_is_one_group_and_blanks_are_in_none() -> None:
    one = random.Random(2).randbytes(BITS // 8)
    two = flipped(one, NEAR, 1)
    three = flipped(two, NEAR, 2)
    other = random.Random(3).randbytes(BITS // 8)
    assert near_duplicates([three, None, other, one, None, two]) == [[0, 3, 5]]
    assert near_duplicates([]) == []


def test_pairs_are_found_across_the_tiles_they_are_compared_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(4)
    hashes: list[bytes | None] = [chance.randbytes(BITS // 8) for _ in range(200)]
    planted = [(3, 190), (64, 65), (127, 128), (0, 199)]
    for first, second in planted:
        hashes[second] = flipped(hashes[first] or b"", 20, first)
    whole = near_duplicates(hashes)
    monkeypatch.setattr(perceptual, "_TILE", 64)
    assert sorted(map(tuple, near_duplicates(hashes))) == sorted(planted)
    assert near_duplicates(hashes) == whole


def test_comparing_can_be_stopped() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        near_duplicates([b"0" * 32, b"1" * 32], stop)


def test_the_nearest_of_others_is_found_across_the_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    others: list[bytes | None] = [chance.randbytes(BITS // 8) for _ in range(200)]
    one, other = others[10] or b"", others[150] or b""
    others[60], others[190], others[3] = flipped(one, 5), flipped(other, 30), None
    asked = [flipped(one, 4, 2), None, chance.randbytes(BITS // 8), flipped(other, 31, 3), other]
    expected = [10, None, None, 150, 150]
    assert nearest(asked, others) == expected
    monkeypatch.setattr(perceptual, "_TILE", 3)
    assert nearest(asked, others) == expected
    assert nearest(asked, []) == [None] * 5
    assert nearest([], others) == []
