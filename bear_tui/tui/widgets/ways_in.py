"""Where photos come from: a path typed, folders used before, a tree, the samples, COCO."""

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static, Tree

from bear_tui.text import safe
from bear_tui.tui.widgets.folder_tree import FolderTree
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.starts import Starts

_HINT = "tab completes the path, enter opens it"


class FolderField(Vertical):
    """The path of the folder, and a sentence under it."""

    def compose(self) -> ComposeResult:
        """One line each."""
        self.border_title = "folder of photos"
        yield PathInput(id="path", compact=True, placeholder="~/photos/bears")
        yield Static(_HINT, id="folder-note", classes="hint", markup=False)

    def put(self, path: str) -> None:
        """Another path."""
        self.query_one(PathInput).value = path

    def note(self, text: str, wrong: bool = False) -> None:
        """What to say about it; nothing: what to do with it."""
        note = self.query_one("#folder-note", Static)
        note.update(safe(f"! {text}" if wrong and text else text or _HINT))
        note.set_classes("error" if wrong and text else "hint")


class WaysIn(Horizontal):
    """What to start from, beside a tree of folders."""

    def __init__(self, recent: Sequence[str], id: str) -> None:
        super().__init__(id=id)
        self._recent = recent

    def compose(self) -> ComposeResult:
        """Two panes."""
        with Vertical(id="start", classes="pane") as start:
            start.border_title = "start from"
            yield Starts(self._recent, id="starts")
            yield Static(_WHAT_IS_NEEDED, id="needed", classes="hint", markup=False)
        with Vertical(id="browse", classes="pane") as browse:
            browse.border_title = "or browse"
            yield FolderTree(Path.cwd(), id="tree")

    @on(Tree.NodeHighlighted, "#tree")
    def _folder_looked_at(self) -> None:
        tree = self.query_one(FolderTree)
        if tree.has_focus and tree.folder is not None:
            self.screen.query_one(FolderField).put(str(tree.folder))


_WHAT_IS_NEEDED = (
    "What is needed: a folder with one folder of photos per class in it, or train/ and test/ "
    "with one folder per class each. p prepares one from photos anywhere; they are never changed."
)
