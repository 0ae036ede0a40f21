"""Looking at a run's photos, correcting them, training again: real photos of a small run."""

import csv
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from bear_tui.data.decisions import read_corrections
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.gallery import GalleryScreen
from bear_tui.tui.screens.keys import KeysScreen
from bear_tui.tui.screens.results import ResultsScreen
from bear_tui.tui.session.decisions import open_decided
from bear_tui.tui.widgets.gallery import Gallery, Tile, grid_for
from bear_tui.tui.widgets.picture import Picture
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import class_folders, photo

TWO = ("bear", "not_bear")


def a_run(folder: Path, classes: tuple[str, ...] = TWO, photos: int = 40) -> RunFolder:
    """A finished run; every test photo of the second class was taken for the first."""
    run = RunFolder(folder / "runs" / "bears-mlp-1f2e")
    run.create(default_recipe(str(folder / "data"), "mlp"))
    journal = Journal(run.journal_file)
    for event in scripted.completed(classes=classes):
        journal.append(event)
    journal.close()
    with run.predictions_file.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "label", "predicted", *classes])
        for number in range(photos):
            label = classes[number % 2]
            path = photo(folder / "data" / "test" / label / f"{number:02}.png", width=20)
            sure = 0.99 - number / 100
            rest = [(1 - sure) / (len(classes) - 1)] * (len(classes) - 1)
            table.writerow([path, label, classes[0], sure, *rest])
    return run


async def opened(pilot: Pilot[int], app: BearApp) -> Gallery:
    """The gallery, from the list of mistakes."""
    await until(pilot, lambda: "mistakes, surest first" in shown(app))
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, GalleryScreen))
    gallery = app.screen.query_one(Gallery)
    await until(pilot, lambda: len(gallery.query(Tile)) > 0 and "page 1 of" in shown(app))
    return gallery


def corrections_of(run: RunFolder) -> dict[str, str]:
    return dict(read_corrections(run.corrections_file, Path(run.recipe().data)).labels)


def app_on(run: RunFolder) -> BearApp:
    return BearApp(runs=run.path.parent, run=run, fit=scripted.fit_of(scripted.completed()))


@pytest.mark.parametrize(
    ("size", "grid"),
    [((20, 5), (1, 1)), ((80, 17), (3, 2)), ((120, 33), (4, 3)), ((200, 53), (6, 4))],
)
def test_a_page_holds_what_can_be_seen(size: tuple[int, int], grid: tuple[int, int]) -> None:
    assert grid_for(*size) == grid


async def test_keys_move_over_photos_and_pages(tmp_path: Path) -> None:
    app = app_on(a_run(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        gallery = await opened(pilot, app)
        await until(
            pilot, lambda: "20 mistakes, surest first · 1 of 20 · page 1 of 4" in shown(app)
        )
        await until(pilot, lambda: shown(app).count("▀") > 300)
        await pilot.press("right", "down")
        await until(pilot, lambda: "5 of 20 · page 1" in shown(app) and "09.png" in shown(app))
        await pilot.press("pagedown")
        await until(pilot, lambda: "11 of 20 · page 2" in shown(app))
        await pilot.press("end")
        await until(pilot, lambda: "20 of 20 · page 4" in shown(app))
        await pilot.press("right", "down", "pagedown")
        assert gallery.cursor == 19
        await pilot.press("home", "left")
        assert gallery.cursor == 0


async def test_enter_makes_one_photo_large_and_escape_goes_back(tmp_path: Path) -> None:
    app = app_on(a_run(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        gallery = await opened(pilot, app)
        await pilot.press("right", "enter")
        await until(pilot, lambda: len(gallery.query(Tile)) == 1 and "03.png" in shown(app))
        await pilot.press("right")
        await until(pilot, lambda: "05.png" in shown(app) and "3 of 20" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(gallery.query(Tile)) == 6)
        assert gallery.cursor == 2
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ResultsScreen))


async def test_decisions_are_kept_shown_and_taken_back(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.png")}
    app = app_on(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("m", "right", "x")
        await until(pilot, lambda: "→ bear" in shown(app) and "✗ left out" in shown(app))
        await until(pilot, lambda: not app.writes.busy)
        first, second = "test/not_bear/01.png", "test/not_bear/03.png"
        assert corrections_of(run) == {first: "bear", second: ""}
        await pilot.press("x")
        await until(pilot, lambda: not app.writes.busy)
        assert corrections_of(run) == {first: "bear"}
        await pilot.press("z", "z")
        await until(pilot, lambda: not app.writes.busy)
        assert corrections_of(run) == {first: "bear"}
        await pilot.press("left", "m")
        await until(pilot, lambda: not app.writes.busy)
        assert corrections_of(run) == {}
        await pilot.press("m", "escape")
        await until(pilot, lambda: "1 corrected" in shown(app))
    again = app_on(run)
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "1 corrected" in shown(again) and "→" in shown(again))
    assert {path: path.read_bytes() for path in (tmp_path / "data").rglob("*.png")} == before


async def test_of_many_classes_one_is_asked_for(tmp_path: Path) -> None:
    run = a_run(tmp_path, (*TWO, "teddy"))
    app = app_on(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("m")
        await until(pilot, lambda: "What is on 01.png?" in shown(app))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "→ teddy" in shown(app) and not app.writes.busy)
        assert corrections_of(run) == {"test/not_bear/01.png": "teddy"}
        await pilot.press("m")
        await until(pilot, lambda: "What is on 01.png?" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "→" not in shown(app) and not app.writes.busy)
        assert corrections_of(run) == {}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_question_which_class_shows_the_photo(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = app_on(a_run(tmp_path, (*TWO, *(f"a class with a long name {n}" for n in range(40)))))
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        await pilot.press("m")
        await until(pilot, lambda: "What is on" in shown(app) and "a class with" in shown(app))
        picture = app.screen.query_one(Picture)
        await until(pilot, lambda: picture._now is not None and not picture._now.error)
        await until(pilot, lambda: shown(app).count("▀") + shown(app).count("▄") > 100)
        on_screen = app.screen.find_widget(picture).visible_region
        assert on_screen.size == picture.size, "no part of it is covered"
        assert on_screen.height > size[1] // 2
        await pilot.press("end")
        await until(pilot, lambda: "name 39" in " ".join(shown(app).split()))


async def test_training_again_makes_a_run_whose_recipe_has_the_corrections(
    tmp_path: Path,
) -> None:
    run = a_run(tmp_path)
    app = app_on(run)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot, app)
        await pilot.press("r")
        await until(pilot, lambda: "Correct a photo first" in shown(app))
        await pilot.press("m", "right", "x", "r")
        await until(pilot, lambda: "Train again with 2 corrections?" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.training.recipe.value is not None)
        assert app.training.recipe.value is not None
        assert app.training.recipe.value.corrections == (
            ("test/not_bear/01.png", "bear"),
            ("test/not_bear/03.png", ""),
        )
        assert app.shown_run.value is not None
        assert app.shown_run.value.run.startswith("data-mlp-corrected-")
        assert run.recipe().corrections == (), "the run before stays as it was"
        await pilot.press("4")
        assert isinstance(app.screen, ResultsScreen), "the gallery of the run before is gone"


async def test_where_the_decision_cannot_be_written_it_is_said(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    app = app_on(run)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot, app)
        shutil.rmtree(run.path)
        await pilot.press("m")
        await until(pilot, lambda: len(app._notifications) == 1)
        assert "corrections.json: no such file" in next(iter(app._notifications)).message
        assert "→ bear" not in shown(app)


async def test_a_model_without_places_has_no_heat_map_and_says_so(tmp_path: Path) -> None:
    import torch

    from bear_tui.engine.models import builder, checkpoint
    from bear_tui.engine.models.checkpoint import Checkpoint, Progress

    run = a_run(tmp_path)
    torch.manual_seed(0)
    tensors = checkpoint.tensors_of(builder.build("mlp", 2, 32))
    saved = Checkpoint("mlp", TWO, 32, "", tensors, None, Progress())
    checkpoint.save(run.checkpoints / "best.pt", saved)
    app = app_on(run)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("g")
        await until(pilot, lambda: "no heat map: this model has no layer" in shown(app))


async def test_g_shows_what_spoke_for_each_class_then_the_photo_again(tmp_path: Path) -> None:
    import torch

    from bear_tui.engine.models import builder, checkpoint
    from bear_tui.engine.models.checkpoint import Checkpoint, Progress

    run = a_run(tmp_path)
    torch.manual_seed(0)
    tensors = checkpoint.tensors_of(builder.build("squeezenet1_1", 2, 64))
    saved = Checkpoint("squeezenet1_1", TWO, 64, "", tensors, None, Progress())
    checkpoint.save(run.checkpoints / "best.pt", saved)
    app = app_on(run)
    async with app.run_test(size=(120, 40)) as pilot:
        gallery = await opened(pilot, app)
        assert gallery.photo is not None
        picture = gallery.page[gallery.photo]
        await pilot.press("g")
        await until(pilot, lambda: "heat of bear: " in shown(app))
        first = picture.heat
        assert first is not None
        assert len(first) == 3
        await pilot.press("g")
        await until(pilot, lambda: "heat of not_bear: " in shown(app))
        assert picture.heat != first
        await until(pilot, lambda: len(lit(gallery)) == len(gallery.page))
        assert len(gallery.page) > 1, "the whole page is looked through"
        await pilot.press("right")
        assert len(lit(gallery)) == len(gallery.page), "and stays lit as the cursor moves"
        before = lit(gallery)
        await pilot.press("pagedown")
        await until(pilot, lambda: len(lit(gallery)) == len(gallery.page))
        assert not before & lit(gallery)
        await pilot.press("g")
        await until(pilot, lambda: "heat of" not in shown(app))
        assert not lit(gallery)


def lit(gallery: Gallery) -> set[str]:
    """The photos in sight that are shown in the network's light."""
    return {
        photo.path
        for photo, picture in gallery.page.items()
        if picture.heat is not None and picture.path == Path(photo.path)
    }


async def test_heat_is_asked_for_anew_of_each_run(tmp_path: Path) -> None:
    app = app_on(a_run(tmp_path / "one"))
    other = a_run(tmp_path / "two")
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        assert isinstance(app.screen, ResultsScreen)
        app.screen.heat.label = "bear"
        app.navigation.open_run(other)
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        assert app.screen.heat.label == ""


async def test_model_goes_on_with_the_photos_of_a_run_that_was_opened(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    class_folders(tmp_path / "data" / "train", count=6)
    app = app_on(run)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("2")
        await until(pilot, lambda: "ready: ctrl+r trains on data" in shown(app))
        assert app.photos.dataset.value is not None
        assert app.photos.dataset.value.root == tmp_path / "data"


async def test_photos_that_are_being_chosen_are_not_replaced_by_those_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, mine = a_run(tmp_path), class_folders(tmp_path / "mine", count=6)
    class_folders(tmp_path / "data" / "train", count=6)
    read = threading.Event()

    def slow(folder: Path) -> Any:
        if folder == tmp_path / "data":
            read.wait(20)
        return open_decided(folder)

    monkeypatch.setattr("bear_tui.tui.session.photos.open_decided", slow)
    app = app_on(run)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("2", "1")
        await until(pilot, lambda: isinstance(app.screen, DatasetScreen))
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(mine)
        await pilot.press("2")  # it is not read yet, so nothing is chosen here
        await pilot.press("1")
        await until(pilot, lambda: "12 photos" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.photos.dataset.value is not None)
        read.set()
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "dataset"])
        await pilot.pause(0.1)
        assert app.photos.dataset.value is not None
        assert app.photos.dataset.value.root == mine


async def test_photos_of_a_run_that_are_gone_are_nobodys_error(tmp_path: Path) -> None:
    app = app_on(a_run(tmp_path))
    (tmp_path / "data").rename(tmp_path / "away")
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: "mistakes, surest first" in shown(app))
        await pilot.press("2")
        await until(pilot, lambda: "Choose the photos first" in shown(app))
        await pilot.pause(0.2)
        assert not app._notifications


@pytest.mark.parametrize("twice", [False, True])
async def test_another_run_closes_the_gallery_once_nothing_lies_over_it(
    tmp_path: Path, twice: bool
) -> None:
    app = app_on(a_run(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        app.shown_run.set(None)
        if twice:
            app.shown_run.set(RunFolder(tmp_path / "runs" / "another-mlp-2a2b"))
        await pilot.pause()
        assert isinstance(app.screen, KeysScreen), "what lay over the gallery was closed"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ResultsScreen))
