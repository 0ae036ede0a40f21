"""Names that want something of the terminal, on every screen: shown as they are, obeyed by none.

File and folder names are real ones on disk; what no file system takes (NUL, a name of 4 KB) comes
in by class names, messages and the log.
"""

import csv
import json
import os
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from bear_tui.data.dataset import open_dataset
from bear_tui.data.inventory import Photo
from bear_tui.data.suspect import Suspect
from bear_tui.errors import BadInput
from bear_tui.files import write_text
from bear_tui.recipe import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.events import RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.text import safe
from bear_tui.tui import feed
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.coco import CocoScreen
from bear_tui.tui.screens.compare import CompareScreen
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.prepare import PrepareScreen
from bear_tui.tui.screens.rate import RateScreen
from bear_tui.tui.screens.suspects import SuspectsScreen
from bear_tui.tui.widgets.category_rows import CategoryRows
from bear_tui.tui.widgets.coco_work import CocoWork
from tests.tui import story
from tests.tui.little_folders import photo, settle
from tests.tui.stage import shown, until
from tests.unit.data.little_coco import instances

pytestmark = pytest.mark.slow

PIECES = (
    *("[/]", "[red]", "[@click=app.exit]", "[bold", "\\[", "\x1b[2J", "\x1b]0;owned\x07"),
    *("\x9b31m", "\u202e", "\u2066", "\udcff", "\u200b", "\u0301" * 40, "熊", "🐻", "a", "\n"),
)
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def names(seed: int, count: int, pieces: Sequence[str] = PIECES) -> list[str]:
    """Different names, each of a few pieces; the first piece after `n` and a number."""
    draw = random.Random(seed)
    return [f"n{number}{''.join(draw.sample(pieces, 4))}" for number in range(count)]


def on_disk(seed: int, count: int) -> list[str]:
    """Names that a file may have."""
    found = names(seed, count)
    return [name.replace("/", "\u2215").replace("\x00", "")[:60] for name in found]


def look(app: App[int]) -> str:
    """The text of the screen, titles and tooltips; nothing in it that a terminal would act on."""
    text = shown(app)
    for widget in app.screen.query("*"):
        text += "".join(str(one) for one in (widget.border_title, widget.tooltip) if one)
    bad = {unicodedata.category(character) for character in text.replace("\n", "")} & UNSAFE
    assert not bad, f"{bad} in\n{text!r}"
    return text


@pytest.fixture(params=[1, 2])
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def photos(tmp_path: Path, seed: int) -> Path:
    root = tmp_path / on_disk(seed + 10, 1)[0]
    plain = photo(tmp_path / "photo.png")
    for number, name in enumerate(on_disk(seed, 3)):
        for split in ("train", "test"):
            folder = root / split / name
            folder.mkdir(parents=True)
            for file in on_disk(seed + number + 20, 5):
                (folder / f"{file}.png").write_bytes(plain.read_bytes())
    return root


def a_run(runs: Path, photos: Path, seed: int, ending: str = "") -> RunFolder:
    """A run with hostile classes, tested; or one that ended with a hostile message."""
    run = RunFolder(runs / on_disk(seed + 40, 1)[0])
    run.create(default_recipe(str(photos), "mlp"))
    classes = open_dataset(photos).classes
    journal = Journal(run.journal_file)
    events = story.completed(classes=tuple(classes))
    if ending:
        events = [*events[:-2], RunFailed(ending) if seed % 2 else RunStopped(ending)]
    for event in events:
        journal.append(event)
    journal.close()
    run.log_file.write_text("\n".join(names(seed, 5)), encoding="utf-8", errors="surrogateescape")
    if not ending:
        with run.predictions_file.open("w", errors="surrogateescape", newline="") as file:
            table = csv.writer(file)
            table.writerow(["path", "label", "predicted", *classes])
            for one in open_dataset(photos).test:
                row = [one.path, one.label, classes[0], 0.9, 0.05, 0.05]
                table.writerow(row)
    return run


async def visit(pilot: Pilot[int], keys: str) -> None:
    """Press keys one after the other; look after each."""
    for key in keys.split():
        await pilot.press(key)
        await settle(pilot, turns=1)
        look(pilot.app)


async def test_photos_and_classes_with_hostile_names(photos: Path, tmp_path: Path) -> None:
    app = BearApp(data=photos, runs=tmp_path / "runs")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.current_mode == "model" and "layers ·" in shown(app))
        await visit(pilot, "1 down right v tab down space tab tab")
        for name in open_dataset(photos).classes:
            assert safe(name)[:6] in look(app), "literally"
        await visit(pilot, "p tab ctrl+r escape escape 2 ? escape 3 5 1")


async def test_a_run_with_hostile_classes(photos: Path, tmp_path: Path, seed: int) -> None:
    run = a_run(tmp_path / "runs", photos, seed)
    app = BearApp(runs=run.path.parent, run=run)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "n0" in shown(app))
        await settle(pilot)
        await visit(pilot, "tab down enter enter g m x escape m e escape 3 l l 5 space enter")
        await visit(pilot, "5 p escape 5 e escape delete escape c")


async def test_a_run_that_ended_with_a_hostile_message(
    photos: Path, tmp_path: Path, seed: int
) -> None:
    message = "".join(names(seed, 30)) + "x" * 4000 + "\x00"
    run = a_run(tmp_path / "runs", photos, seed, message)
    app = BearApp(runs=run.path.parent, run=run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "n0" in shown(app))
        await visit(pilot, "l l 4 5 s escape plus escape")
        app.say(message, "error")
        await pilot.pause()
        assert "n0" in look(app)


async def test_a_recipe_with_a_hostile_folder_and_layers(photos: Path, tmp_path: Path) -> None:
    recipe = replace(default_recipe(os.fspath(photos), "mlp"), unfreeze="[red]\x1b[2J*")
    app = BearApp(runs=tmp_path, fit=story.fit_of(story.running(), hold=True))
    async with app.run_test(size=(120, 40)) as pilot:
        app.start_training(recipe)
        await until(pilot, lambda: "epoch 4" in shown(app))
        assert "[red]" in look(app)
        app.start_training(recipe)
        await visit(pilot, "5 n escape q escape 3 s escape 2")
        app.use_recipe(recipe)
        await settle(pilot)
        look(app)
        assert app.feed is not None
        app.feed.stop("done")


def long_names(seed: int, count: int) -> list[str]:
    """Names as messages and JSON have them: of 4 KB, with NUL."""
    return [name + "x" * 4000 + "\x00" for name in names(seed, count)]


async def test_a_coco_file_with_hostile_categories_photos_and_folder(
    tmp_path: Path, seed: int
) -> None:
    coco = instances(tmp_path / on_disk(seed, 1)[0])
    content = json.loads(coco.read_text())
    first, second = long_names(seed, 2)
    content["categories"] = [{"id": 1, "name": first}, {"id": 23, "name": second}]
    for image in content["images"][:2]:
        image["file_name"] = names(seed + 1, 1)[0]
    coco.write_text(json.dumps(content))
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(120, 40)) as pilot:
        await visit(pilot, "c")
        screen = app.screen
        assert isinstance(screen, CocoScreen)
        screen._field("coco").put(os.fspath(coco))
        screen._field("images").put(os.fspath(coco.parent / "images"))
        screen._field("rest").put(names(seed + 2, 1)[0])
        await visit(pilot, "enter")
        rows = screen.query_one(CategoryRows)
        await until(pilot, lambda: rows.has_focus)
        assert "n0" in look(app)
        assert safe(first)[:6] in look(app), "literally"
        screen._field("class").put(f"[red]\x1b[2J={names(seed + 3, 1)[0]}")
        await visit(pilot, "ctrl+r")
        assert "no photo shows n0" in look(app)
        screen._field("class").put("")
        screen.on_coco_work_refused(CocoWork.Refused(long_names(seed, 1)[0]))
        rows.focus()
        await visit(pilot, "j enter")
        assert " → n" in look(app)
        await visit(pilot, "ctrl+r")
        await until(pilot, lambda: isinstance(app.screen, PrepareScreen))
        await visit(pilot, "tab tab ctrl+r ctrl+r escape escape")


async def test_suspects_with_hostile_names(
    photos: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def suspects(found: Sequence[Photo], classes: Sequence[str], *_: object) -> object:
        other = {one: next(name for name in classes if name != one) for one in classes}
        told = [Suspect(one, other[one.label], 0.9) for one in found[:4]]
        return told, f"by the features of {long_names(seed, 1)[0]}"

    monkeypatch.setattr(feed, "suspects", suspects)
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(120, 40)) as pilot:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(photos)
        await settle(pilot)
        await visit(pilot, "i")
        assert isinstance(app.screen, SuspectsScreen)
        assert " → n" in look(app)
        await visit(pilot, "m m down x z v down y x escape")
        monkeypatch.setattr(feed, "suspects", refusing(seed))
        await visit(pilot, "i")
        assert "! n0" in look(app)
        await visit(pilot, "escape")


async def test_hostile_runs_beside_each_other(photos: Path, tmp_path: Path, seed: int) -> None:
    runs = tmp_path / "runs"
    hostile = names(seed + 5, 2)
    for number, name in enumerate(hostile):
        folder = a_run(runs, photos, seed + number)
        # What recipes differ in is shown too.
        recipe = replace(default_recipe(f"/{name}", "mlp"), unfreeze=f"[red]\x1b[2J{name}")
        write_text(folder.recipe_file, to_toml(recipe))
    app = BearApp(runs=runs)
    async with app.run_test(size=(120, 40)) as pilot:
        await visit(pilot, "5")
        await until(pilot, lambda: "2 runs" in shown(app))
        await visit(pilot, "space space v")
        assert isinstance(app.screen, CompareScreen)
        await until(pilot, lambda: "differs" in look(app))
        assert "[red]" in look(app), "literally"
        await visit(pilot, "j G g escape")


async def test_the_rate_finder_on_hostile_photos(
    photos: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "layers", lambda *_: [])
    monkeypatch.setattr(feed, "find_rate", refusing(seed))
    app = BearApp(runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        app.dataset = open_dataset(photos)
        await visit(pilot, "2 f")
        assert isinstance(app.screen, RateScreen)
        assert "n0" in look(app)
        await visit(pilot, "enter escape")


def refusing(seed: int) -> object:
    """Work that is refused with a hostile sentence."""

    def refuse(*_: object) -> object:
        raise BadInput(long_names(seed, 1)[0])

    return refuse
