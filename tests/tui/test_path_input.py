"""Completing a path as it is typed."""

from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from bear_tui import paths
from bear_tui.tui.widgets.path_input import PathInput, completed, completions
from tests.tui.app_screen import shown, until


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name in ("bears", "bears-old", "cats", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "bears.txt").touch()
    return tmp_path


def test_folders_that_begin_so_are_offered(folders: Path) -> None:
    found = completions(f"{folders}/b")
    assert found == [f"{folders}/bears/", f"{folders}/bears-old/"]
    assert completed(f"{folders}/b", found) == f"{folders}/bears"


def test_files_come_only_when_wanted(folders: Path) -> None:
    assert f"{folders}/bears.txt" in completions(f"{folders}/bears", folders_only=False)


def test_hidden_ones_come_when_asked_for_with_a_dot(folders: Path) -> None:
    assert len(completions(f"{folders}/")) == 3
    assert completions(f"{folders}/.") == [f"{folders}/.hidden/"]


def test_the_tilde_stays_as_it_was_typed(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folders))
    assert completions("~/c") == ["~/cats/"]
    assert completions("~") == ["~/"]


@pytest.mark.parametrize(
    "text", ["/no/such/folder/", "~nobody-has-this-name/", "\0", "/etc/passwd/x"]
)
def test_where_nothing_is_nothing_is_offered(text: str) -> None:
    assert completions(text) == []


class Alone(App[None]):
    """A path and another field."""

    def __init__(self, after_equals: bool = False) -> None:
        super().__init__()
        self._equals = after_equals

    def compose(self) -> ComposeResult:
        yield PathInput(after_equals=self._equals)
        yield Input(id="next")


async def test_tab_completes_as_far_as_is_clear_then_goes_on(folders: Path) -> None:
    app = Alone()
    async with app.run_test() as pilot:
        field = app.query_one(PathInput)
        field.focus()
        field.value = f"{folders}/c"
        field.cursor_position = len(field.value)
        await pilot.press("tab")
        assert field.value == f"{folders}/cats/"
        await pilot.press("tab")
        assert app.focused is app.query_one("#next")


async def test_tab_stays_while_there_are_several_ways_on(folders: Path) -> None:
    app = Alone()
    async with app.run_test() as pilot:
        field = app.query_one(PathInput)
        field.focus()
        field.value = f"{folders}/b"
        await pilot.press("tab", "tab")
        assert field.value == f"{folders}/bears"
        assert app.focused is field


async def test_a_path_after_a_name_is_completed_too(folders: Path) -> None:
    app = Alone(after_equals=True)
    async with app.run_test() as pilot:
        field = app.query_one(PathInput)
        field.focus()
        field.value = f"cat={folders}/c"
        await pilot.press("tab")
        assert field.value == f"cat={folders}/cats/"


async def paste(pilot: Pilot[None], text: str) -> str:
    """What stands in the field after a paste into it."""
    field = pilot.app.query_one(PathInput)
    field.value = ""
    field.post_message(events.Paste(text))
    await pilot.pause()
    return field.value


async def test_what_is_pasted_stands_in_the_field_as_a_plain_path(folders: Path) -> None:
    (folders / "my bears").mkdir()
    async with Alone().run_test() as pilot:
        plain = f"{folders}/my bears"
        for text in (f"'{plain}'", f"file://{folders}/my%20bears\r\n", f"\n{plain}\n"):
            assert await paste(pilot, text) == plain
        assert await paste(pilot, "\n") == ""


async def test_of_several_pasted_paths_the_first_is_taken_and_it_is_said(folders: Path) -> None:
    (folders / "my bears").mkdir()
    async with Alone().run_test(size=(200, 24), notifications=True) as pilot:
        value = await paste(pilot, f"{folders}/my bears\n{folders}/cats\n")
        assert paths.meant(value) == folders / "my bears"
        await pilot.press("enter")
        await until(pilot, lambda: "2 paths: the first is taken" in shown(pilot.app))
