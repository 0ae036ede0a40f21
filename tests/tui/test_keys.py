"""Keys: one meaning each, wherever they are bound; vi keys beside arrows; none is a secret."""

import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import bear_tui.tui
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.keys import key_groups
from bear_tui.tui.widgets.header import TABS
from tests.tui.app_screen import shown, until
from tests.unit.sample_runs import predictions, sample_run

MEANINGS: dict[str, tuple[str, str]] = {
    "1 2 3 4 5": ("the five screens", "BearApp.show"),
    "question_mark f1": (
        "the keys of this screen",
        "BearApp.keys Sheet.keys Palette.keys KeysScreen.dismiss",
    ),
    "q": (
        "out of here",
        "BearApp.leave AskScreen.dismiss KeysScreen.dismiss CocoScreen.back PrepareScreen.back "
        "SuspectsScreen.back ExportScreen.close QueueScreen.close RateScreen.leave",
    ),
    "ctrl+q": ("leave, from anywhere", "BearApp.leave Sheet.leave Palette.leave"),
    "ctrl+l": ("draw the screen anew", "BearApp.repaint Sheet.repaint Palette.repaint"),
    "ctrl+z": (
        "to the shell",
        "BearApp.suspend_process Sheet.suspend_process Palette.suspend_process",
    ),
    "escape": (
        "back, nothing changed",
        "AskScreen.dismiss KeysScreen.dismiss CocoScreen.back CompareScreen.back "
        "DatasetScreen.back Gallery.back ModelScreen.back PredictScreen.back "
        "PrepareScreen.back SampleScreen.back SuspectsScreen.back ExportScreen.close "
        "QueueScreen.close RateScreen.leave ResultsScreen.mistakes",
    ),
    "enter": (
        "go on with what is under the cursor: open it, choose it, take it, start it",
        "Rows.choose Catalogue.choose CategoryRows.choose ClassRows.choose Starts.choose "
        "FolderTree.select_cursor ResultsScreen.choose Gallery.large SuspectsScreen.view "
        "RunsScreen.open TrainScreen.results LayerTree.start PrepareScreen.write "
        "RateScreen.take KeysScreen.dismiss",
    ),
    "ctrl+r": (
        "run what this form says",
        "ModelScreen.start CocoScreen.start PrepareScreen.plan PrepareScreen.write",
    ),
    "space": (
        "switch it on or off; a choice that has more: the next",
        "TrainScreen.pause TrainScreen.go_on LayerTree.tick RunsScreen.mark "
        "DatasetScreen.leave_out Choice.step",
    ),
    "tab": ("complete the path", "PathInput.complete"),
    "backspace": ("one folder up", "FolderTree.up"),
    "f5": ("read again", "ResultsScreen.reload RunsScreen.reload"),
    "slash": ("type a name or a path", "ModelScreen.search PredictScreen.path"),
    "plus": (
        "more, later",
        "TrainScreen.epochs RunsScreen.extend QueueScreen.shift",
    ),
    "equals_sign": ("plus without shift", "TrainScreen.epochs RunsScreen.extend"),
    "minus": ("fewer, earlier", "TrainScreen.epochs QueueScreen.shift"),
    "left_square_bracket right_square_bracket": (
        "lower, higher",
        "TrainScreen.rate PredictScreen.threshold ResultsScreen.threshold",
    ),
    "a": (
        "all: layers, photos, models of the ladder",
        "LayerTree.only ResultsScreen.all_photos RunsScreen.ladder",
    ),
    "b": ("sort by", "ResultsScreen.sort"),
    "B": ("sort the other way", "ResultsScreen.sort_reverse"),
    "c": (
        "from elsewhere: the course's recipe, a run's, photos of COCO",
        "ModelScreen.course RunsScreen.copy DatasetScreen.coco",
    ),
    "d": ("detach", "TrainScreen.detach"),
    "delete D": ("take out of the list: a run, what waits", "RunsScreen.delete QueueScreen.cancel"),
    "e": ("export", "GalleryScreen.export ResultsScreen.export RunsScreen.export"),
    "E": ("what happened", "TrainScreen.events"),
    "f": ("find a learning rate", "ModelScreen.find_rate"),
    "i": ("inspect the labels", "DatasetScreen.suspects ResultsScreen.suspects"),
    "m": ("another class; again takes it back", "PhotoScreen.relabel SuspectsScreen.move"),
    "n": ("what is next: the queue", "RunsScreen.queue"),
    "o": ("other photos", "DatasetScreen.other PredictScreen.path"),
    "p": (
        "other photos: prepare them, ask about them",
        "DatasetScreen.prepare RunsScreen.predict",
    ),
    "r": ("train again", "PhotoScreen.train_again"),
    "s": ("stop and save", "TrainScreen.stop RunsScreen.stop"),
    "t": ("test now", "TrainScreen.test"),
    "u": (
        "go further: on with a run, one more stage",
        "TrainScreen.resume RunsScreen.resume LayerTree.stage",
    ),
    "U": ("one stage fewer", "LayerTree.stage"),
    "v": (
        "another view of what is here",
        "DatasetScreen.view SuspectsScreen.view TrainScreen.smooth RunsScreen.compare "
        "PredictScreen.unsure ResultsScreen.unsure",
    ),
    "w": ("watch", "RunsScreen.watch"),
    "x": (
        "leave the photo out; again takes it back",
        "DatasetScreen.leave_out PhotoScreen.exclude SuspectsScreen.exclude",
    ),
    "y": ("copy the path", "CopyingScreen.copy_path SuspectsScreen.copy_path"),
    "Y": ("copy the table", "CopyingScreen.copy_table"),
    "z": (
        "take the last change back",
        "DatasetScreen.undo ModelScreen.undo PhotoScreen.undo QueueScreen.undo RunsScreen.undo "
        "SuspectsScreen.undo",
    ),
}
"""What a key means, and every place that binds it: a new one is put under a meaning on purpose."""
MOVING: dict[str, str] = {
    # Where a letter of vi has a better use, its arrow or home stays.
    "up k": "cursor_up line move scroll focus_previous",
    "down j": "cursor_down line move scroll focus_next",
    "left h": "cursor_left leaf move open outward step",
    "right l": "cursor_right leaf move open inward step",
    "pageup": "page page_up",
    "pagedown": "page page_down",
    "home g": "first move scroll scroll_home scroll_top",
    "end G": "last move scroll scroll_end scroll_bottom",
}
INSTEAD_OF_VI = {("h", "only"): "head", ("l", "log"): "log", ("g", "heat"): "heat map"}
"""Letters that the design of Model, Train and Results gives another use."""


def bindings() -> Iterator[tuple[type, Binding]]:
    """Every binding that a class of the app itself makes."""
    seen = set()
    for module in pkgutil.walk_packages(bear_tui.tui.__path__, "bear_tui.tui."):
        for _, one in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if (
                issubclass(one, DOMNode)
                and one.__module__.startswith("bear_tui")
                and one not in seen
            ):
                seen.add(one)
                for binding in Binding.make_bindings(one.__dict__.get("BINDINGS", ())):
                    yield one, binding


def action_of(binding: Binding) -> str:
    """`app.focus_next` and `move(1)` are focus_next and move."""
    return binding.action.partition("(")[0].rpartition(".")[2]


ALL = [
    pytest.param(one, binding, id=f"{one.__name__}-{binding.key}") for one, binding in bindings()
]


BOUND: defaultdict[str, set[str]] = defaultdict(set)
for _one, _binding in bindings():
    if (_binding.key, action_of(_binding)) not in INSTEAD_OF_VI:
        BOUND[_binding.key].add(f"{_one.__name__}.{action_of(_binding)}")


@pytest.mark.parametrize("keys", MEANINGS)
def test_a_key_means_the_same_wherever_it_is_bound(keys: str) -> None:
    meaning, places = MEANINGS[keys]
    for key in keys.split():
        assert BOUND[key] == set(places.split()), f"{key} is `{meaning}`"


@pytest.mark.parametrize("keys", MOVING)
def test_keys_for_moving_about_do_nothing_else(keys: str) -> None:
    does = {place.partition(".")[2] for key in keys.split() for place in BOUND[key]}
    assert does == set(MOVING[keys].split())


def test_every_key_has_one_meaning() -> None:
    told = [key for keys in (*MEANINGS, *MOVING) for key in keys.split()]
    assert sorted(told) == sorted(key for key, places in BOUND.items() if places)


@pytest.mark.parametrize(("one", "binding"), ALL)
def test_every_key_says_what_it_does(one: type, binding: Binding) -> None:
    assert binding.description, f"{one.__name__} does not say what {binding.key} does"


def test_an_arrow_has_its_vi_key_beside_it() -> None:
    beside = {"up": "k", "down": "j", "left": "h", "right": "l", "end": "G"}
    taken = {key for key, _ in INSTEAD_OF_VI}
    keys = defaultdict(set)
    for one, binding in bindings():
        keys[one.__name__].add(binding.key)
    lacking = {
        (name, arrow)
        for name, bound in keys.items()
        for arrow, letter in beside.items()
        if arrow in bound and letter not in bound and letter not in taken
    }
    # In a form the arrows change the field, and letters are typed.
    assert lacking == {("Field", "up"), ("Field", "down")}


async def test_the_list_of_keys_is_in_one_style(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run-1", predictions(38, 2))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.shown_run.set(folder)
        for number in "12345":
            await pilot.press(number)
            await pilot.pause()
            for widget in (None, *app.screen.focus_chain):
                app.screen.set_focus(widget)
                words = [does for _, rows in key_groups(app.screen) for _, does in rows]
                capital = {does for does in words if does[:1].isupper()}
                assert capital <= {"COCO", *(tab.capitalize() for tab in TABS)}


async def test_a_screen_without_a_run_lists_no_keys_of_its_hidden_table(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "question_mark")  # before it was ever laid out
        await until(pilot, lambda: "everywhere" in shown(app))
        assert "page down" not in shown(app)
        assert app.screen_stack[0].focused is None
