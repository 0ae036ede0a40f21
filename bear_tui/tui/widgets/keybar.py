"""The bottom line: as many keys that matter here as fit; `?` lists the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

ALWAYS = ("app.keys", "app.leave")
"""Actions whose keys are never left out: they stand at the end."""


@dataclass(frozen=True)
class Key:
    """A key as shown, its meaning in a word or two, and what a click presses."""

    shown: str
    does: str
    press: str
    always: bool = False


def keys_of(screen: Screen[object]) -> tuple[Key, ...]:
    """Return the keys that work now, the focused part's first; one per action."""
    keys: dict[str, Key] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.show and binding.description and active.enabled:
            name = screen.app.get_key_display(binding)
            key = Key(name, binding.description, binding.key, binding.action in ALWAYS)
            keys.setdefault(plain_action(binding), key)
    return tuple(keys.values())


def plain_action(binding: Binding) -> str:
    """Return `start` for `screen.start`: a part may bind an action of its screen."""
    return binding.action.removeprefix("screen.")


def fitting(keys: Sequence[Key], width: int) -> tuple[Key, ...]:
    """Return the keys that fit in `width` columns: the first ones, and those that always show.

    A key that does not fit whole is left to `?`.
    """
    last = [key for key in keys if key.always]
    fitting_keys: list[Key] = []
    for key in (key for key in keys if not key.always):
        if _width([*fitting_keys, key, *last]) > width:
            break
        fitting_keys.append(key)
    while last and _width([*fitting_keys, *last]) > width:
        last.pop()
    return (*fitting_keys, *last)


def key_bar(keys: Sequence[Key]) -> Content:
    """Return the line `space pause  s stop and save  ? keys`."""
    return Content("  ").join(_piece(key) for key in keys)


def key_at(keys: Sequence[Key], column: int) -> Key | None:
    """Return the key at a column of the line, if any."""
    for number, key in enumerate(keys):
        start = _width(keys[: number + 1]) - _piece(key).cell_length
        if start <= column < start + _piece(key).cell_length:
            return key
    return None


def _width(keys: Sequence[Key]) -> int:
    return key_bar(keys).cell_length


def _piece(key: Key) -> Content:
    return Content.assemble((key.shown, "bold $footer-key-foreground"), f" {key.does}")


class KeyBar(Static):
    """Shows the screen's keys; drawn only when they change. A click presses a key."""

    keys: reactive[tuple[Key, ...]] = reactive((), layout=False)

    def __init__(self) -> None:
        super().__init__(markup=False)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._follow(self.screen)

    def _follow(self, screen: Screen[object]) -> None:
        if screen is self.app.screen:
            self.keys = keys_of(screen)

    def render(self) -> Content:
        return key_bar(fitting(self.keys, self.content_size.width))

    def on_click(self, event: events.Click) -> None:
        column = event.get_content_offset_capture(self).x
        key = key_at(fitting(self.keys, self.content_size.width), column)
        if key is not None:
            self.app.simulate_key(key.press)
