"""The line of keys: never cut, `?` and `q` always there, a click presses a key."""

from pathlib import Path

import pytest

from bear_tui.tui.app import BearApp
from bear_tui.tui.widgets.keybar import Key, KeyBar, fitting, key_at, key_bar
from tests.tui.stage import shown, until

KEYS = (
    Key("space", "pause", "space"),
    Key("s", "stop and save", "s"),
    Key("d", "detach", "d"),
    Key("?", "keys", "question_mark", always=True),
    Key("q", "quit", "q", always=True),
)


@pytest.mark.parametrize("width", range(6, 60))
def test_a_key_stands_there_whole_or_not_at_all(width: int) -> None:
    line = key_bar(fitting(KEYS, width))
    assert line.cell_length <= width
    assert all(piece in {f"{k.shown} {k.does}" for k in KEYS} for piece in line.plain.split("  "))


def test_the_first_keys_matter_most_and_the_last_two_always_stand_there() -> None:
    assert key_bar(fitting(KEYS, 30)).plain == "space pause  ? keys  q quit"
    assert key_bar(fitting(KEYS, 80)).plain.endswith("d detach  ? keys  q quit")


def test_a_key_is_found_where_it_stands() -> None:
    line = key_bar(KEYS).plain
    for key in KEYS:
        at = line.index(f"{key.shown} {key.does}")
        assert key_at(KEYS, at) is key
        assert key_at(KEYS, at - 1) is not key
    assert key_at(KEYS, len(line)) is None


async def test_a_click_presses_the_key(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "? keys" in shown(app))
        at = shown(app).split("\n")[-1].index("? keys")
        await pilot.click(KeyBar, offset=(at, 0))
        await until(pilot, lambda: "Keys of this screen" in shown(app))
