"""Which of torchrun's variables count, and when."""

import pytest

from bear_tui.errors import BadInput
from bear_tui.torchrun import Group, group, half_given

WHOLE = {"RANK": "1", "WORLD_SIZE": "4", "MASTER_ADDR": "gpu3", "MASTER_PORT": "29500"}
LOCAL = {"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}


def test_all_variables_together_make_a_group() -> None:
    assert group({**WHOLE, **LOCAL}) == Group(1, 4, "gpu3:29500", 1, 2)
    assert group(WHOLE) == Group(1, 4, "gpu3:29500", None, 1)
    assert group({**WHOLE, "RANK": " 1\n", "LOCAL_RANK": "", "LOCAL_WORLD_SIZE": " "}) == group(
        WHOLE
    )
    assert half_given({**WHOLE, **LOCAL}) == ""


@pytest.mark.parametrize("missing", WHOLE)
@pytest.mark.parametrize("how", ["unset", "empty", "blank"])
def test_some_of_them_are_ignored_and_that_is_said(missing: str, how: str) -> None:
    some = {name: value for name, value in WHOLE.items() if name != missing}
    if how != "unset":
        some[missing] = "" if how == "empty" else " \t"
    assert group(some) is None
    assert f"without {missing}: ignored, this process trains alone" in half_given(some)


@pytest.mark.parametrize(
    "some",
    [
        {},
        {"RANK": "0"},
        {"WORLD_SIZE": "1", "RANK": "0"},
        {"LOCAL_RANK": "x", "LOCAL_WORLD_SIZE": "-1", "MASTER_PORT": "z"},
        {**WHOLE, "RANK": "0", "WORLD_SIZE": "1"},
    ],
)
def test_one_process_is_no_group_and_nothing_is_said(some: dict[str, str]) -> None:
    assert group(some) is None
    assert half_given(some) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("RANK", value) for value in ("4", "-1", "1.0", "one", "1e1", "٣", "9" * 400)),
        *(("WORLD_SIZE", value) for value in ("0", "-2", "two", "1e1", "9" * 400, "1")),
        *(("MASTER_PORT", value) for value in ("0", "65536", "http", "-1")),
        *(("LOCAL_RANK", value) for value in ("2", "-1", "x")),
        *(("LOCAL_WORLD_SIZE", value) for value in ("5", "0", "x")),
    ],
)
def test_what_makes_no_sense_is_a_sentence_that_names_it(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=r"a number from \d+ to \d+ is needed; start .*torchrun"):
        group({**WHOLE, **LOCAL, name: value})
