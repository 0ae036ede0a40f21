"""Asking a run from the app: answers as they come, pictures, a threshold that moves."""

from collections.abc import Generator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from bear_tui.errors import BadInput
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.prediction import Answer
from bear_tui.tui.app import BearApp
from bear_tui.tui.session import engine
from bear_tui.tui.widgets.answers import probabilities_text
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders, photo
from tests.tui.test_runs_screen import make

CLASSES = ("bear", "not_bear")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return make(tmp_path / "runs", "done-1111", scripted.completed(), 1e9)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is the surer the later a photo comes, and reads no text file."""

    def predictions(
        _folder: RunFolder, path: Path
    ) -> tuple[tuple[str, ...], Generator[list[Answer], None, None]]:
        paths = sorted(path.iterdir())
        if not paths:
            raise BadInput(f"{path}: no photo in this folder.")

        def told() -> Generator[list[Answer], None, None]:
            for number, one in enumerate(paths):
                if one.suffix == ".txt":
                    yield [Answer(one, error="not_an_image: the content is text")]
                else:
                    share = 0.5 + number / 100
                    yield [Answer(one, (share, 1 - share))]

        return CLASSES, told()

    monkeypatch.setattr(engine, "predictions", predictions)


async def ask(pilot: Pilot[int], app: BearApp, path: Path | str) -> None:
    """From screen 5 to the answers."""
    await pilot.press("5")
    await until(pilot, lambda: "done-1111" in shown(app))
    await pilot.press("p")
    await until(pilot, lambda: "Ask done-1111" in shown(app))
    app.screen.query_one("#path").value = str(path)  # type: ignore[attr-defined]
    await pilot.press("enter")


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_answers_probabilities_and_the_threshold(
    size: tuple[int, int], run: RunFolder, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    for number in range(40):
        photo(folder / f"{number:02}.png")
    (folder / "notes.txt").write_text("no photo")
    app = BearApp(runs=run.path.parent)
    async with app.run_test(size=size) as pilot:
        await ask(pilot, app, folder)
        await until(pilot, lambda: "41 photos · 10 sure (25%) · 30 unsure below 80%" in shown(app))
        assert "1 cannot be read" in shown(app)
        await until(pilot, lambda: "not_bear  50.0%" in shown(app))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "15 sure (38%) · 25 unsure below 75%" in shown(app))
        await pilot.press("v", "end")
        await until(pilot, lambda: "24.png" in shown(app) and "25.png" not in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "1 run in" in shown(app))


@pytest.mark.usefixtures("answers")
async def test_a_folder_without_photos_is_a_sentence(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    app = BearApp(runs=run.path.parent)
    async with app.run_test(size=(160, 24)) as pilot:
        await ask(pilot, app, f"'{tmp_path}/empty'")
        await until(pilot, lambda: "no photo in this folder" in shown(app))


async def test_a_run_without_weights_and_a_path_that_is_not_there_are_sentences(
    run: RunFolder, tmp_path: Path
) -> None:
    photos = class_folders(tmp_path / "photos", 2)
    app = BearApp(runs=run.path.parent)
    async with app.run_test(size=(160, 24)) as pilot:
        await ask(pilot, app, tmp_path / "missing")
        await until(pilot, lambda: "! " in shown(app) and "no such photo or folder" in shown(app))
        assert app.screen.query_one("#tally").has_class("error")
        await pilot.press("slash")
        app.screen.query_one("#path").value = str(photos)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: "no checkpoint was saved yet" in shown(app))


def test_many_classes_are_cut_and_hostile_names_are_harmless() -> None:
    names = ("[red]\x1b[2J", *(f"class {n}" for n in range(9)))
    one = Answer(Path("\x1b[2J.jpg"), tuple([0.55] + [0.05] * 9))
    text = probabilities_text(one, names, 28).plain
    assert "\x1b" not in text
    assert "[red]" in text
    assert "and 4 more" in text
    broken = Answer(Path("a.jpg"), error="truncated: the end is missing")
    assert "the end is missing" in probabilities_text(broken, names, 28).plain
