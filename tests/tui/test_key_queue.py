"""Keys that arrive together, as over a slow connection."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import (
    Key,
    MouseDown,
    MouseEvent,
    MouseMove,
    MouseScrollDown,
    MouseUp,
    Paste,
)
from textual.widgets import Input, Label

from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.toolkit.app import ToolkitApp
from bear_tui.tui.widgets.catalogue import Catalogue
from tests.tui.app_screen import until

pytestmark = pytest.mark.replaces("key_queue")


def type_at_once(app: ToolkitApp, *keys: str) -> None:
    """All of them before the first is answered."""
    for key in keys:
        app.post_message(Key({"/": "slash"}.get(key, key), key if len(key) == 1 else None))


async def test_a_key_goes_where_the_one_before_it_leads(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        type_at_once(app, "2", "/", *"vgg16")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        await until(pilot, lambda: bool(app.screen.query("#search")))
        search = app.screen.query_one("#search", Input)
        await until(pilot, lambda: search.value == "vgg16")
        type_at_once(app, "escape", "/", *"zzz")  # `z` takes back, where it is no letter
        await until(pilot, lambda: search.value == "zzz")


@pytest.mark.parametrize("last", ["5", "question_mark"])
async def test_a_key_waits_for_what_a_field_tells_its_screen(tmp_path: Path, last: str) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        model = app.screen
        assert isinstance(model, ModelScreen)
        type_at_once(app, "/", *"vgg16", "enter", last)
        await until(pilot, lambda: app.screen is not model)
        assert model.draft.model == "vgg16"


async def test_enter_twice_at_once_takes_one_command_of_the_palette(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(5):
            await pilot.press("1")
            type_at_once(app, "ctrl+p", *"runs", "space", *"screen", "enter", "enter", "enter")
            await until(pilot, lambda: isinstance(app.screen, RunsScreen))


async def test_a_click_waits_for_what_was_typed_before_it() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        first, second = app.query_one("#first", Input), app.query_one("#second", Input)
        type_at_once(app, *"abcdef")
        x, y = second.region.x + 5, second.region.y + 1
        for kind in (MouseDown, MouseUp):
            app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
        type_at_once(app, *"xyz")
        await until(pilot, lambda: second.value == "xyz")
        assert first.value == "abcdef"


@pytest.mark.parametrize("kind", [MouseDown, MouseUp, MouseMove, MouseScrollDown])
@pytest.mark.parametrize("typed_before", ["", "ab"])
async def test_the_mouse_may_be_where_something_was_taken_away(
    kind: type[MouseEvent], typed_before: str
) -> None:
    app = _Form()
    async with app.run_test() as pilot:
        first = app.query_one("#first", Input)
        x, y = first.region.x + 2, first.region.y + 1
        type_at_once(app, *typed_before)
        first._detach()  # as `remove` does, a moment before the screen is laid out anew
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
        app.query_one("#second").focus()
        type_at_once(app, *"xyz")
        second = app.query_one("#second", Input)
        try:
            await until(pilot, lambda: second.value.endswith("xyz"), 5)
        finally:
            first._attach(app.screen)


async def test_of_keys_that_repeat_few_are_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        catalogue = app.screen.query_one(Catalogue)
        catalogue.focus()
        await pilot.pause(0.3)
        painted: list[object] = []
        display = app._display

        def noted(*arguments: Any) -> None:
            painted.append(arguments)
            display(*arguments)

        monkeypatch.setattr(app, "_display", noted)
        start, before = time.monotonic(), catalogue.cursor
        type_at_once(app, *"j" * 40)
        await until(pilot, lambda: catalogue.cursor >= before + 40)
        assert len(painted) < 12 + 12 * (time.monotonic() - start)


class _Slow(Input):
    async def key_f1(self) -> None:
        await asyncio.sleep(4)  # longer than a key waits for another


class _Form(ToolkitApp):
    BINDINGS = [
        ("ctrl+t", "take_away", "take it away"),
        Binding("ctrl+q", "leave", "leave", priority=True),
    ]

    def compose(self) -> ComposeResult:
        yield _Slow(id="first")
        yield Input(id="second")

    async def action_take_away(self) -> None:
        await self.query_one("#first").remove()

    def action_leave(self) -> None:
        self.mount(Label("left"))


async def test_what_is_typed_and_pasted_keeps_its_order() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        first = app.query_one("#first", Input)
        type_at_once(app, *"abc")
        app.post_message(Paste("def"))
        type_at_once(app, *"ghi" * 50)
        await until(pilot, lambda: first.value == "abcdef" + "ghi" * 50)


async def test_keys_go_on_after_one_that_takes_away_what_it_was_for() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        type_at_once(app, "a", "ctrl+t", *"xyz")
        await until(pilot, lambda: app.query_one("#second", Input).value == "xyz")
        assert not app.query("#first")


async def test_no_key_waits_long_for_one_that_takes_long() -> None:
    app = _Form()
    async with app.run_test():
        start = time.monotonic()
        type_at_once(app, "f1", "ctrl+q")
        while not app.query(Label):
            await asyncio.sleep(0.01)  # a pilot's pause would wait for the slow one
        assert 0.4 < time.monotonic() - start < 3


async def test_a_key_alone_is_answered_at_once() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        first = app.query_one("#first", Input)
        for letter in "abc":
            await pilot.press(letter)
            assert first.value.endswith(letter)
