"""Notices in the corner leave the screen to be seen."""

from pathlib import Path

import pytest
from textual.notifications import Notification
from textual.widgets._toast import Toast

from bear_tui.tui.app import BearApp
from bear_tui.tui.toolkit.notices import MOST, _wrapped, cut, outdated
from tests.tui.app_screen import shown, until


def messages(shown: list[Notification]) -> list[str]:
    return [one.message for one in shown]


def test_the_newest_few_stay() -> None:
    before = [Notification(f"number {n}") for n in range(MOST)]
    assert messages(outdated(before, Notification("new"), 80, 24)) == ["number 0"]
    assert outdated(before[1:], Notification("new"), 80, 24) == []


def test_an_equal_one_is_not_shown_twice() -> None:
    before = [Notification("same"), Notification("other")]
    assert messages(outdated(before, Notification("same"), 80, 24)) == ["same"]


def test_a_long_one_takes_the_place_of_more() -> None:
    before = [Notification("one"), Notification("two")]
    assert messages(outdated(before, Notification("word " * 60), 80, 24)) == ["one"]
    assert messages(outdated(before, Notification("word " * 90), 80, 24)) == ["one", "two"]
    assert outdated(before, Notification("word " * 60), 200, 60) == []


def test_what_no_window_holds_is_cut() -> None:
    assert cut("short", 80, 24) == "short"
    assert len(cut("word " * 1000, 80, 24)) < 76 * 7
    assert cut("word " * 1000, 80, 24).endswith("…")
    assert cut("word", 1, 1)


@pytest.mark.replaces("notices")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (40, 12)])
async def test_however_much_is_said_most_of_the_screen_is_seen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: "sample photos" in shown(app))
        await pilot.pause(0.3)
        before = shown(app).split("\n")
        for number in range(8):
            app.say(f"Number {number}: {'/a/long/path' * number} cannot be written to.", "error")
        for _ in range(5):
            app.say("The same again.")
        await until(pilot, lambda: shown(app).count("The same again.") == 1)
        await pilot.pause(0.2)
        after = shown(app).split("\n")
        covered = sum(one != other for one, other in zip(before, after, strict=True))
        assert 0 < covered <= size[1] // 3
        assert len(app._notifications) <= MOST


async def test_a_notice_is_read_to_its_end_whatever_its_length(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "sample photos" in shown(app))
        for length in range(70, 84):
            app.clear_notifications()
            app.say(("abcdefghi " * 9)[:length] + "END.")
            await until(pilot, lambda: shown(app).count("END.") == 1, 5)
            (toast,) = app.screen.query(Toast)
            assert toast.region.right <= 80
            taken = len(_wrapped(str(toast.render()), 80))
            assert taken == toast.content_size.height, "as many lines as are reckoned with"
