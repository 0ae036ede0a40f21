"""What no one foresaw in a thread: a sentence where it is waited for, and the details in a log."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from bear_tui.data import sample
from bear_tui.errors import Failure
from bear_tui.tui.app import BearApp
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens import compare, run_loader
from bear_tui.tui.screens.sample import SampleScreen
from bear_tui.tui.session import engine, export
from bear_tui.tui.toolkit.output import app_log
from tests.tui.app_screen import shown, until
from tests.tui.test_gallery_screen import a_run, app_on
from tests.unit.sample_runs import predictions, sample_run


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("[/] no one foresaw this")


def told(app: BearApp) -> bool:
    notes = " ".join(note.message for note in app._notifications)
    text = " ".join(f"{shown(app)} {notes}".replace("│", " ").split())
    return "ZeroDivisionError: [/] no one foresaw this" in text


async def predict(pilot: Pilot[int], app: BearApp) -> None:
    await pilot.press("5")
    await until(pilot, lambda: "bears-1111" in shown(app))
    await pilot.press("p")
    await until(pilot, lambda: "Ask bears-1111" in shown(app))
    app.screen.query_one("#path").value = "/photos"  # type: ignore[attr-defined]
    await pilot.press("enter")


async def write_export(pilot: Pilot[int], app: BearApp) -> None:
    await pilot.press("5")
    await until(pilot, lambda: "bears-1111" in shown(app))
    await pilot.press("e", "enter")


async def two_compared(pilot: Pilot[int], app: BearApp) -> None:
    await pilot.press("5")
    await until(pilot, lambda: "bears-2222" in shown(app))
    await pilot.press("space", "space", "v")


async def drawn_sample(pilot: Pilot[int], app: BearApp) -> None:
    app.push_screen(SampleScreen())
    await pilot.pause()


async def read_results(pilot: Pilot[int], app: BearApp) -> None:
    await pilot.press("5")
    await until(pilot, lambda: "bears-1111" in shown(app))
    await pilot.press("enter")


async def read_layers(pilot: Pilot[int], _: BearApp) -> None:
    await pilot.press("2")


@pytest.mark.parametrize(
    ("place", "name", "do"),
    [
        (engine, "predictions", predict),
        (export, "write", write_export),
        (compare, "compare", two_compared),
        (sample, "write_sample", drawn_sample),
        (run_loader, "read_run", read_results),
        (engine, "layers", read_layers),
    ],
)
async def test_it_is_said_where_it_is_waited_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    do: Callable[[Pilot[int], BearApp], Any],
) -> None:
    monkeypatch.chdir(tmp_path)
    for run in ("bears-1111", "bears-2222"):
        sample_run(tmp_path / "runs" / run, predictions(8, 2))
    monkeypatch.setattr(place, name, broken)
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(200, 50), notifications=True) as pilot:
        await do(pilot, app)
        await until(pilot, lambda: told(app))
        assert "loading" not in shown(app)
        assert not isinstance(app.screen, SampleScreen)
    log = app_log().read_text()
    assert "Traceback" in log
    assert "in broken" in log


async def test_a_heat_map_that_breaks_is_said_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "heat_maps", broken)
    app = app_on(a_run(tmp_path))
    async with app.run_test(size=(200, 50)) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("g")
        await until(pilot, lambda: told(app) and "looking for" not in shown(app))


def test_a_refusal_is_a_sentence_already_and_nothing_for_the_log(tmp_path: Path) -> None:
    assert in_words(Failure("No such run; name another.")) == "No such run; name another."
    gone = tmp_path / "gone"
    with pytest.raises(OSError, match="gone") as refused:
        gone.read_text()
    assert in_words(refused.value) == f"{gone}: no such file or folder; check the path."
    assert not app_log().exists()


def test_where_nothing_can_be_logged_it_is_a_sentence_still() -> None:
    app_log().mkdir()
    assert in_words(ValueError("x")) == "This went wrong: ValueError: x."
