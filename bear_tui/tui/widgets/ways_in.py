"""Choosing photos: a typed path, recent folders, a tree, the samples, COCO."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static, Tree

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.toolkit.key_hints import typing
from bear_tui.tui.widgets.folder_tree import FolderTree
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.starts import Starts

_HINT, _TYPING = "o, then type or paste a path", "tab completes the path, enter opens it"
"""What to do with it: from elsewhere, and while it has the keyboard."""


class FolderField(Vertical):
    """The path of the folder, and a sentence below it."""

    def __init__(self, id: str, classes: str) -> None:
        super().__init__(id=id, classes=classes)
        self._said, self._wrong = "", False

    def compose(self) -> ComposeResult:
        self.border_title = "folder of photos"
        yield PathInput(id="path", compact=True, placeholder="~/photos/bears")
        yield Static(_HINT, id="folder-note", classes="hint", markup=False)

    def fill(self, path: str) -> None:
        self.query_one(PathInput).value = path

    def note(self, text: str, wrong: bool = False) -> None:
        """Show a sentence; "" shows what to do with the field."""
        self._said, self._wrong = text, wrong and bool(text)
        self._show()

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self._show, init=False)

    def _show(self) -> None:
        note = self.query_one("#folder-note", Static)
        hint = _TYPING if self.screen.focused is self.query_one(PathInput) else _HINT
        note.update(safe(f"! {self._said}" if self._wrong else self._said or hint))
        note.set_classes("error" if self._wrong else "hint")


class WaysIn(Horizontal):
    """The ways to start, beside a tree of folders."""

    def __init__(self, recent: Sequence[str], id: str) -> None:
        super().__init__(id=id)
        self._recent = recent

    def compose(self) -> ComposeResult:
        with Vertical(id="start", classes="pane") as start:
            start.border_title = "start from"
            yield Starts(self._recent, id="starts")
            yield Static(id="needed", classes="hint", markup=False)
        with Vertical(id="browse", classes="pane") as browse:
            browse.border_title = "or browse"
            yield FolderTree(paths.here_or_home(), id="tree")

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self._say_what_is_needed)

    def _say_what_is_needed(self) -> None:
        key = "esc, then p" if typing(self.screen) else "p"
        self.query_one("#needed", Static).update(f"{_WHAT_IS_NEEDED} {key} {_PREPARING}")

    @on(Tree.NodeHighlighted, "#tree")
    def _folder_looked_at(self) -> None:
        tree = self.query_one(FolderTree)
        if tree.has_focus and tree.folder is not None:
            self.screen.query_one(FolderField).fill(str(tree.folder))


_WHAT_IS_NEEDED = (
    "What is needed: a folder with one folder of photos per class in it, or train/ and test/ "
    "with one folder per class each."
)
_PREPARING = "prepares one from photos anywhere; they are never changed."
