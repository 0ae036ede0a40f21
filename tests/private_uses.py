"""Find uses of private names of Textual in the app's source.

A use is an import from a private module, an attribute of a class of Textual's, or a method or
attribute of a subclass that has the name of a private one of Textual's and so replaces it.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import textual

from tests.imports import modules, tree

_OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}


def uses(name: str) -> set[str]:
    """Return the private names of Textual that a module of the app uses."""
    parsed, module = tree(modules()[name]), importlib.import_module(name)
    found = set(_imported(parsed))
    own = {name for node in ast.walk(parsed) for name in _defined(node)}
    for node in parsed.body:
        textuals: set[str] = set()
        if isinstance(node, ast.ClassDef):
            textuals = _names_of_bases(getattr(module, node.name))
            found |= textuals & {name for child in ast.walk(node) for name in _defined(child)}
        found |= {name for name in _accessed(node) if name in textuals}
        found |= {name for name in _accessed(node) if name not in own and name in _names()}
    return found - _OF_NAMED_TUPLES


def _imported(parsed: ast.Module) -> Iterator[str]:
    for node in ast.walk(parsed):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual"):
            private_module = any(part.startswith("_") for part in (node.module or "").split("."))
            for alias in node.names:
                if private_module or alias.name.startswith("_"):
                    yield alias.name


def _defined(node: ast.AST) -> Iterator[str]:
    """Yield the private names that a node defines: a function, a class, a variable, `self._x =`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        names = [node.name]
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        names = [node.id]
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        names = [node.attr] if ast.unparse(node.value) == "self" else []
    else:
        names = []
    yield from filter(_is_private, names)


def _accessed(node: ast.AST) -> Iterator[str]:
    """Yield the private attributes that are read or set, also by name: `getattr(x, "_y")`."""
    for child in ast.walk(node):
        if isinstance(child, ast.Attribute) and _is_private(child.attr):
            yield child.attr
        elif isinstance(child, ast.Call) and ast.unparse(child.func) in _BY_NAME:
            for argument in child.args[1:2]:
                if isinstance(argument, ast.Constant) and _is_private(str(argument.value)):
                    yield str(argument.value)


_BY_NAME = ("getattr", "setattr", "hasattr", "delattr", "attrgetter")


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def _names_of_bases(cls: type[Any]) -> set[str]:
    """Return the private names of the classes of Textual's that a class derives from."""
    modules = {base.__module__ for base in cls.__mro__ if base.__module__.startswith("textual")}
    names: set[str] = set()
    for base in cls.__mro__:
        if base.__module__ in modules:
            names |= _names_of_class(base.__module__, base.__qualname__)
    return names


@cache
def _names_of_class(module: str, name: str) -> frozenset[str]:
    parsed = tree(Path(inspect.getfile(importlib.import_module(module))))
    classes = [n for n in ast.walk(parsed) if isinstance(n, ast.ClassDef) and n.name == name]
    return frozenset(defined for cls in classes for n in ast.walk(cls) for defined in _defined(n))


@cache
def _names() -> frozenset[str]:
    """Return every private name that Textual defines or uses."""
    sources = Path(inspect.getfile(textual)).parent.rglob("*.py")
    trees = (tree(source) for source in sources if "demo" not in source.parts)
    return frozenset(
        name for parsed in trees for node in ast.walk(parsed) for name in _defined(node)
    )
