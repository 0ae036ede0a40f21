"""The list with a cursor."""

from textual.app import App, ComposeResult
from textual.content import Content

from bear_tui.tui.widgets.rows import Rows, columns


class Numbers(Rows):
    """Every third row is a heading."""

    total = 100_000

    def count(self) -> int:
        return self.total

    def selectable(self, index: int) -> bool:
        return index % 3 != 0

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        drawn.append(index)
        return columns(Content(f"row {index}"), ">" if under_cursor else "", width)


drawn: list[int] = []


class Alone(App[None]):
    """The list alone."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield Numbers()

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        self.chosen.append(event.index)


async def test_the_cursor_skips_headings_and_stays_within() -> None:
    app = Alone()
    async with app.run_test(size=(20, 8)) as pilot:
        rows = app.query_one(Numbers)
        assert rows.cursor == 1
        await pilot.press("j", "down")
        assert rows.cursor == 4
        await pilot.press("k", "up", "up")
        assert rows.cursor == 1
        await pilot.press("end", "enter")
        assert rows.cursor == 99_998
        assert app.chosen == [99_998]


async def test_only_rows_in_sight_are_drawn() -> None:
    drawn.clear()
    app = Alone()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert max(drawn) >= 99_998
        assert len(set(drawn)) < 50


async def test_fewer_rows_leave_the_cursor_on_one_of_them() -> None:
    app = Alone()
    async with app.run_test(size=(20, 8)) as pilot:
        rows = app.query_one(Numbers)
        await pilot.press("end")
        rows.total = 5
        rows.rows_changed()
        await pilot.pause()
        assert rows.cursor == 4
        rows.total = 0
        rows.rows_changed()
        await pilot.press("down", "enter", "pagedown")
        assert app.chosen == []


async def test_a_click_moves_and_a_second_chooses() -> None:
    app = Alone()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.click(Numbers, offset=(2, 5))
        await pilot.click(Numbers, offset=(2, 5))
        assert app.query_one(Numbers).cursor == 5
        assert app.chosen == [5]


def test_columns_cut_the_left_and_keep_the_right() -> None:
    assert columns(Content("a long name"), "12", 9).plain == "a lon… 12"
    assert columns(Content("a"), "12", 9).plain == "a      12"
