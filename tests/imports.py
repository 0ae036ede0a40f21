"""Who imports whom in `bear_tui`, read from the source.

Imports for types and inside functions count as well.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1] / "bear_tui"


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
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def first_line(module: str) -> str:
    """Return the first line of a module's docstring; empty where it has none."""
    return (ast.get_docstring(tree(modules()[module])) or "").partition("\n")[0].strip()


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


@cache
def imports_outside(module: str) -> frozenset[str]:
    """Return the first names of all packages that a module imports."""
    path = modules()[module]
    names = imported_names(tree(path), module, path.name == "__init__.py")
    return frozenset(target.partition(".")[0] for target, _ in names)


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
