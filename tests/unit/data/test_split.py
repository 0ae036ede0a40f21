"""What is set aside depends on the seed and the names alone, and changes little when they do."""

from collections.abc import Mapping

import pytest

from bear_tui.data.split import groups_of, part_size, set_groups_aside, shuffled

NAMES = [f"bear/{number}.jpg" for number in range(100)]


def chosen(names: list[str], count: int = 20, seed: int = 1) -> set[str]:
    return set(shuffled(names, seed, str)[:count])


def test_the_same_seed_gives_the_same_choice_in_whatever_order_the_names_come() -> None:
    assert chosen(NAMES) == chosen(NAMES[::-1])
    assert chosen(NAMES) != chosen(NAMES, seed=2)


def test_the_choice_is_the_same_on_every_machine() -> None:
    # Taken once and written down: Python's own shuffle may change between versions.
    assert shuffled(["a", "b", "c", "d", "e", "f"], 1, str) == ["a", "e", "b", "c", "d", "f"]


def test_a_new_photo_displaces_at_most_one() -> None:
    for number in range(20):
        assert len(chosen([*NAMES, f"bear/new{number}.jpg"]) - chosen(NAMES)) <= 1


def test_a_part_is_rounded_and_leaves_something_on_both_sides() -> None:
    assert [part_size(count, 0.15) for count in (0, 1, 2, 3, 10, 100)] == [0, 0, 1, 1, 2, 15]
    assert part_size(2, 0.99) == 1


def test_names_that_are_no_utf8_are_split() -> None:
    assert chosen(["caf\udce9", "cafe"], 1)


def test_names_that_no_disk_can_have_are_put_in_an_order_too() -> None:
    names = [f"{n}\ud8c8" for n in range(5)] + [f"{n}\udcff" for n in range(5)]
    assert sorted(order := shuffled(names, "a\ud8c8", str)) == sorted(names)
    assert order == shuffled(reversed(names), "a\ud8c8", str)


def aside(classes: Mapping[str, list[int]], count: int) -> set[str]:
    """What is set aside of classes that are made of groups of these sizes; `a3.1` is in group a3.

    A name of a group that begins with `*` is one of both classes.
    """
    order = {
        label: [f"{label}{at}.{n}" for at, size in enumerate(sizes) for n in range(size)]
        for label, sizes in classes.items()
    }
    groups = groups_of(order, lambda name: name.split(".")[0])
    return set_groups_aside(order, groups, dict.fromkeys(order, count))


def whole(found: set[str], sizes: Mapping[str, list[int]]) -> bool:
    names = [name.split(".")[0] for name in found]
    return all(names.count(one) == sizes[one[0]][int(one[1:])] for one in names)


@pytest.mark.parametrize(
    ("sizes", "count", "expected"),
    [
        ([1] * 20, 3, 3),
        ([2] * 10, 3, 2),  # one more pair would be as far from 3, and costs training
        ([4, *[3] * 5, 1], 3, 3),
        ([20] * 5, 15, 20),  # five bursts: no smaller part is clean
        ([30, 1, 1, 1], 5, 3),
        ([9, 9, 1], 6, 1),  # with nine more, training would keep less than half
    ],
)
def test_groups_stay_whole_and_their_photos_come_near_the_number(
    sizes: list[int], count: int, expected: int
) -> None:
    classes = {"a": sizes, "b": [1] * 40}
    found = aside(classes, count)
    assert whole(found, classes)
    assert sum(name.startswith("a") for name in found) == expected
    assert sum(name.startswith("b") for name in found) == count


@pytest.mark.parametrize("sizes", [[20], [2], [12, 8], [11, 11]])
def test_training_keeps_half_of_each_class_and_every_part_has_some(sizes: list[int]) -> None:
    found = aside({"a": sizes, "b": [1] * 4}, 1)
    assert 1 <= sum(name.startswith("a") for name in found) <= sum(sizes) / 2


def test_a_group_with_photos_of_two_classes_stays_on_one_side() -> None:
    order = {"a": ["a1", "same", *"cdefgh"], "b": ["b1", "too", *"klmnop"]}
    groups = groups_of(order, lambda name: "g" if name in ("same", "too") else name)
    for count in (1, 2, 3):
        found = set_groups_aside(order, groups, {"a": count, "b": count})
        assert ("same" in found) == ("too" in found)
        assert len(found) == 2 * count
