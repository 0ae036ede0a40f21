"""The keys of a screen, on `?`."""

from collections.abc import Callable, Iterator
from functools import partial

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from bear_tui.tui.toolkit.bindings import bindings_of, can_run
from bear_tui.tui.toolkit.modal import Sheet
from bear_tui.tui.widgets.keybar import plain_action

_MOVING = (
    *("up", "down", "left", "right", "home", "end", "tab", "shift+tab"),
    *("pageup", "pagedown", "ctrl+pageup", "ctrl+pagedown"),
)
_NAMES = {
    "Focus Next": "to the next part",
    "Focus Previous": "to the part before",
    "Submit": "done with this field",
    "Copy selected text": "copy what the mouse has marked",
}
"""What Textual's own keys do, in our words."""


class KeysScreen(Sheet[None]):
    """Lists every key that works now: of this screen, for moving, everywhere."""

    BINDINGS = [
        ("escape,question_mark,f1,q,enter", "dismiss", "close"),
        ("j,down", "scroll(1)", "down"),
        ("k,up", "scroll(-1)", "up"),
        ("g,home", "scroll(-1000)", "first"),
        ("G,end", "scroll(1000)", "last"),
    ]

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self._table = key_table(key_groups(screen))

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static("Keys of this screen", classes="title", markup=False)
            yield Static(self._table, id="keys", markup=False)
            yield Static("j k scroll, esc closes", classes="hint", markup=False)

    def action_dismiss(self, result: None = None) -> None:  # type: ignore[override]
        self.dismiss(result)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def key_table(groups: list[tuple[str, list[tuple[str, str]]]]) -> Content:
    """Return groups as text: a heading, then its keys aligned at the right of their column."""
    width = max((cell_len(keys) for _, rows in groups for keys, _ in rows), default=0)
    lines: list[Content] = []
    for heading, rows in groups:
        lines.append(Content.styled(" " * (width + 2) + heading, "italic"))
        for keys, does in rows:
            space = " " * (width - cell_len(keys))
            lines.append(Content.assemble(space, (keys, "bold"), f"  {does}"))
        lines.append(Content())
    return Content("\n").join(lines)


def key_groups(screen: Screen[object]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return headings with (`h, left`, description): one row for all keys of an action."""
    groups: dict[str, dict[str, list[str]]] = {
        heading: {} for heading in ("here", "moving about", "in a text", "everywhere")
    }
    moves = _moves(screen)
    for active in screen.active_bindings.values():
        binding = active.binding
        if not active.enabled or not binding.description:
            continue
        key = screen.app.get_key_display(binding)
        does = _in_our_words(active)
        group = groups["moving about" if binding.action in moves else _heading(active, screen)]
        keys = group.setdefault(does, [])
        if key not in keys:
            keys.append(key)
    return [
        (heading, [(", ".join(keys), does) for does, keys in rows.items()])
        for heading, rows in groups.items()
        if rows
    ]


def _moves(screen: Screen[object]) -> set[str]:
    """Return the actions of arrow keys, which their letters share."""
    return {
        active.binding.action
        for key, active in screen.active_bindings.items()
        if key in _MOVING and not active.binding.show
    }


def _in_our_words(active: ActiveBinding) -> str:
    """Return what a key does, in lower case where Textual writes a capital."""
    description = active.binding.description
    does = active.tooltip or _NAMES.get(description, description)
    if active.binding.action.startswith("show(") or does[:2].isupper():
        return does
    return does.lower() if does.istitle() else does[:1].lower() + does[1:]


def _heading(active: ActiveBinding, screen: Screen[object]) -> str:
    """Return the group of a key: this screen's, a text field's, or everywhere."""
    if isinstance(active.node, Input):
        return "in a text"
    textual = active.node is screen and active.binding.description in _NAMES
    everywhere = active.node is screen.app or active.binding.action.startswith("app.")
    return "everywhere" if everywhere or textual else "here"


def screen_actions(screen: Screen[object]) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Yield name, description and call of every action of a screen and its focused part, then of
    its other parts.
    """
    names, moves = set(), _moves(screen)
    for active in screen.active_bindings.values():
        binding = active.binding
        of_the_app = active.node is screen.app or binding.action.startswith("app.")
        elsewhere = of_the_app or binding.action in moves
        if elsewhere or not active.enabled or not binding.description:
            continue
        if (name := plain_action(binding)) not in names:
            names.add(name)
            run = partial(screen.app.run_action, binding.action, active.node)
            key = f"key {screen.app.get_key_display(binding)}"
            does = f"{active.tooltip} · {key}" if active.tooltip else key
            yield binding.description, does, run
    for part in screen.focus_chain:
        for binding in bindings_of(part):
            name = plain_action(binding)
            enabled = can_run(part, binding.action)
            if binding.tooltip and enabled and name not in names:
                names.add(name)
                run = partial(screen.app.run_action, binding.action, part)
                yield binding.description, binding.tooltip, run
