"""Where the screens put text: none of it may be read as markup, none of it may be raw.

Read from the source, so that a slot nobody tested is found too.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bear_tui

_SCREENS = Path(bear_tui.__file__).parent / "tui"
_MARKUP = {"Static", "Label", "OptionList", "SelectionList", "notify"}
"""Calls that read `[red]` as a colour unless told otherwise."""
_TITLES = {"border_title", "border_subtitle", "tooltip"}
"""Attributes that read it so always, unless given a Content."""
_SLOTS = {
    *("Static", "Label", "Option", "Content", "Text", "styled", "assemble", "notify"),
    *("update", "add_row", "add_column", "add_option", "set_label"),
}
_FOREIGN = {
    *("path", "file", "root", "folder", "stem", "label", "predicted", "suggested", "run", "name"),
    *("message", "error", "failure", "sentence", "detail", "reason", "device", "data", "classes"),
}
"""Names of what came from outside: files, classes, runs, errors."""
_PLACES = re.compile(r"(.?[<>^])?\d*(\.\d+)?s?")
_OURS = {
    ("screens/suspects.py", "self.decided.sentence"),  # a count
    ("widgets/welcome.py", "name"),  # of a screen
    ("widgets/progress.py", "name"),  # made safe where several names are set at once
}
"""Names that are foreign elsewhere, and of our own words here."""


def _calls_safe(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "safe"


def _shown(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression whose own text is shown: not conditions, not arguments."""
    if _calls_safe(node):
        return
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue) and _is_text(part.format_spec):
                yield from _shown(part.value)
    elif isinstance(node, ast.IfExp):
        yield from _shown(node.body)
        yield from _shown(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from _shown(node.left)
        yield from _shown(node.right)
    elif isinstance(node, ast.BoolOp):
        for one in node.values:
            yield from _shown(one)
    elif isinstance(node, ast.Tuple) and node.elts:
        yield from _shown(node.elts[0])  # (text, style)
    elif isinstance(node, ast.Starred):
        yield from _shown(node.value)
    elif isinstance(node, ast.Call) and _called(node) in ("str", "join") and node.args:
        yield from _shown(node.args[0])
    elif isinstance(node, ast.GeneratorExp | ast.ListComp):
        yield from _shown(node.elt)
    elif isinstance(node, ast.Attribute | ast.Name):
        yield node


def _is_text(spec: ast.expr | None) -> bool:
    """Whether what is formatted so may be a text: no spec, or one of places only, `<20`, `>{n}`."""
    if not isinstance(spec, ast.JoinedStr):
        return True
    parts = [str(one.value) if isinstance(one, ast.Constant) else "1" for one in spec.values]
    return _PLACES.fullmatch("".join(parts)) is not None


def _called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


def _foreign(text: ast.expr, scope: ast.AST, where: str) -> Iterator[str]:
    """What is shown of `text` that came from outside; a name stands for what is put into it."""
    for part in _shown(text):
        name = str(getattr(part, "attr", getattr(part, "id", "")))
        if name not in _FOREIGN or (where, ast.unparse(part)) in _OURS:
            continue
        put = [
            node.value
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == ast.unparse(part)
        ]
        if not put or any(list(_foreign(one, ast.Module([], []), where)) for one in put):
            yield ast.unparse(part)


def _slips(source: str, where: str) -> Iterator[str]:
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    scopes: list[ast.AST] = [*functions] or [tree]
    for scope in scopes:
        for node in ast.walk(scope):
            place = f"{where}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and _called(node) in _MARKUP | _SLOTS:
                markup = [ast.unparse(word.value) for word in node.keywords if word.arg == "markup"]
                if _called(node) in _MARKUP and markup != ["False"]:
                    yield f"{place}: {_called(node)} without markup=False"
                for text in node.args if _called(node) in _SLOTS else ():
                    for slip in _foreign(text, scope, where):
                        yield f"{place}: {slip} is shown without safe()"
            elif isinstance(node, ast.Assign):
                names = {getattr(target, "attr", "") for target in node.targets}
                wrapped = isinstance(node.value, ast.Call) and _called(node.value) == "Content"
                outside = any(_calls_safe(one) for one in ast.walk(node.value))
                outside = outside or bool(list(_foreign(node.value, scope, where)))
                if names & _TITLES and outside and not wrapped:
                    yield f"{place}: {ast.unparse(node)} is read as markup; give it a Content"


def test_no_text_reaches_a_screen_raw_or_as_markup() -> None:
    files = sorted(_SCREENS.rglob("*.py"))
    assert len(files) > 50
    found = [
        slip
        for file in files
        for slip in _slips(file.read_text(), file.relative_to(_SCREENS).as_posix())
    ]
    assert not found, "\n".join(sorted(set(found)))


def test_the_reading_finds_what_it_is_for() -> None:
    source = """
Static(name, markup=False)
Static(safe(name))
pane.border_title = f"{safe(label)}"
line.update(f"{folder.path.name}: {safe(error)}")
line.update(f"{len(classes)} {count:,} {safe(name)} {safe(run):<9} {data:.1%}")
line.update(f"{label:<20}{stem:>{width}}")
line.update(", ".join(classes) + ", ".join(one.file for one in photos))
line.update(", ".join(safe(one.reason) for one in photos))
"""
    found = [slip.split(": ", 1)[1] for slip in _slips(source, "x.py")]
    assert sorted(set(found)) == [
        "Static without markup=False",
        "classes is shown without safe()",
        "folder.path.name is shown without safe()",
        "label is shown without safe()",
        "name is shown without safe()",
        "one.file is shown without safe()",
        "pane.border_title = f'{safe(label)}' is read as markup; give it a Content",
        "stem is shown without safe()",
    ]
