"""What is drawn again is what has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import DataTable, Static

from bear_tui.tui.render.table_model import Column, Row
from bear_tui.tui.toolkit.cell_diff import Difference, Shown
from bear_tui.tui.toolkit.screen import SparingScreen
from bear_tui.tui.widgets.lines import Lines
from bear_tui.tui.widgets.table import Table
from tests.tui.app_screen import shown, until


class _Three(SparingScreen[None]):
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

    def get_default_screen(self) -> SparingScreen[None]:
        return _Three()


@contextmanager
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str | None, Region]]]:
    """Which widgets are asked for which of their lines."""
    asked: list[tuple[str | None, Region]] = []
    render = Widget.render_lines

    def noted(widget: Widget, crop: Region) -> list[Strip]:
        asked.append((widget.id, crop))
        return render(widget, crop)

    with monkeypatch.context() as patch:
        patch.setattr(Widget, "render_lines", noted)
        yield asked


async def test_to_paint_a_line_no_other_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause(0.1)
        long = app.screen.query_one("#long", Static)
        with drawn(monkeypatch) as asked:
            long.refresh(Region(0, 2, 10, 1))
            await until(pilot, lambda: bool(asked))
        assert ("long", Region(0, 2, long.size.width, 1)) in asked
        assert {name for name, _ in asked} <= {None, "_default", "scrolled", "long"}
        assert {crop.height for _, crop in asked} == {1}


@pytest.mark.parametrize("scrolled", [0, 7])
async def test_what_is_painted_is_what_textual_would_paint(scrolled: int) -> None:
    app = _Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        app.screen.query_one("#lines", Lines).show([[("one", "")], [("two", "")]])
        app.screen.query_one(VerticalScroll).scroll_to(y=scrolled, animate=False)
        await pilot.pause(0.1)
        ours, textuals = app.screen._compositor, Compositor()
        textuals.reflow(app.screen, app.size)
        above, beside, corner = Region(3, 1, 50, 1), Region(40, 6, 9, 2), Region(55, 14, 5, 6)
        for regions in ({app.size.region}, {above}, {above, beside}, {beside, corner}):
            assert _painted(ours, regions) == _painted(textuals, regions)


def _painted(compositor: Compositor, regions: set[Region]) -> list[tuple[int, int, str]]:
    """The pieces that are painted for these regions: line, column, text with its looks."""
    compositor._dirty_regions = set(regions)
    update = compositor.render_update()
    assert isinstance(update, ChopsUpdate | LayoutUpdate)
    pieces = Difference(update, Shown())._strips()
    return [(y, x, str(list(strip))) for y, x, strip in pieces]


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


async def test_a_row_that_moves_down_in_a_table_is_not_drawn_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Epochs(App[None]):
        def compose(self) -> ComposeResult:
            yield Table((Column("epoch"), Column("loss")), id="epochs", cursor="none")

    rows = [Row(str(number), (str(number), f"{1 / number:.4f}")) for number in (3, 2, 1)]
    made: list[int] = []
    render = DataTable._render_cell

    def noted(table: Any, row: int, *rest: Any, **more: Any) -> Any:
        made.append(row)
        return render(table, row, *rest, **more)

    app = Epochs()
    async with app.run_test(size=(60, 20)) as pilot:
        table = app.query_one(Table)
        table.show_rows(rows)
        await until(pilot, lambda: "0.3333" in shown(app))
        await pilot.pause(0.1)
        monkeypatch.setattr(DataTable, "_render_cell", noted)
        table.show_rows([Row("4", ("4", "0.2500")), *rows])
        await until(pilot, lambda: "0.2500" in shown(app) and "1.0000" in shown(app))
        assert set(made) == {0}
        assert [line.split() for line in shown(app).splitlines()[:5]] == [
            ["epoch", "loss"],
            ["4", "0.2500"],
            *(list(row.cells) for row in rows),
        ]
        made.clear()
        table.show_rows([Row("4", ("4", "0.2500"), style="bold"), *rows])
        await until(pilot, lambda: bool(made))
        assert set(made) == {0}, "another look is a change too"
        heading = []
        for focused in (None, table, None):
            app.screen.set_focus(focused)
            await pilot.pause(0.1)
            heading.append(_heading(app))
        assert heading[0] == heading[2] != heading[1], "it tells where the keyboard is"
        await pilot.resize_terminal(90, 20)
        await until(pilot, lambda: "0.3333" in shown(app))


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


async def test_a_theme_with_other_headings_draws_the_heading_that_was_kept_anew() -> None:
    class Epochs(App[None]):
        def compose(self) -> ComposeResult:
            yield Table((Column("epoch"),), id="epochs", cursor="none")

    app = Epochs()
    async with app.run_test(size=(60, 20)) as pilot:
        app.query_one(Table).show_rows([Row("1", ("1",))])
        await until(pilot, lambda: "1" in shown(app))
        await pilot.pause(0.1)
        before = _heading(app)
        other = replace(app.current_theme, name="other", panel="#123456")
        app.register_theme(other)
        app.theme = "other"
        await pilot.pause(0.1)
        assert _heading(app) != before


def _heading(app: App[None]) -> str:
    return str(list(app.screen._compositor.render_strips()[0]))
