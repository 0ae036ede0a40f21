"""What is set aside depends on the seed and the names alone, and changes little when they do."""

from bear_tui.data.split import part_of, set_aside, shuffled

NAMES = [f"bear/{number}.jpg" for number in range(100)]


def chosen(names: list[str], count: int = 20, seed: int = 1) -> set[str]:
    return set(set_aside(names, count, seed, str)[0])


def test_the_same_seed_gives_the_same_choice_in_whatever_order_the_names_come() -> None:
    assert chosen(NAMES) == chosen(NAMES[::-1])
    assert chosen(NAMES) != chosen(NAMES, seed=2)


def test_the_choice_is_the_same_on_every_machine() -> None:
    # Taken once and written down: Python's own shuffle may change between versions.
    assert shuffled(["a", "b", "c", "d", "e", "f"], 1, str) == ["a", "e", "b", "c", "d", "f"]


def test_both_parts_keep_the_order_and_lose_nothing() -> None:
    aside, rest = set_aside(NAMES, 20, 1, str)
    assert len(aside) == 20
    assert sorted([*aside, *rest]) == sorted(NAMES)
    assert aside == [name for name in NAMES if name in set(aside)]


def test_a_new_photo_displaces_at_most_one() -> None:
    for number in range(20):
        assert len(chosen([*NAMES, f"bear/new{number}.jpg"]) - chosen(NAMES)) <= 1


def test_a_part_is_rounded_and_leaves_something_on_both_sides() -> None:
    assert [part_of(count, 0.15) for count in (0, 1, 2, 3, 10, 100)] == [0, 0, 1, 1, 2, 15]
    assert part_of(2, 0.99) == 1


def test_names_that_are_no_utf8_are_split() -> None:
    assert chosen(["caf\udce9", "cafe"], 1)


def test_names_that_no_disk_can_have_are_put_in_an_order_too() -> None:
    names = [f"{n}\ud8c8" for n in range(5)] + [f"{n}\udcff" for n in range(5)]
    assert sorted(order := shuffled(names, "a\ud8c8", str)) == sorted(names)
    assert order == shuffled(reversed(names), "a\ud8c8", str)
