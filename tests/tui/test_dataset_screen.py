"""Screen 1 by keyboard alone, on real small folders."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input, Static

from bear_tui import paths
from bear_tui.data.folders.inventory import Inventory
from bear_tui.data.folders.scan import Problem
from bear_tui.recipe_defaults import default_recipe
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.prepare import PrepareScreen
from bear_tui.tui.session import engine
from bear_tui.tui.widgets.class_table import ClassRows
from bear_tui.tui.widgets.finding_list import FindingList
from bear_tui.tui.widgets.folder_tree import FolderTree
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.photo_pane import PhotoPane
from bear_tui.tui.widgets.picture import Picture
from bear_tui.tui.widgets.starts import Starts
from tests.permissions import as_anyone, forbidden
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import HOSTILE, class_folders, photo, settle


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "layers", lambda *_: [])


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BearApp:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return BearApp(runs=tmp_path / "runs")


async def open_typed(app: BearApp, pilot: Pilot[Any], folder: object) -> DatasetScreen:
    """The folder typed into the field."""
    await pilot.press("o", "ctrl+u")
    screen = app.screen
    assert isinstance(screen, DatasetScreen)
    app.screen.query_one("#path").insert_text_at_cursor(str(folder))  # type: ignore[attr-defined]
    await pilot.press("enter")
    await settle(pilot)
    return screen


def text(screen: Any, selector: str) -> str:
    return str(screen.query_one(selector, Static).render())


def rows(widget: Any) -> list[str]:
    lines = [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
    return [line for line in lines if line]


async def test_a_window_that_is_not_typed_in_yet_has_its_keyboard_where_one_begins(
    app: BearApp,
) -> None:
    app.set_reactive(App.app_focus, False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.focused, Starts))
        app.post_message(events.AppFocus())
        await pilot.pause()
        assert isinstance(app.focused, Starts)


async def test_who_comes_back_to_photos_never_types_into_what_is_hidden(
    app: BearApp, tmp_path: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, class_folders(tmp_path / "photos"))
        await until(pilot, lambda: isinstance(app.focused, ClassRows))
        screen.set_focus(None)  # as when the window is left
        await pilot.press("5", "1")
        await until(pilot, lambda: app.screen is screen)
        assert isinstance(app.focused, ClassRows)


@pytest.mark.parametrize("typed", [False, True])
async def test_photos_of_the_command_line_lead_on_unless_keys_came_meanwhile(
    tmp_path: Path, typed: bool
) -> None:
    root = class_folders(tmp_path / "photos")
    app = BearApp(data=None if typed else root, runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        if typed:  # right after it was asked for, before it can be there
            screen = app.screen
            assert isinstance(screen, DatasetScreen)
            screen.open_folder(root, use=True)
            await app.on_event(events.Key("j", "j"))
        await until(pilot, lambda: app.photos.dataset.value is not None)
        await settle(pilot)
        assert app.current_mode == ("dataset" if typed else "model")
        assert str(app.photos.dataset.value and app.photos.dataset.value.root) == str(root)


async def test_a_newcomer_finds_the_sample_photos_under_the_cursor(app: BearApp) -> None:
    async with app.run_test(size=(80, 24)):
        assert app.focused is app.screen.query_one(Starts)
        assert rows(app.screen.query_one(Starts)) == [
            "sample photos  drawn here, offline",
            "train on them now  a first model",
            "COCO  photos by what is on them",
        ]


async def test_a_pasted_address_of_a_folder_opens_it(app: BearApp, tmp_path: Path) -> None:
    class_folders(tmp_path / "my photos")
    async with app.run_test(size=(80, 24)) as pilot:
        field = app.screen.query_one(PathInput)
        field.focus()
        field.value = f"file://{tmp_path}/my%20photos "
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one("#body").current == "loaded")  # type: ignore[attr-defined]


async def test_from_a_typed_path_to_the_model_screen(app: BearApp, tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "photos")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, folder)
        table = screen.query_one(ClassRows)
        assert app.focused is table
        assert [line.split() for line in rows(table)] == [
            ["bear", "━━━━", "8", "2", "2", "–"],
            ["not_bear", "━━━━", "8", "2", "2", "–"],
        ]
        assert screen.query_one("#classes").border_title == "2 classes · 24 photos"
        assert "4 validation and 4 test photos are chosen by the seed" in text(
            screen, "#table-note"
        )
        assert text(screen, "#problems-note") == "✓ no problem found"
        await pilot.press("enter")
        await settle(pilot)
        assert app.photos.dataset.value is not None
        assert app.photos.dataset.value.root == folder
        assert app.current_mode == "model"
        assert app.settings.now.datasets == (str(folder),)


async def test_who_goes_on_to_a_model_uses_the_photos_that_are_open(
    app: BearApp, tmp_path: Path
) -> None:
    first, second = (class_folders(tmp_path / name) for name in ("first", "second"))
    async with app.run_test(size=(80, 24)) as pilot:
        for folder in (first, second):
            await pilot.press("1")
            await open_typed(app, pilot, folder)
            await pilot.press("2")
            await settle(pilot)
            assert app.photos.dataset.value is not None
            assert app.photos.dataset.value.root == folder
        assert app.settings.now.datasets[:2] == (str(second), str(first))


async def test_a_split_folder_is_shown_as_it_is_split(app: BearApp, tmp_path: Path) -> None:
    for split, count in (("train", 6), ("validation", 2), ("test", 3)):
        class_folders(tmp_path / "photos" / split, count)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, tmp_path / "photos")
        assert [line.split()[2:] for line in rows(screen.query_one(ClassRows))] == [
            ["6", "2", "3", "5"]
        ] * 2
        assert "seed" not in text(screen, "#table-note")


async def test_a_folder_of_last_time_is_one_key_away(app: BearApp, tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "photos")
    app.settings.change(app.settings.now.with_dataset(str(folder)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        assert app.screen.query_one("#body", ContentSwitcher).current == "loaded"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda _: None, "no such file or folder"),
        (lambda f: f.write_text("x"), "this is a file"),
        (lambda f: f.mkdir(), "there are no class folders here"),
        (lambda f: photo(f / "a.png"), "photos lie directly in this folder"),
        (lambda f: (f / "bear").mkdir(parents=True), "one class"),
    ],
)
async def test_a_folder_that_is_none_is_a_sentence_under_the_field(
    app: BearApp, tmp_path: Path, make: Any, sentence: str
) -> None:
    make(tmp_path / "photos")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, tmp_path / "photos")
        assert sentence in text(screen, "#folder-note")
        assert screen.query_one("#folder-note").has_class("error")
        assert app.focused is screen.query_one("#path")


async def test_escape_from_a_path_that_failed_leads_back_to_photos_under_their_own_path(
    app: BearApp, tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / "photos")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, folder)
        before = screen.query_one("#path", Input).value
        await pilot.press("o", "end", "x", "enter")
        await settle(pilot)
        assert screen.query_one("#folder-note").has_class("error")
        await pilot.press("escape")
        assert screen.query_one("#path", Input).value == before
        assert not screen.query_one("#folder-note").has_class("error")
        assert isinstance(app.focused, ClassRows)


@pytest.mark.parametrize("typed", ["~nobody-has-this-name", "/\x00"])
async def test_a_path_that_cannot_be_is_a_sentence(app: BearApp, typed: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, typed)
        assert screen.query_one("#folder-note").has_class("error")


async def test_one_class_is_shown_but_cannot_be_used(app: BearApp, tmp_path: Path) -> None:
    class_folders(tmp_path / "photos", names=("bear",))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, tmp_path / "photos")
        assert "only one class was found" in text(screen, "#folder-note")
        assert len(rows(screen.query_one(ClassRows))) == 1
        await until(pilot, lambda: "every photo can be read" in shown(app))
        assert "✓" not in shown(app)
        await pilot.press("enter")
        await settle(pilot)
        assert app.photos.dataset.value is None


async def test_problems_come_worst_first_with_their_remedy(app: BearApp, tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "photos")
    (folder / "bear" / "empty.jpg").touch()
    (folder / "bear" / "one.jxl").touch()
    (folder / "bear" / "bear_00.png").replace(folder / "bear" / "bear_00.jpg")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, folder)
        listed = screen.query_one("#problem-list", FindingList)
        assert [problem.kind for problem in listed.items] == ["unreadable", "extension_mismatch"]
        assert screen.query_one("#problems").border_title == "2 problems"
        assert [line.split()[-1] for line in rows(screen.query_one(ClassRows))] == ["2", "–"]
        assert "class folders found: 4 validation and 4 test photos" in text(screen, "#table-note")
        assert "Photos left out: 1 .jxl." in text(screen, "#table-note")
        await pilot.press("tab")
        await settle(pilot)
        assert app.focused is listed
        assert text(screen, "#detail") == (
            "The file is empty. Convert or delete it; preparing leaves it out."
        )


async def test_left_and_right_leaf_through_the_photos_of_a_class(
    app: BearApp, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_typed(app, pilot, class_folders(tmp_path / "photos"))
        pane = screen.query_one(PhotoPane)
        assert pane.border_title == "bear 1 of 12"
        await pilot.press("right", "right")
        assert pane.border_title == "bear 3 of 12"
        await pilot.press("down", "left")
        await settle(pilot)
        assert pane.border_title == "not_bear 12 of 12"
        assert text(screen, "#caption-is") == "PNG · RGB · 48 x 36 · not_bear/not_bear_11.png"
        assert text(screen, "#caption-seen") == ("the network sees 224 x 224 beside 32 x 32 px")


async def test_a_photo_is_shown_square_as_the_recipe_makes_it(app: BearApp, tmp_path: Path) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_typed(app, pilot, class_folders(tmp_path / "photos"))
        seen, small = (screen.query_one(name, Picture) for name in ("#as-seen", "#as-small"))
        assert (seen.framing, small.framing) == ("crop", "pad")
        app.training.recipe.set(default_recipe("/photos", "vgg16-scratch", image_size=228))
        await pilot.pause()
        assert (seen.framing, seen.network_size) == ("pad", 228)


async def test_v_shows_the_other_pictures_where_only_one_fits(app: BearApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, class_folders(tmp_path / "photos"))
        assert screen.query_one("#as-it-is").display
        assert screen.query_one("#as-it-is").size.height > 0
        assert screen.query_one("#as-seen").size.height == 0
        for shown, caption in (("as-seen", "224 x 224"), ("as-small", "32 x 32")):
            await pilot.press("v")
            await pilot.pause()
            heights = {
                name: screen.query_one(f"#{name}").size.height
                for name in ("as-it-is", "as-seen", "as-small")
            }
            assert {name for name, height in heights.items() if height} == {shown}
            assert text(screen, "#caption-seen") == f"the network sees {caption} px"
        await pilot.press("v")
        await pilot.pause()
        assert screen.query_one("#as-it-is").size.height > 0


async def test_escape_stops_a_check_and_says_so(
    app: BearApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bear_tui.data.folders import check as module
    from bear_tui.data.parallel import stop_if

    began = threading.Event()

    def endless(
        inventory: Inventory, progress: Any, cancelled: threading.Event
    ) -> tuple[Problem, ...]:
        progress(1, 24)
        began.set()
        cancelled.wait(10)
        stop_if(cancelled)
        return inventory.problems

    monkeypatch.setattr(module, "check", endless)
    folder = class_folders(tmp_path / "photos")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, DatasetScreen)
        screen.open_folder(folder)
        for _ in range(50):
            await pilot.pause(0.02)
            if began.is_set():
                break
        assert screen.query_one("#work").display
        assert "checking photos" in text(screen, "#work")
        await pilot.press("escape")
        await settle(pilot)
        assert text(screen, "#problems-note") == "The check was stopped: there may be more."
        assert not screen.query_one("#work").has_class("-busy")


async def test_names_from_outside_are_shown_and_do_nothing_else(
    app: BearApp, tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / HOSTILE, names=(HOSTILE, "bear"))
    (folder / HOSTILE / f"{HOSTILE}.jpg").touch()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_typed(app, pilot, folder)
        await pilot.press("tab", "shift+tab", "enter")
        await settle(pilot)
        await pilot.press("1")
        await settle(pilot)
        shown = "\n".join(strip.text for strip in screen._compositor.render_strips())
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "vil[red]" in shown


async def test_browsing_shows_folders_only_and_every_name_safely(
    app: BearApp, tmp_path: Path
) -> None:
    class_folders(tmp_path / "here" / HOSTILE)
    (tmp_path / "here" / "notes.txt").touch()
    (tmp_path / "here" / ".git").mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        tree = app.screen.query_one(FolderTree)
        assert rows(tree) == ["▾ here", "  ▸ e�[31mvil[red]�gnp"]
        tree.focus()
        await pilot.press("down", "right")
        await settle(pilot)
        assert len(rows(tree)) == 4
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen.query_one("#body", ContentSwitcher).current == "loaded"


async def test_backspace_in_the_tree_goes_one_folder_up(app: BearApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        tree = app.screen.query_one(FolderTree)
        tree.focus()
        await pilot.press("backspace")
        await settle(pilot)
        assert Path(tree.path) == tmp_path


async def test_the_sample_photos_are_drawn_and_opened(
    app: BearApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bear_tui.data import sample

    def drawn(out: Path, progress: Any = None, **_: Any) -> None:
        class_folders(out)
        progress(24, 24)

    monkeypatch.setattr(sample, "write_sample", drawn)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await settle(pilot, turns=5)
        assert app.screen.query_one("#path").value == str(paths.sample_folder())  # type: ignore[attr-defined]
        assert app.screen.query_one("#body", ContentSwitcher).current == "loaded"


async def test_photos_chosen_elsewhere_are_shown_here_too(app: BearApp, tmp_path: Path) -> None:
    from bear_tui.data.dataset import open_dataset

    async with app.run_test(size=(80, 24)) as pilot:
        app.photos.dataset.set(open_dataset(class_folders(tmp_path / "photos")))
        await settle(pilot)
        assert app.screen.query_one("#body", ContentSwitcher).current == "loaded"


async def test_photos_named_at_the_start_are_used_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = BearApp(data=class_folders(tmp_path / "photos"), runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.photos.dataset.value is not None
        assert app.current_mode == "model"


async def test_photos_named_at_the_start_that_are_none_are_a_sentence_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    app = BearApp(data=tmp_path / "photos", runs=tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.current_mode == "dataset"
        assert "there are no class folders here" in text(app.screen, "#folder-note")


async def test_an_error_that_no_one_foresaw_is_a_sentence(
    app: BearApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bear_tui.data.folders import check as module

    def broken(*_: Any) -> tuple[Problem, ...]:
        raise ZeroDivisionError("[/] \x1b[2J")

    monkeypatch.setattr(module, "check", broken)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, class_folders(tmp_path / "photos"))
        assert "This went wrong: ZeroDivisionError: [/] �[2J" in text(screen, "#problems-note")
        assert not screen.query_one("#work").has_class("-busy")


async def test_preparing_by_keyboard_plan_first_sources_unchanged(
    app: BearApp, tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / "photos")
    (folder / "bear" / "empty.jpg").touch()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    async with app.run_test(size=(80, 24)) as pilot:
        await open_typed(app, pilot, folder)
        await pilot.press("p", "end", "backspace", "3", "ctrl+r")
        await settle(pilot)
        sheet = app.screen
        assert isinstance(sheet, PrepareScreen)
        out = tmp_path / "photos-prepared"
        assert not out.exists()
        assert text(sheet, "#plan-note").startswith("24 photos of 256 px, padded black")
        assert [line.split()[2:] for line in rows(sheet.query_one(ClassRows))] == [
            ["9", "3", "12"]
        ] * 2
        assert text(sheet, "#excluded-note") == "1 left out because of:"
        await pilot.press("enter")
        await settle(pilot, turns=5)
        assert isinstance(app.screen, DatasetScreen)
        assert app.screen.query_one("#path").value == str(out)  # type: ignore[attr-defined]
        assert len(list((out / "test" / "bear").iterdir())) == 3
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


async def test_a_wish_that_cannot_be_met_is_said_and_nothing_written(
    app: BearApp, tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / "photos")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_typed(app, pilot, folder)
        await pilot.press("p", "end", "backspace", *"50", "ctrl+r")
        await settle(pilot)
        assert "12 readable photos are too few" in text(app.screen, "#sentence")
        assert "--" not in text(app.screen, "#sentence")
        await pilot.press("backspace", "backspace", "x", "ctrl+r")
        assert text(app.screen, "#field-hold-out .trouble") == "! type a whole number, 0 or more."
        await pilot.press("escape")
        assert isinstance(app.screen, DatasetScreen)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "photos"]


async def test_a_class_typed_wrong_stops_the_plan_and_says_why(
    app: BearApp, tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / "photos")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_typed(app, pilot, folder)
        await pilot.press("p")
        sheet = app.screen
        typed = sheet.query_one("#field-class Input")
        typed.insert_text_at_cursor("cat=no/such")  # type: ignore[attr-defined]
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "there is no such folder" in text(sheet, "#field-class .trouble")
        assert app.focused is typed
        assert sheet.query_one("#steps", ContentSwitcher).current == "form"


async def test_classes_from_several_places_are_prepared_together(
    app: BearApp, tmp_path: Path
) -> None:
    class_folders(tmp_path / "a", names=("bear",))
    class_folders(tmp_path / "b", names=("cat",))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("p", "tab")
        sheet = app.screen
        for name, place in (("bear", "a/bear"), ("cat", "b/cat")):
            sheet.query_one("#field-class Input").insert_text_at_cursor(  # type: ignore[attr-defined]
                f"{name}={tmp_path / place}"
            )
            await pilot.press("enter")
        assert f"bear ← {tmp_path}/a/bear" in text(sheet, "#added")
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert [line.split()[0] for line in rows(sheet.query_one(ClassRows))] == ["bear", "cat"]
        await pilot.press("escape", "escape")
        assert isinstance(app.screen, DatasetScreen)


def test_a_folder_that_may_not_be_read_is_named_and_the_rest_is_shown_and_prepared(
    tmp_path: Path,
) -> None:
    source = class_folders(tmp_path / "photos")
    class_folders(source / "bear", 3, names=("old",))
    command = [*as_anyone(), sys.executable, "-m", "tests.tui.forbidden_folder"]
    with forbidden(source / "bear" / "old"):
        answer = subprocess.run(
            [*command, source, tmp_path / "runs"], capture_output=True, text=True, check=False
        )
    assert answer.returncode == 0, answer.stderr
    screen, plan = answer.stdout.split("\f")
    assert "or prepare a copy, which" in " ".join(screen.split())
    assert "2 classes · 24 photos" in screen
    assert "! no access      bear/old  permission denied" in screen
    assert "24 photos of 256 px" in plan
    assert "1 left out because of:" in plan
    assert "! no access      bear/old" in plan


async def test_what_was_wrong_with_a_folder_goes_when_another_is_chosen(
    app: BearApp, tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / "photos")
    (folder / "empty").mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_typed(app, pilot, folder)
        assert "no photos in this class" in text(screen, "#folder-note")
        await pilot.press("o")
        await settle(pilot)
        assert "tab completes the path" in text(screen, "#folder-note")


async def test_space_says_so_where_no_photo_is_meant(app: BearApp, tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "photos")
    (folder / "empty").mkdir()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await open_typed(app, pilot, folder)
        await pilot.press("tab", "space")
        await settle(pilot)
        assert "empty class" in rows(screen.query_one("#problem-list"))[0]
        assert [note.message for note in app._notifications] == [
            "This problem is not about one photo: there is nothing to leave out."
        ]


async def test_why_a_photo_cannot_be_shown_is_said_once(app: BearApp, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos")
    (root / "bear" / "empty.jpg").touch()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_typed(app, pilot, root)
        await pilot.press("tab")
        await until(pilot, lambda: "This photo cannot" in shown(app))
        await settle(pilot)
        assert shown(app).count("This photo cannot") == 1
        await pilot.press("shift+tab")
        await until(pilot, lambda: "the network sees" in shown(app))
