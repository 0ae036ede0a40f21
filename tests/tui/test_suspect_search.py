"""Suspects of a run, from the Results screen: found by the real engine among small photos."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.data.suspect import Suspect
from bear_tui.errors import Failure
from bear_tui.files import write_text
from bear_tui.recipe_file import to_toml
from bear_tui.run.folder import RunFolder
from bear_tui.tui.screens.gallery import GalleryScreen
from bear_tui.tui.screens.results import ResultsScreen
from bear_tui.tui.session import engine
from tests.engine.conftest import draw_photos
from tests.tui.app_screen import shown, until
from tests.tui.test_gallery_screen import a_run, app_on, corrections_of


@pytest.fixture
def _few_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red and green are told apart in a moment; two cores and a screen make thirty epochs long."""
    from bear_tui.engine.suspects import inspection

    monkeypatch.setattr(inspection, "_EPOCHS", 6)


RED, GREEN = (190, 70, 70), (70, 190, 70)


def a_run_with_wrong_labels(folder: Path) -> RunFolder:
    """Bears are red and the rest is green; two of the training photos lie in the wrong folder."""
    run = a_run(folder, photos=8)
    train = folder / "data" / "train"
    for seed, (label, colour) in enumerate((("bear", RED), ("not_bear", GREEN))):
        draw_photos(train / label, 14, colour, seed)
    (train / "bear" / "000.png").rename(train / "not_bear" / "red.png")
    (train / "not_bear" / "000.png").rename(train / "bear" / "green.png")
    return run


@pytest.mark.usefixtures("_few_epochs")
async def test_labels_in_doubt_open_as_a_gallery_and_are_corrected_there(tmp_path: Path) -> None:
    run = a_run_with_wrong_labels(tmp_path)
    app = app_on(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, GalleryScreen), seconds=90)
        screen = app.screen
        assert isinstance(screen, GalleryScreen)
        await until(pilot, lambda: "labels in doubt, worst first · 1 of" in shown(app))
        doubted = [Path(one.path).name for one in screen._listed]
        assert set(doubted[:2]) == {"red.png", "green.png"}
        await pilot.press("m", "right", "m")
        await until(pilot, lambda: not app.writes.busy)
        assert corrections_of(run) == {
            "train/not_bear/red.png": "bear",
            "train/bear/green.png": "not_bear",
        }
        await pilot.press("escape")
        await until(pilot, lambda: "2 corrected" in shown(app))


@pytest.mark.usefixtures("_few_epochs")
def test_a_run_is_searched_as_it_was_corrected_and_without_its_test(tmp_path: Path) -> None:
    run = a_run_with_wrong_labels(tmp_path)
    corrections = (("train/not_bear/red.png", "bear"), ("train/bear/green.png", ""))
    write_text(run.recipe_file, to_toml(replace(run.recipe(), corrections=corrections)))
    found = engine.run_suspects(run, lambda _done, _total: None, threading.Event())
    by_name = {one.photo.path.name: one.photo for one in found}
    assert "green.png" not in by_name
    assert all(one.label == "bear" for name, one in by_name.items() if name == "red.png")
    assert not any("/test/" in one.photo.file for one in found)


@pytest.mark.parametrize(
    ("search", "sentence"),
    [(lambda *_: [], "No label looks wrong."), (lambda *_: 1 / 0, "This went wrong: Zero")],
)
async def test_nothing_found_and_a_search_that_breaks_are_sentences(
    search: Callable[..., list[Suspect]],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "run_suspects", search)
    app = app_on(a_run(tmp_path))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("i")
        await until(pilot, lambda: len(app._notifications) > 0)
        assert next(iter(app._notifications)).message.startswith(sentence)
        assert isinstance(app.screen, ResultsScreen)


async def test_escape_ends_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def search(_folder: RunFolder, _progress: object, cancelled: threading.Event) -> list[Suspect]:
        assert cancelled.wait(20)
        raise Failure("Stopped before the end; nothing was written.")

    monkeypatch.setattr(engine, "run_suspects", search)
    app = app_on(a_run(tmp_path))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("i")
        await until(pilot, lambda: "esc stops" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(app._notifications) > 0)
        assert "Stopped before the end" in next(iter(app._notifications)).message
        await until(pilot, lambda: "esc stops" not in shown(app))
