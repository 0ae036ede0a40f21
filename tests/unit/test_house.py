"""How the package is built: who may import whom, and how long a file or a class may be.

Counted from the source, so that imports for types and inside functions count as well.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "bear_tui"

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

# What is not so yet.
CIRCLES_LEFT = {
    "bear_tui.tui.app",
    "bear_tui.tui.flows.startup",
    "bear_tui.tui.run_app",
    "bear_tui.tui.toolkit.prerender",
    "bear_tui.commands.queue",
    "bear_tui.commands.train",
}
ARROWS_LEFT = {
    ("bear_tui.tui.run_app", "bear_tui.tui.app"),
    ("bear_tui.tui.flows.startup", "bear_tui.tui.app"),
    ("bear_tui.tui.session.photos", "bear_tui.tui.render.status"),
    ("bear_tui.tui.session.run_list", "bear_tui.tui.render.meter"),
    ("bear_tui.tui.session.run_list", "bear_tui.tui.render.report"),
    ("bear_tui.tui.session.run_list", "bear_tui.tui.render.status"),
    ("bear_tui.tui.session.run_list", "bear_tui.tui.render.table_model"),
    ("bear_tui.tui.session.training", "bear_tui.tui.flows.leaving"),
    ("bear_tui.tui.session.training", "bear_tui.tui.screens.dialogs"),
    ("bear_tui.tui.session.training", "bear_tui.tui.screens.train"),
    ("bear_tui.tui.toolkit.palette", "bear_tui.tui.widgets.choices"),
    ("bear_tui.tui.toolkit.prerender", "bear_tui.tui.app"),
    ("bear_tui.tui.toolkit.prerender", "bear_tui.tui.screens.base"),
    ("bear_tui.tui.toolkit.prerender", "bear_tui.tui.widgets.header"),
}
LONG_LEFT = {"app.py", "recipe.py", "reliability.py", "runs.py", "trainer.py"}


@cache
def modules() -> dict[str, Path]:
    """Return the file of every module of the package, by dotted name."""
    files: dict[str, Path] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_names(source: ast.AST, module: str, is_package: bool) -> Iterator[tuple[str, str]]:
    """Yield (module, name) for each import; the name is empty where a module is imported whole."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(source):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((target, alias.name) for alias in node.names)


@cache
def imports(module: str) -> frozenset[str]:
    """Return the modules of the package that a module imports, wherever the import stands."""
    path = modules()[module]
    targets: set[str] = set()
    for target, name in imported_names(tree(path), module, path.name == "__init__.py"):
        candidates = (f"{target}.{name}", target)
        targets |= set([one for one in candidates if one in modules()][:1])
    return frozenset(targets - {module})


def reachable(module: str) -> set[str]:
    """Return every module that is imported by way of `module`."""
    seen: set[str] = set()
    todo = list(imports(module))
    while todo:
        target = todo.pop()
        if target not in seen:
            seen.add(target)
            todo.extend(imports(target))
    return seen


def floor(module: str) -> int | None:
    """Return the floor of a module of `tui`, 0 at the top; None for one outside."""
    parts = module.split(".")
    if parts[:2] != ["bear_tui", "tui"] or len(parts) == 2:
        return None
    return next(number for number, rooms in enumerate(FLOORS) if parts[2] in rooms)


def test_no_module_imports_itself_by_way_of_others() -> None:
    circular = {module for module in modules() if module in reachable(module)}
    assert circular - CIRCLES_LEFT == set()


def test_no_room_of_the_app_imports_from_one_above() -> None:
    arrows = {
        (module, target)
        for module in modules()
        if (below := floor(module)) is not None
        for target in imports(module)
        if (above := floor(target)) is not None and above < below
    }
    assert arrows - ARROWS_LEFT == set()


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
    left = {importer for importer, target in ARROWS_LEFT if target == "bear_tui.tui.app"}
    assert importers - left - {"bear_tui.tui.run_app"} == set()


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
    if path.name not in LONG_LEFT:
        assert lines <= most
        assert [one for one, length in lengths.items() if length > LONGEST_CLASS] == []
    docstring = ast.get_docstring(tree(path)) or ""
    assert docstring.split("\n")[0].strip()
