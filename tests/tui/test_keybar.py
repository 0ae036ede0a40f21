"""The line of keys: never cut, `?` and `q` always there, a click presses a key."""

from pathlib import Path

import pytest
from textual.widgets import Input

from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.keys import key_groups
from bear_tui.tui.widgets.catalogue import Catalogue
from bear_tui.tui.widgets.keybar import Key, KeyBar, fitting, key_at, key_bar
from bear_tui.tui.widgets.layer_tree import LayerTree
from tests.tui.app_screen import shown, until

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


async def test_question_mark_parts_the_keys_of_the_screen_from_the_rest(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "? keys" in shown(app))
        await pilot.press("question_mark")
        text = shown(app)
        here, moving, everywhere = (
            text.index(part) for part in ("here", "moving about", "everywhere")
        )
        assert here < text.index("train the head only") < moving
        assert moving < text.index("to the next part") < everywhere < text.index("to the shell")


async def test_what_a_text_field_does_with_keys_stands_after_what_the_screen_does(
    tmp_path: Path,
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "slash")
        await until(pilot, lambda: isinstance(app.focused, Input))
        groups = dict(key_groups(app.screen))
        assert list(groups) == ["here", "moving about", "in a text", "everywhere"]
        assert ("^r", "start training") in groups["here"]
        assert "delete character left" in dict(groups["in a text"]).values()


async def test_a_long_list_of_keys_scrolls_by_its_keys(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "question_mark")
        assert "esc closes" not in shown(app)
        await pilot.press("G")
        await until(pilot, lambda: "esc closes" in shown(app))
        await pilot.press("g")
        await until(pilot, lambda: "Keys of this screen" in shown(app))


async def test_the_palette_does_what_the_focused_part_can_do(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "h head" in shown(app))
        commands = {one.title: one for one in app.get_system_commands(app.screen)}
        assert {"Head", "All", "Start", "Copy path", "Freeze that stage again"} <= set(commands)


async def test_the_palette_does_what_other_parts_can_do(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: bool(app.screen.query_one(LayerTree).model_layers))
        app.screen.query_one(Catalogue).focus()
        await pilot.press("ctrl+p", *"all layers")
        await until(pilot, lambda: "train all layers" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(LayerTree).spec == "all")


async def test_the_palette_has_what_is_there_everywhere(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)):
        commands = {one.title for one in app.get_system_commands(app.screen)}
        assert {"Theme", "Draw anew", "Shell", "Keys", "Quit"} <= commands
        assert not {"Down", "Up", "First", "Last"} & commands, "nobody moves about by a palette"


async def test_enter_is_told_where_it_starts_a_training(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.focused, LayerTree))
        await until(pilot, lambda: "⏎ start" in shown(app))
        assert "^r start" not in shown(app), "an action is told once"
        app.screen.query_one(Catalogue).focus()
        await until(pilot, lambda: "^r start" in shown(app))


async def test_a_click_presses_the_key(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: "? keys" in shown(app))
        at = shown(app).split("\n")[-1].index("? keys")
        await pilot.click(KeyBar, offset=(at, 0))
        await until(pilot, lambda: "Keys of this screen" in shown(app))
