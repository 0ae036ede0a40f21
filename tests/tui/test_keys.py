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
from tests.unit.little_runs import answered, little_run

MEANINGS: dict[str, tuple[str, str]] = {
    "1 2 3 4 5": ("the five screens", "show"),
    "question_mark f1": ("the keys of this screen", "keys dismiss"),
    "q": ("out of here", "leave close dismiss back"),
    "ctrl+q": ("leave, also from a text field", "leave"),
    "ctrl+l": ("draw the screen anew", "repaint"),
    "ctrl+z": ("to the shell", "suspend_process"),
    "escape": ("back, nothing changed", "back close dismiss leave mistakes"),
    "enter": (
        "go on with it: open, choose, take, start",
        "choose dismiss large open results select_cursor start take view write",
    ),
    "ctrl+r": ("run what this form says", "start plan write"),
    "space": ("switch it on or off", "leave_out mark pause tick step page"),
    "tab": ("complete the path", "complete"),
    "backspace": ("one folder up", "up"),
    "f5": ("read again", "reload"),
    "slash": ("type a name or a path", "search path"),
    "plus equals_sign": ("more, later", "epochs extend open shift"),
    "minus": ("fewer, earlier", "epochs open shift"),
    "left_square_bracket right_square_bracket": ("lower, higher", "rate threshold"),
    "a": ("all: layers, photos, models of the ladder", "all_photos ladder only"),
    "b B": ("sort by", "sort sort_reverse"),
    "c": ("from elsewhere: the course's recipe, a run's, photos of COCO", "coco copy course"),
    "d": ("detach", "detach"),
    "delete D": ("delete, take out", "delete cancel"),
    "e": ("export", "export"),
    "E": ("what happened", "events"),
    "f": ("find a learning rate", "find_rate"),
    "i": ("inspect the labels", "suspects"),
    "m": ("another class", "relabel move"),
    "n": ("what is next: the queue", "queue"),
    "o": ("open another folder", "other"),
    "p": ("other photos: prepare them, ask about them", "predict prepare"),
    "r": ("train again", "train_again"),
    "s": ("stop and save", "stop"),
    "t": ("test now", "test"),
    "u U": ("go further: resume, unfreeze more; fewer", "resume stage"),
    "v": ("another view of it", "compare smooth unsure view"),
    "w": ("watch", "watch"),
    "x": ("leave out", "exclude"),
    "y Y": ("copy: the path, the table", "copy_path copy_table"),
    "z": ("undo", "undo"),
    # Moving about; where a letter of vi has a better use, its arrow or home stays.
    "up k": ("up", "cursor_up line move scroll focus_previous"),
    "down j": ("down", "cursor_down line move scroll focus_next"),
    "left h": ("left", "cursor_left leaf move open outward step"),
    "right l": ("right", "cursor_right leaf move open inward step"),
    "pageup": ("a page up", "page page_up"),
    "pagedown": ("a page down", "page page_down"),
    "home g": ("first", "first move scroll scroll_home scroll_top"),
    "end G": ("last", "last move scroll scroll_end scroll_bottom"),
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


@pytest.mark.parametrize(("one", "binding"), ALL)
def test_a_key_means_the_same_on_every_screen(one: type, binding: Binding) -> None:
    action = action_of(binding)
    if (binding.key, action) in INSTEAD_OF_VI:
        return
    found = [row for keys, row in MEANINGS.items() if binding.key in keys.split()]
    assert found, f"{one.__name__} binds {binding.key}, which has no meaning yet"
    ((meaning, actions),) = found
    assert action in actions.split(), (
        f"{binding.key} is `{meaning}`; {one.__name__} does {action} with it"
    )


@pytest.mark.parametrize(("one", "binding"), ALL)
def test_every_key_says_what_it_does(one: type, binding: Binding) -> None:
    assert binding.description, f"{one.__name__} does not say what {binding.key} does"


def test_every_meaning_is_used() -> None:
    bound = {binding.key for _, binding in bindings()}
    unused = {key for keys in MEANINGS for key in keys.split()} - bound - {"t"}
    assert unused == set()


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
    folder = little_run(tmp_path / "run-1", answered(38, 2))
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.run_folder = folder
        for number in "12345":
            await pilot.press(number)
            await pilot.pause()
            for widget in (None, *app.screen.focus_chain):
                app.screen.set_focus(widget)
                words = [does for _, rows in key_groups(app.screen) for _, does in rows]
                capital = {does for does in words if does[:1].isupper()}
                assert capital <= {"COCO", *(tab.capitalize() for tab in TABS)}
