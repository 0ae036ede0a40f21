"""Frames that were left out, painted later."""

from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from bear_tui.tui.app import BearApp
from bear_tui.tui.toolkit.cell_diff import Shown

pytestmark = pytest.mark.replaces("frame_pacing", "driver")


@pytest.mark.parametrize("late", [Region(0, 0, 200, 60), Region(3, 2, 10, 1), Region(0, 50, 9, 1)])
async def test_what_was_left_out_before_the_window_shrank_is_painted_within_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: Region
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        painted: list[str] = []

        def paint(_app: Any, _screen: Any, update: Any) -> None:
            if isinstance(update, CompositorUpdate):
                painted.append(update.render_segments(app.console))

        frames = app._frames
        assert frames is not None
        frames._unpainted = (app.screen, {late})
        frames.forget()
        monkeypatch.setattr(App, "_display", paint)
        app.action_paint_rest()
        await pilot.pause(0.2)
        assert bool("".join(painted)) == (late.y < 24)


async def test_lines_that_are_there_already_are_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = BearApp(runs=tmp_path)
    sent: list[str] = []

    def send(_app: Any, _screen: Any, update: Any) -> None:
        if isinstance(update, CompositorUpdate):
            sent.append(update.render_segments(app.console))

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await pilot.pause()
        part = app.screen.query_one("#nothing", Static)
        part.update("one\ntwo\nthree")
        await pilot.pause(0.2)
        monkeypatch.setattr(App, "_display", send)
        part.update("one\ntwo\nfour!", layout=False)
        await pilot.pause(0.2)
        sent.clear()
        part.update("one\nTWO\nfour!", layout=False)
        await pilot.pause(0.2)
        part.update("one\nTWO\nfour!", layout=False)
        await pilot.pause(0.2)
        (only,) = [text for text in sent if text]
        assert "TWO" in only
        assert "four!" not in only
        app.screen.refresh(layout=True)
        await pilot.pause(0.2)
        assert "four!" not in "".join(sent[1:]), "a new layout sends nothing that is there"
        sent.clear()
        await pilot.press("ctrl+l")
        await pilot.pause(0.2)
        assert "four!" in "".join(sent), "whatever another program wrote there"
        sent.clear()
        await pilot.resize_terminal(90, 24)
        await pilot.pause(0.2)
        assert "four!" in "".join(sent), "a terminal of another size has moved its lines"


def row(text: str, *more: tuple[str, Style]) -> Strip:
    return Strip([Segment(text), *(Segment(*one) for one in more)])


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ("━━━───", "━━━━──", (3, "━")),
        ("epoch 19/20", "epoch 20/20", (6, "20")),
        ("the same", "the same", None),
        ("a bear", "a deer", (2, "dee")),
        ("熊 of 3", "狼 of 4", (0, "狼 of 4")),
        ("1 熊", "1 狼", (2, "狼")),
        ("1 熊", "1 ab", (2, "ab")),
        ("1 ab", "1 熊", (2, "熊")),
        ("cafe x", "cafe\u0301 x", (0, "cafe\u0301 x")),
        ("熊 x", "熊\u0301 x", (0, "熊\u0301 x")),
    ],
)
def test_of_a_line_only_what_is_new_is_sent(
    before: str, after: str, sent: tuple[int, str] | None
) -> None:
    shown = Shown()
    assert shown.news(4, 10, row(before)) == (10, row(before))
    news = shown.news(4, 10, row(after))
    found = None if news is None else (news[0] - 10, news[1].text)
    assert found == sent
    assert shown.news(4, 10, row(after)) is None


def test_the_same_words_in_another_colour_are_new() -> None:
    shown, red = Shown(), Style(color="red")
    shown.news(0, 0, row("loss ", ("0.1", red)))
    news = shown.news(0, 0, row("loss ", ("0.1", Style(color="green"))))
    assert news is not None
    assert (news[0], news[1].text) == (5, "0.1")


def test_parts_of_a_line_may_be_painted_in_any_order_and_over_each_other() -> None:
    shown = Shown()
    shown.news(0, 8, row("right"))
    shown.news(0, 0, row("left"))
    assert shown.news(0, 0, row("left    right")) == (4, row("    "))
    assert shown.news(0, 6, row("XX")) == (6, row("XX"))
    assert shown.news(0, 0, row("left    right")) == (6, row("  "))
