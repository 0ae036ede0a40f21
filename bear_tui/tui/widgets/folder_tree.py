"""A tree of folders to browse, every name safe to show."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from rich.text import Text, TextType
from textual.binding import Binding
from textual.widgets import DirectoryTree
from textual.widgets.directory_tree import DirEntry
from textual.widgets.tree import TreeNode

from bear_tui import files
from bear_tui.text import safe


class FolderTree(DirectoryTree):
    """Right opens, left closes, backspace goes up, enter takes the folder under the cursor."""

    BINDINGS: ClassVar = [
        Binding("enter", "select_cursor", "use this folder"),
        Binding("right,l", "inward", "open", show=False),
        Binding("left,h", "outward", "close", show=False),
        Binding("backspace", "up", "one folder up"),
        Binding("j", "cursor_down", "down", show=False),
        Binding("k", "cursor_up", "up", show=False),
        Binding("g", "scroll_home", "first", show=False),
        Binding("G", "scroll_end", "last", show=False),
    ]
    DEFAULT_CSS = """
    FolderTree { background: transparent; padding: 0; }
    FolderTree:focus { background-tint: transparent; }
    """
    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    def __init__(self, path: Path, id: str | None = None) -> None:
        super().__init__(path, id=id)
        self.auto_expand = False
        self.guide_depth = 2
        self.show_guides = False

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Keep folders that are not hidden."""
        return [path for path in paths if not path.name.startswith(".") and _is_folder(path)]

    def process_label(self, label: TextType) -> Text:
        """Make a folder's name safe: it may hold terminal codes."""
        return Text(safe(label.plain if isinstance(label, Text) else label, 200))

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        icon = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        label = node.label
        name = label.plain if isinstance(label, Text) else str(label)
        return Text.assemble((icon, base_style), (safe(name, 200), base_style + style))

    @property
    def folder(self) -> Path | None:
        """Return the folder under the cursor."""
        node = self.cursor_node
        return node.data.path if node is not None and node.data is not None else None

    def action_inward(self) -> None:
        """Open the folder, or go to its first child."""
        node = self.cursor_node
        if node is not None and not node.is_expanded:
            node.expand()
        else:
            self.action_cursor_down()

    def action_outward(self) -> None:
        """Close the folder, or go to its parent."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node is not self.root:
            node.collapse()
        elif node.parent is not None:
            self.move_cursor(node.parent)
        else:
            self.action_up()

    def action_up(self) -> None:
        """Show the tree from one folder higher."""
        folder = Path(self.path)
        if folder.parent != folder:
            self.path = folder.parent


def _is_folder(path: Path) -> bool:
    try:
        return files.is_folder(path)
    except OSError:
        return False
