"""Copying out of the app: what reaches the terminal is OSC 52 with the path or the table."""

import base64
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.prediction import Answer
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.tui.app import BearApp
from bear_tui.tui.render import report
from bear_tui.tui.screens.compare import CompareScreen
from bear_tui.tui.screens.gallery import GalleryScreen
from bear_tui.tui.screens.predict import PredictScreen
from bear_tui.tui.session import engine
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.toolkit.clipboard import pasteable
from bear_tui.tui.widgets.answers import AnswerRows
from bear_tui.tui.widgets.layer_tree import LayerTree
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.photo_list import PhotoList
from bear_tui.tui.widgets.table import Table
from tests.benchmarks.terminal import terminal
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.layer_lists import vgg
from tests.tui.photo_folders import class_folders
from tests.tui.test_runs_screen import make
from tests.unit.sample_runs import predictions, sample_run


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "layers", lambda *_: vgg())


async def test_a_path_and_a_table_are_copied_and_said(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", scripted.completed(), 1e9)
    make(tmp_path, "old-2222", scripted.completed(), 5e8)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "2 runs" in shown(app))
        await pilot.press("y")
        assert app.clipboard == str(folder.path)
        await until(pilot, lambda: "set-clipboard on" in shown(app))
        await pilot.press("Y")
        heading, first, second = app.clipboard.split("\n")
        assert heading.split("\t")[:3] == ["run", "status", "epochs"]
        assert first.split("\t")[0] == "done-1111"
        assert second.split("\t")[4] == "95.0%"
        await until(pilot, lambda: "Copied the table, 2 rows" in shown(app))


async def test_what_would_do_harm_when_pasted_is_quoted_and_the_path_is_still_the_path(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path, "a'\\\nrm -rf \udcff\x1b3 \xe9", scripted.completed(), 1e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "1 run in" in shown(app))
        await pilot.press("y")
        await until(
            pilot, lambda: any("quoted for a shell" in n.message for n in app._notifications)
        )
    assert app.clipboard.endswith(r"/a\'\\\012rm -rf \377\0333 é'")
    assert app.clipboard.startswith("$'/")
    printed = subprocess.run(["bash", "-c", f"printf %s {app.clipboard}"], stdout=subprocess.PIPE)
    assert printed.stdout == os.fsencode(folder.path)


@pytest.mark.parametrize("name", ["bär 1", "a\u202eb", "\u200d👩", "o'clock \\n", "x" * 200])
def test_a_path_that_does_no_harm_is_copied_as_it_is(name: str) -> None:
    path = Path("/photos") / name / name / ("long" * 50)
    assert pasteable(path) == str(path)


async def test_what_is_marked_in_a_field_is_copied_and_a_byte_that_is_no_text_ends_nothing(
    tmp_path: Path,
) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o")
        field = app.screen.query_one(PathInput)
        field.value = "/photos/\udcff"
        field.action_select_all()
        await pilot.press("ctrl+c")
        assert app.clipboard == "/photos/\N{REPLACEMENT CHARACTER}"


async def test_all_epochs_are_copied_and_not_those_alone_that_are_drawn(tmp_path: Path) -> None:
    events: list[Event] = [replace(scripted.started(), epochs=300)]
    for number in range(1, 251):
        events += scripted.epoch(number)
    app = BearApp(runs=tmp_path, run=make(tmp_path, "long-1111", events, 1e9))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "250      0.0" in shown(app))
        assert app.screen.query_one("#epochs", Table).row_count < 250
        await pilot.press("Y")
        lines = app.clipboard.split("\n")
        assert len(lines) == 251
        assert lines[0].split("\t")[:2] == ["epoch", "train loss"]
        assert lines[-1].split("\t")[0].endswith("1")


async def test_all_photos_of_a_list_and_of_a_gallery_are_copied(tmp_path: Path) -> None:
    rows = [Prediction(f"/photos/{n:03}.png", "a", "b", 0.9, (0.1, 0.9)) for n in range(700)]
    app = BearApp(runs=tmp_path)
    folder = sample_run(tmp_path / "run-1", predictions(38, 2))
    photos = RunPhotos(folder, folder.recipe(), ("a", "b"), rows)
    async with app.run_test(size=(120, 40)) as pilot:
        app.navigation.open_run(folder)
        await until(pilot, lambda: "test photos" in shown(app))
        listed = app.screen.query_one(PhotoList)
        listed.open(photos)
        app.screen.set_focus(listed.query_one(Table))
        await pilot.press("Y")
        assert app.clipboard.count("\n") == 700
        await app.push_screen(GalleryScreen(photos, rows, 0, "all"))
        await pilot.press("Y")
        lines = app.clipboard.split("\n")
        assert lines[0] == "photo\tlabel\tsays\tsure\tdecided"
        assert lines[700] == "/photos/699.png\ta\tb\t90.0%\t"


async def test_layers_in_closed_groups_are_copied_too(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: app.screen.query_one(LayerTree).count() > 0)
        await pilot.press("Y")
        layers = vgg()
        lines = [line.split("\t") for line in app.clipboard.split("\n")]
        assert lines[0] == ["learns", "layer", "type", "makes", "parameters"]
        assert len(lines) == len(layers) + 1
        assert lines[-1] == ["x", "classifier.7", "Linear", "2", str(layers[-1].parameters)]


async def test_answers_are_copied_with_their_paths(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(PredictScreen(RunFolder(tmp_path / "one")))
        rows = app.screen.query_one(AnswerRows)
        rows.class_names = ("bear", "cat")
        rows.add(
            [
                Answer(Path("/p/1.png"), (0.9, 0.1)),
                Answer(Path("/p/2.png"), (0.4, 0.6)),
                Answer(Path("/p/3.png"), error="truncated"),
            ]
        )
        rows.focus()
        await pilot.press("Y")
        assert app.clipboard.split("\n") == [
            "photo\tsays\tchance\t",
            "/p/1.png\tbear\t90.0%\t",
            "/p/2.png\tcat\t60.0%\tunsure",
            "/p/3.png\t\t\ttruncated",
        ]


async def test_a_comparison_is_copied_as_its_tables(tmp_path: Path) -> None:
    folders = [make(tmp_path, name, scripted.completed(), 1e9) for name in ("a-1", "b-2")]
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(CompareScreen(folders))
        await until(pilot, lambda: "95% interval" in shown(app))
        await pilot.press("Y")
        lines = [line.split("\t") for line in app.clipboard.split("\n")]
        assert lines[0] == ["", "run", "test", "95% interval", "val", "epochs", "time"]
        assert [line[:3] for line in lines[1:3]] == [["A", "a-1", "95.0%"], ["B", "b-2", "95.0%"]]
        assert ["recall", "A", "B"] in lines


def test_all_pairs_taken_for_each_other_are_copied_where_the_screen_shows_the_first() -> None:
    names = [f"class {n}" for n in range(40)]
    matrix = [[1] * 40 for _ in names]
    document = {"classes": names, "test": {"confusion_matrix": matrix}}
    assert len(report.matrix_table(document)[1]) == 500
    assert len(report.matrix_whole(document)) == 40 * 39


async def test_the_table_of_classes_is_copied(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, data=class_folders(tmp_path / "photos"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.current_mode == "model")
        await pilot.press("1")
        await until(pilot, lambda: app.current_mode == "dataset" and "not_bear" in shown(app))
        await pilot.press("Y")
        heading, *rows = (line.split("\t") for line in app.clipboard.split("\n"))
        assert heading[0] == "class"
        assert [row[0] for row in rows] == ["bear", "not_bear"]


async def test_where_there_is_nothing_it_says_so(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("3", "y")
        await until(pilot, lambda: "nothing was copied" in shown(app))


@pytest.mark.slow
def test_a_real_terminal_is_given_the_path(tmp_path: Path) -> None:
    folder = make(tmp_path, "done-1111", scripted.completed(), 1e9)
    command = [sys.executable, "-m", "bear_tui", "--run", "last", "--runs", str(tmp_path)]
    with terminal(command, 80, 24, {}) as held:
        held.wait_for("test photos", 30)
        held.type("5")
        held.wait_for("1 run", 30)
        held.type("y")
        held.wait_for("\x1b]52;c;", 30)
        held.wait_for("Copied", 30)
        sent = held.painted.partition(b"\x1b]52;c;")[2].partition(b"\a")[0]
        assert base64.b64decode(sent).decode() == str(folder.path)


async def test_what_happened_is_copied_while_it_is_shown(tmp_path: Path) -> None:
    run = make(tmp_path, "bears-1111", scripted.completed(), 1e9)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.navigation.watch_run(run)
        await until(pilot, lambda: "done" in shown(app))
        await pilot.press("E")
        await until(pilot, lambda: "what happened" in shown(app))
        await pilot.press("Y")
        lines = app.clipboard.split("\n")
        assert lines[0] == "time\twhat happened"
        assert any("epoch 1 ended" in line for line in lines)
