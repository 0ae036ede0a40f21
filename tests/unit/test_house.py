"""How the package is built: who may import whom, and how long a file or a class may be.

Counted from the source, so that imports for types and inside functions count as well.
"""

import ast
from pathlib import Path

import pytest

from tests.imports import ROOT, imported_names, imports, modules, reachable, tree

FLOORS = (
    ("app",),
    ("run_app",),
    ("flows",),
    ("screens",),
    ("widgets",),
    ("render",),
    ("context",),
    ("session",),
    ("forms",),
    ("toolkit",),
)
"""The rooms of `bear_tui.tui` from top to bottom: each imports from its own floor and below."""

LONGEST_FILE, LONGEST_CLASS, LONGEST_APP = 300, 250, 150
"""Lines."""


def floor(module: str) -> int | None:
    """Return the floor of a module of `tui`, 0 at the top; None for one outside."""
    parts = module.split(".")
    if parts[:2] != ["bear_tui", "tui"] or len(parts) == 2:
        return None
    return next(number for number, rooms in enumerate(FLOORS) if parts[2] in rooms)


def test_no_module_imports_itself_by_way_of_others() -> None:
    circular = {module for module in modules() if module in reachable(module)}
    assert circular == set()


def test_no_room_of_the_app_imports_from_one_above() -> None:
    arrows = {
        (module, target)
        for module in modules()
        if (below := floor(module)) is not None
        for target in imports(module)
        if (above := floor(target)) is not None and above < below
    }
    assert arrows == set()


def test_imports_are_found_wherever_they_stand() -> None:
    source = """
import a.b
from . import c
from ..d import e
if TYPE_CHECKING:
    from f import g
def function():
    import h
"""
    names = set(imported_names(ast.parse(source), "bear_tui.tui.app", is_package=False))
    assert names == {
        ("a.b", ""),
        ("bear_tui.tui", "c"),
        ("bear_tui.d", "e"),
        ("f", "g"),
        ("h", ""),
    }


def test_only_commands_import_the_app() -> None:
    importers = {
        module
        for module in modules()
        if "bear_tui.tui.app" in imports(module) and not module.startswith("bear_tui.commands.")
    }
    assert importers == set()


@pytest.mark.parametrize("path", modules().values(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_classes_are_short_and_the_first_line_says_what_a_file_is_for(
    path: Path,
) -> None:
    name = str(path.relative_to(ROOT))
    most = LONGEST_APP - 1 if name == "tui/app.py" else LONGEST_FILE
    lines = path.read_text(encoding="utf-8").count("\n")
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    }
    assert lines <= most
    assert [one for one, length in lengths.items() if length > LONGEST_CLASS] == []
    docstring = ast.get_docstring(tree(path)) or ""
    assert docstring.split("\n")[0].strip()
