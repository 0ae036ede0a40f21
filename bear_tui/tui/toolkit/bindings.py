"""The keys of one widget, which Textual keeps in a private map."""

from collections.abc import Iterator

from textual.actions import ActionError, parse
from textual.binding import Binding
from textual.dom import DOMNode

from bear_tui.tui.toolkit.private_names import missing


def bindings_of(node: DOMNode) -> Iterator[Binding]:
    """Yield the keys of a widget, those of its classes included."""
    if not missing("bindings"):
        for bindings in node._bindings.key_to_bindings.values():
            yield from bindings


def bind(node: DOMNode, key: str, action: str, description: str) -> None:
    """Give one widget a key that others of its class do not have."""
    if not missing("bindings"):
        node._bindings.bind(key, action, description, show=False)


def can_run(node: DOMNode, action: str) -> bool:
    """Return whether the widget, its screen or the app, as the action says, takes it now."""
    try:
        namespace, name, parameters = parse(action)
    except ActionError:
        return False
    target = {"app": node.app, "screen": node.screen}.get(namespace, node)
    return bool(target.check_action(name, parameters))
