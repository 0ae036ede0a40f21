"""The Results screen, fed with documents of `show`."""

from pathlib import Path
from typing import Any

import pytest
from textual.coordinate import Coordinate
from textual.pilot import Pilot

from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.results import ResultsScreen
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.widgets.table import Table
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.test_report import TWO, document, predictions_of

HOSTILE = "[/] [red] \x1b[2J\u202e"


async def show(pilot: Pilot[int], app: BearApp, told: dict[str, Any]) -> ResultsScreen:
    """Results with this document, no run read from disk."""
    await pilot.press("4")
    screen = app.screen
    assert isinstance(screen, ResultsScreen)
    folder = RunFolder(app.training.runs / str(told["run"]))
    screen.loader.folder = folder
    recipe = default_recipe("/photos", "mlp")
    screen.loader.show_results(
        told, RunPhotos(folder, recipe, told["classes"], predictions_of(told))
    )
    return screen


def run_with_a_mistake(runs: Path) -> RunFolder:
    """A tested run on disk; of its answers one is kept, a wrong one."""
    folder = RunFolder(runs / "bears-mlp-1f2e")
    folder.create(default_recipe("/photos", "mlp"))
    journal = Journal(folder.journal_file)
    for event in scripted.completed():
        journal.append(event)
    folder.predictions_file.write_text(
        "path,label,predicted,bear,not_bear\n/photos/a.jpg,bear,not_bear,0.2,0.8\n"
    )
    return folder


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_tables_are_there_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=size) as pilot:
        await show(pilot, app, document([[38, 2, 0], [1, 36, 3], [0, 1, 39]]))
        parts = (
            "120 test photos",
            "95% interval",
            "all",
            "94.2%",
            "may lie anywhere",
            "true ↓",
            "7 mistakes, surest first",
            "next:",
        )
        await until(pilot, lambda: all(part in shown(app) for part in parts))


async def test_six_classes_leave_room_for_mistakes_in_a_low_terminal(tmp_path: Path) -> None:
    names = ["bear", "teddy", "polar_bear", "panda", "wolf", "other_animal"]
    six = range(6)
    matrix = [[18 if a == b else int(b in ((a + 1) % 6, (a + 2) % 6)) for b in six] for a in six]
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        told = document(matrix, names)
        told["test"]["notes"] = [f"A note of one line, number {number}." for number in range(4)]
        screen = await show(pilot, app, told)
        await until(pilot, lambda: "12 mistakes, surest first" in shown(app))
        await pilot.pause(0.1)
        seen = shown(app)
        assert all(part in seen for part in ("other_animal", "all ", "number 3.", "true ↓"))
        assert sum(".jpg" in line[:20] for line in seen.splitlines()) >= 2, seen
        before = screen.query_one("#matrix").size.height
        screen.query_one("#matrix").focus()
        await until(pilot, lambda: screen.query_one("#matrix").size.height > before)


async def test_long_notes_leave_room_for_mistakes_in_a_low_terminal(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        told = document([[38, 2, 0], [1, 36, 3], [0, 1, 39]])
        told["test"]["notes"] = [f"A note, number {n}, of {'two ' * 16}lines." for n in "12"]
        await show(pilot, app, told)
        await until(pilot, lambda: "7 mistakes, surest first" in shown(app))
        await pilot.pause(0.1)
        seen = shown(app)
        assert sum(".jpg" in line[:20] for line in seen.splitlines()) >= 3, seen
        matrix = seen.partition("true ↓")[2].partition("mistakes")[0].splitlines()[1:4]
        assert all(len(line.split()) >= 3 for line in matrix), "all of the matrix"


async def test_enter_on_a_cell_lists_its_photos_and_escape_all(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await show(pilot, app, document([[30, 2], [3, 30]]))
        screen.query_one("#matrix").focus()
        await pilot.press("right", "right", "enter")
        await until(pilot, lambda: "2 of bear taken for not_bear" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "5 mistakes" in shown(app))


async def test_a_cell_of_right_answers_opens_its_photos_too(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await show(pilot, app, document([[30, 2], [3, 31]]))
        screen.query_one("#matrix").focus()
        await pilot.press("down", "right", "right", "enter")
        await until(pilot, lambda: "31 of not_bear were right" in shown(app))


async def test_a_class_opens_its_photos_and_all_opens_all(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await show(pilot, app, document([[30, 2], [3, 31]]))
        screen.query_one("#classes").focus()
        await pilot.press("down", "enter")
        await until(pilot, lambda: "34 of not_bear" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "66 photos" in shown(app))


async def test_both_tables_are_sorted_by_key_and_by_a_click(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await show(pilot, app, document([[39, 1], [4, 36]]))
        classes = screen.query_one("#classes", Table)
        classes.focus()
        await pilot.press("b", "b", "b", "b", "b")
        await until(pilot, lambda: "recall ▲" in shown(app))
        assert str(classes.get_cell_at(Coordinate(0, 0))) == "not_bear"
        await pilot.press("B")
        await until(pilot, lambda: "recall ▼" in shown(app))
        assert str(classes.get_cell_at(Coordinate(0, 0))) == "bear"
        screen.query_one("#mistakes").focus()
        await pilot.press("b", "b", "b")
        await until(pilot, lambda: "label ▲" in shown(app))
        assert screen.photo_list.listed[0].label == "bear"
        await pilot.click("#classes", offset=(2, 0))
        await until(pilot, lambda: "class ▲" in shown(app))


async def test_the_threshold_moves_live_and_lists_the_unsure(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, app, document([[30, 2], [3, 31]]))
        await until(pilot, lambda: "unsure below: off" in shown(app))
        await pilot.press(*["right_square_bracket"] * 6)
        # Of the mistakes 0.5 to 0.61 sure none is left; of the right ones, 0.9, all.
        line = "unsure below 75%: answers 61 of 66 (92%), 100.0% of them right"
        await until(pilot, lambda: line in shown(app))
        await pilot.press("v")
        await until(pilot, lambda: "5 unsure" in shown(app))
        await pilot.press(*["left_square_bracket"] * 9)
        await until(pilot, lambda: "unsure below: off" in shown(app))


async def test_no_mistakes_is_said_and_enter_lists_the_photos(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, app, document([[40, 0], [0, 40]]))
        await until(pilot, lambda: "no mistakes" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "80 photos" in shown(app))


async def test_many_classes_show_pairs_in_place_of_a_matrix(tmp_path: Path) -> None:
    names = [f"class {n}" for n in range(50)]
    matrix = [[9 if a == b else int(b == a + 1) for b in range(50)] for a in range(50)]
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, app, document(matrix, names))
        await until(pilot, lambda: "taken for" in shown(app))


async def test_a_run_read_from_its_folder(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, run=run_with_a_mistake(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        parts = ("1 mistake,", "a.jpg", "95.0%")
        await until(pilot, lambda: all(part in shown(app) for part in parts))


async def test_the_keyboard_is_in_the_tables_again_after_a_run_was_read(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path, run=run_with_a_mistake(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            await until(pilot, lambda: "1 mistake," in shown(app))
            await until(pilot, lambda: app.focused is app.screen.query_one("#mistakes"))
            await pilot.press("f5")


async def test_a_run_without_a_test_says_so(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "bears-mlp-1f2e")
    folder.create(default_recipe("/photos", "mlp"))
    journal = Journal(folder.journal_file)
    for event in scripted.running():
        journal.append(event)
    app = BearApp(runs=tmp_path, run=folder)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == "train")
        await pilot.press("4")
        await until(pilot, lambda: "no test yet" in shown(app))
        assert "interrupted" in shown(app)


async def test_a_run_that_learns_here_is_told_without_reading_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(folder: RunFolder) -> None:
        raise OSError(f"{folder.run} was read")

    monkeypatch.setattr("bear_tui.tui.screens.run_loader.read_run", unread)
    app = BearApp(runs=tmp_path, fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(default_recipe("/photos", "mlp"))
        await until(
            pilot,
            lambda: (
                app.training.local_run is not None
                and app.training.local_run.snapshot.state.epochs_done > 0
            ),
        )
        await pilot.press("4")
        await until(pilot, lambda: "no test yet: it is running" in shown(app))
        assert app.training.local_run is not None
        app.training.local_run.stop("the test is over")
        await until(pilot, lambda: not app.training.running)
        await pilot.press("3", "4")  # what is on disk counts from now on
        await until(pilot, lambda: "was read" in " ".join(shown(app).split()))


async def test_a_damaged_run_is_a_sentence_until_it_can_be_read(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "broken")
    folder.path.mkdir()
    folder.recipe_file.write_text("model = ")
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        app.shown_run.set(folder)
        await until(pilot, lambda: "! This run cannot be read" in shown(app))
        folder.recipe_file.write_text(to_toml(default_recipe("/photos", "mlp")))
        await pilot.press("f5")
        await until(pilot, lambda: "no test yet" in shown(app))


async def test_nothing_yet_says_what_to_do(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "No run is open" in shown(app))


async def test_hostile_names_are_shown_literally(tmp_path: Path) -> None:
    told = document(TWO, [HOSTILE, "b"], run=HOSTILE.replace("/", "."), model=HOSTILE)
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, app, told)
        await until(pilot, lambda: "[/] [red]" in shown(app))
        assert "\x1b" not in shown(app)
        assert "\u202e" not in shown(app)
