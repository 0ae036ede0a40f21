"""What is drawn again is what has changed."""

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Static

from bear_tui.tui.render.table_model import Column, Row
from bear_tui.tui.widgets.lines import Lines
from bear_tui.tui.widgets.table import Table
from tests.tui.app_screen import shown, until


class _Three(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("above", id="above")
        with Horizontal(id="scrolled"):
            with VerticalScroll():
                yield Static("\n".join(map(str, range(20))), id="long")
            yield Static("beside\nit", id="beside")
        yield Lines(id="lines")


class _Stage(App[None]):
    CSS = """
    #above { height: 3; width: 36; border: solid red; }
    #scrolled { height: 6; }
    #long { height: 20; width: 1fr; }
    #beside { width: 20; }
    """

    def get_default_screen(self) -> Screen[None]:
        return _Three()


async def test_of_lines_those_that_changed_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        lines = app.screen.query_one(Lines)
        lines.show([[(text, "")] for text in ("one", "two", "three")])
        await until(pilot, lambda: "three" in shown(app))
        await pilot.pause(0.1)
        asked: list[int] = []
        render = Lines.render_line

        def noted(widget: Lines, y: int) -> Strip:
            asked.append(y)
            return render(widget, y)

        monkeypatch.setattr(Lines, "render_line", noted)
        lines.show([[("one", "")], [("two", "bold")], [("three", "")]])
        await until(pilot, lambda: bool(asked))
        assert asked == [1], "another look is a change too"
        asked.clear()
        lines.show([[("one", "")]])
        await until(pilot, lambda: bool(asked))
        assert set(asked) == {1, 2}
        assert "two" not in shown(app)
        assert "three" not in shown(app)


async def test_lines_without_room_are_empty() -> None:
    app = _Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        lines = app.screen.query_one(Lines)
        lines.show([[("one", "")]])
        lines.styles.width = 0
        lines.styles.padding = 0
        await pilot.pause(0.1)
        assert lines.size.width == 0
        assert lines.render_line(0).text == ""
        lines.styles.width = 10
        await until(pilot, lambda: "one" in shown(app))


async def test_a_cell_that_changes_leaves_the_table_where_it_is() -> None:
    class Runs(App[None]):
        def compose(self) -> ComposeResult:
            yield Table((Column("run"), Column("epochs")), id="runs")

    def rows(changed: str, style: str = "") -> list[Row]:
        return [
            Row(str(n), (str(n), changed if n == 41 else "1/20"), style if n == 41 else "")
            for n in range(100)
        ]

    app = Runs()
    async with app.run_test(size=(60, 20)) as pilot:
        table = app.query_one(Table)
        table.show_rows(rows("1 of 20"))
        assert table.ordered_columns[1].content_width == 7, "wide enough before it is drawn"
        table.show_rows(rows("1/20"))
        await until(pilot, lambda: "1/20" in shown(app))
        table.scroll_to(y=33, animate=False)
        table.move_cursor(row=45, scroll=False)
        await until(pilot, lambda: "41" in shown(app))
        before = shown(app)
        table.show_rows(rows("20/20 done", "bold"))
        await until(pilot, lambda: "20/20 done" in shown(app))
        assert (table.scroll_offset.y, table.cursor_row) == (33, 45)
        assert [line.split()[0] for line in shown(app).splitlines()] == [
            line.split()[0] for line in before.splitlines()
        ]
        table.show_rows(rows("2/20"))
        await until(pilot, lambda: "done" not in shown(app))
        assert shown(app).split() == " ".join(before.split()).replace("41 1/20", "41 2/20").split()
