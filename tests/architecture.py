"""Draw the package's parts and who imports whom: `python -m tests.architecture`.

Writes docs/architecture.svg. Parts stand above what they import; rooms within a part too. All is
computed from the imports, but for the sentences, which are the first lines of docstrings.
"""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from tests.imports import first_line, imports, imports_outside, modules

PICTURE = Path(__file__).parents[1] / "docs" / "architecture.svg"
PACKAGE = "bear_tui"
FACTS = "plain modules"
"""The part that joins the modules at the top of the package that import no other part."""

WIDTH, ROW, MARGIN, LETTER = 1000, 20, 12, 7.3
"""Of the picture, of a line and of a letter, in pixels."""
STYLE = (
    "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1c1c1c}"
    ".name{font-weight:bold}.part{font-weight:bold;font-size:14px}.note{fill:#5f5f5f}"
    "rect{fill:#fff;stroke:#8a8a8a}.band{fill:#f2f0ea;stroke:none}"
)

Graph = Mapping[str, set[str]]


def parts() -> dict[str, list[str]]:
    """Return the modules of each part: each package, the plain modules, and what is above them."""
    found: dict[str, list[str]] = {}
    for module in modules():
        found.setdefault(".".join(module.split(".")[:2]), []).append(module)
    packages = {part for part, within in found.items() if modules()[part].name == "__init__.py"}
    packages.discard(PACKAGE)
    plain = _facts([part for part in found if part not in packages], packages)
    joined = {part: within for part, within in found.items() if part not in plain}
    return joined | {FACTS: sorted(plain)}


def _facts(singles: list[str], packages: set[str]) -> set[str]:
    """Return the single modules that import none of the packages, by way of others neither."""
    plain = set(singles)
    while True:
        upward = {
            module
            for module in plain
            for target in imports(module)
            if (target in singles and target not in plain) or _within(target, packages)
        }
        if not upward:
            return plain
        plain -= upward


def _within(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def graph(names: Mapping[str, list[str]]) -> dict[str, set[str]]:
    """Return which of the named groups of modules import from which others."""
    group = {module: name for name, within in names.items() for module in within}
    return {
        name: {group[target] for module in within for target in imports(module) if target in group}
        - {name}
        for name, within in names.items()
    }


def levels(edges: Graph) -> dict[str, int]:
    """Return how high each name stands: one above the highest that it imports, 0 at the bottom.

    Names that import each other stand equally high.
    """
    below = {name: _reached(name, edges) for name in edges}
    height: dict[str, int] = {}
    for name in sorted(edges, key=lambda name: len(below[name] | {name})):
        lower = [height[target] for target in below[name] if name not in below[target]]
        height[name] = 1 + max(lower, default=-1)
    return height


def _reached(name: str, edges: Graph) -> set[str]:
    seen: set[str] = set()
    todo = [*edges[name]]
    while todo:
        target = todo.pop()
        if target not in seen:
            seen.add(target)
            todo += edges[target]
    return seen


def rooms(part: str, within: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the packages in a part with their modules, and the modules that are in none."""
    depth = len(part.split(".")) + 1
    found: dict[str, list[str]] = {}
    for module in within:
        room = ".".join(module.split(".")[:depth])
        if room != part:
            found.setdefault(room, []).append(module)
    packages = {
        room: files for room, files in found.items() if modules()[room].name == "__init__.py"
    }
    return packages, [room for room in found if room not in packages]


def door(part: str, other: str, within: Mapping[str, list[str]]) -> str:
    """Return the one module of a part that imports another part; empty where there are several."""
    doors = {
        module for module in within[part] for target in imports(module) if target in within[other]
    }
    (only, *others) = sorted(doors)
    return "" if others or only == part else only.removeprefix(f"{part}.")


def picture() -> str:
    """Return the picture as SVG."""
    within = parts()
    edges = graph(within)
    height = levels(edges)
    bands: list[str] = []
    y = MARGIN
    for part in sorted(within, key=lambda part: (-height[part], part)):
        band, bottom = _band(y, part, within, edges)
        bands += band
        y = bottom + MARGIN
    size = f'viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
    title = "The parts of bear_tui, each above what it imports"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{y}" stroke="none"/>',
    ]
    return "\n".join([*lines, *bands, "</svg>", ""])


def _band(
    top: int, part: str, within: Mapping[str, list[str]], edges: Graph
) -> tuple[list[str], int]:
    """Return the elements of a part that begins at `top`, and where it ends."""
    packages, singles = ({}, within[part]) if part == FACTS else rooms(part, within[part])
    purpose = "facts and functions that import no other part" if part == FACTS else first_line(part)
    y = top + ROW
    name = _short(part)
    elements = [
        _text(2 * MARGIN, y, name, "part"),
        _text(3 * MARGIN + round(8.5 * len(name)), y, purpose),
        _text(WIDTH - 10 * MARGIN, y, _foreign(within[part]), "name"),
    ]
    for row in _rows(packages):
        elements.append(
            f'<rect x="{2 * MARGIN}" y="{y + 7}" width="{WIDTH - 4 * MARGIN}"'
            f' height="{ROW * len(row)}" rx="3"/>'
        )
        for room in row:
            y += ROW
            elements.append(_text(3 * MARGIN, y + 1, room.removeprefix(f"{part}."), "name"))
            elements.append(_text(12 * MARGIN, y + 1, first_line(room)))
        y += 4
    for line in _wrapped([_short(single).rpartition(".")[2] for single in singles]):
        y += ROW
        elements.append(_text(2 * MARGIN, y, line))
    if edges[part]:
        y += ROW
        below = ", ".join(_through(part, other, within) for other in sorted(edges[part]))
        elements.append(_text(2 * MARGIN, y, f"imports {below}", "note"))
    y += MARGIN
    box = f'x="{MARGIN}" y="{top}" width="{WIDTH - 2 * MARGIN}" height="{y - top}"'
    return [f'<rect class="band" {box} rx="6"/>', *elements], y


def _rows(packages: Mapping[str, list[str]]) -> list[list[str]]:
    """Return the rooms of a part from top to bottom; a row for those that stand equally high."""
    height = levels(graph(packages))
    rows: dict[int, list[str]] = {}
    for room in sorted(packages):
        rows.setdefault(height[room], []).append(room)
    return [rows[level] for level in sorted(rows, reverse=True)]


def _through(part: str, other: str, within: Mapping[str, list[str]]) -> str:
    """Return the name of an imported part, with the one module that imports it."""
    only = door(part, other, within)
    return f"{_short(other)} (through {only} alone)" if only else _short(other)


def _foreign(files: list[str]) -> str:
    """Return which of textual and torch a part imports."""
    names = {name for module in files for name in imports_outside(module)}
    return ", ".join(sorted(names & {"textual", "torch"}))


def _short(name: str) -> str:
    return name.removeprefix(f"{PACKAGE}.")


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    letters = int((WIDTH - 3 * MARGIN - x) / LETTER)
    text = text if len(text) <= letters else text[: letters - 1] + "…"
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(text)}</text>' if text else ""


def _wrapped(names: list[str]) -> list[str]:
    """Return names with commas between, in lines that fit the picture."""
    lines: list[str] = []
    for name in names:
        if lines and len(lines[-1]) + len(name) + 2 <= (WIDTH - 5 * MARGIN) / LETTER:
            lines[-1] += f", {name}"
        else:
            lines.append(name)
    return lines


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
