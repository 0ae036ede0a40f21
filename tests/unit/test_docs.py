"""What the README and docs/ promise exists, and what exists is in them."""

import argparse
import re
import shlex
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from bear_tui.cli import _first_word
from bear_tui.commands.examples import EXAMPLES
from bear_tui.commands.parser import parser
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.coco import CocoScreen
from bear_tui.tui.screens.compare import CompareScreen
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.screens.gallery import GalleryScreen
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.screens.predict import PredictScreen
from bear_tui.tui.screens.prepare import PrepareScreen
from bear_tui.tui.screens.queue import QueueScreen, WaitingRows
from bear_tui.tui.screens.rate import RateScreen
from bear_tui.tui.screens.results import ResultsScreen
from bear_tui.tui.screens.runs import RunsScreen
from bear_tui.tui.screens.suspects import SuspectsScreen
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.widgets.answers import AnswerRows
from bear_tui.tui.widgets.catalogue import Catalogue
from bear_tui.tui.widgets.category_rows import CategoryRows
from bear_tui.tui.widgets.choices import Choices
from bear_tui.tui.widgets.class_table import ClassRows
from bear_tui.tui.widgets.folder_tree import FolderTree
from bear_tui.tui.widgets.gallery import Gallery
from bear_tui.tui.widgets.header import TABS
from bear_tui.tui.widgets.layer_tree import LayerTree
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.reading import Reading

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = ROOT / "docs" / "commands.md"
SCREENS: dict[str, tuple[type[DOMNode], ...]] = {
    "dataset": (DatasetScreen, ClassRows, FolderTree),
    "model": (ModelScreen, Catalogue, LayerTree),
    "train": (TrainScreen,),
    "results": (ResultsScreen,),
    "runs": (RunsScreen,),
}
SHEETS: dict[str, tuple[type[DOMNode], ...]] = {
    "Prepare": (PrepareScreen,),
    "COCO": (CocoScreen, CategoryRows),
    "Suspects": (SuspectsScreen,),
    "Learning rate": (RateScreen,),
    "Queue": (QueueScreen, WaitingRows),
    "Export": (ExportScreen, Choices),
}
OVER: dict[str, tuple[str, tuple[type[DOMNode], ...]]] = {
    "Gallery": ("results", (GalleryScreen, Gallery)),
    "Compare": ("runs", (CompareScreen, Reading)),
    "Predict": ("runs", (PredictScreen, PathInput, AnswerRows)),
}
"""Screens that open over one of the five, and whose page tells of them."""
OTHERS: dict[str, tuple[type[DOMNode], ...]] = {
    "train": (Reading,),
    "results": OVER["Gallery"][1],
    "runs": (*OVER["Compare"][1], *OVER["Predict"][1]),
}
"""What the text of a page tells of beside its screen."""
KEY = (
    r"\S|(?:ctrl|shift)\+\S+|f\d|enter|esc(?:ape)?|space|tab|del(?:ete)?|left|right|up|down"
    r"|pg(?:up|dn)"
)
NAMES = {
    **{"del": "delete", "esc": "escape", "pageup": "pgup", "pagedown": "pgdn"},
    **{"slash": "/", "plus": "+", "equals_sign": "=", "minus": "-", "question_mark": "?"},
    **{"left_square_bracket": "[", "right_square_bracket": "]"},
}


def commands() -> dict[str, argparse.ArgumentParser]:
    parsers = [one for one in parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(parsers[0].choices)


def bound(classes: tuple[type[DOMNode], ...]) -> set[str]:
    """Every key of these parts, as the docs write it."""
    found = set()
    for one in classes:
        for base in one.__mro__:
            for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", [])):
                found.add(NAMES.get(binding.key, binding.key))
    return found


def lines(text: str) -> Iterator[str]:
    """The commands in the code blocks of a page, each on one line."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\||&&|>", line):
                found = re.search(r"(?:^|\s|/)bear-tui((?:\s.*)?$)", part)
                if found and "systemd-run" not in part:
                    yield found[1].split(";")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_documented_commands_are_understood(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("photos", "data"):  # what the pages call one's own photos
        (tmp_path / folder).mkdir()
    for line in lines(page.read_text()):
        words = shlex.split(line, comments=True)
        parser().parse_args(_first_word(words, commands()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_documented_options_exist(page: Path) -> None:
    known = {option for one in commands().values() for option in one._option_string_actions}
    known |= set(parser()._option_string_actions)
    others = (
        "torchrun|systemd|benchmarks|monkey|peers|pip install|pre-commit|pytest|loginctl|nvidia"
    )
    text = re.sub(rf"^.*(?:{others}).*$", "", page.read_text(), flags=re.MULTILINE)
    for option in re.findall(r"`[^`\n]*?(--[a-z][a-z-]+)", text):
        assert option in known, f"{option} in {page.name}"


def test_every_command_is_documented_and_has_examples_that_are_understood() -> None:
    page = COMMANDS.read_text()
    for name in commands():
        assert f"`bear-tui {name}" in page, name
        assert "examples:" in commands()[name].format_help()
    assert set(EXAMPLES) == {"", *commands()}
    for name, shown in EXAMPLES.items():
        for line in shown:
            words = shlex.split(re.split(r"[|>]", line)[-2 if ">" in line else -1])
            parser().parse_args(words[1:])
            assert not name or words[1] == name


def test_every_screen_has_its_page_and_is_in_the_readme() -> None:
    assert tuple(SCREENS) == TABS
    readme = (ROOT / "README.md").read_text()
    for number, name in enumerate(TABS, 1):
        page = (ROOT / "docs" / f"{name}.md").read_text()
        assert page.startswith(f"# {number} {name.capitalize()}")
        assert f"](../screenshots/{name}.svg)" in page
        assert (ROOT / "screenshots" / f"{name}.svg").is_file()
        assert f"(docs/{name}.md)" in readme


def test_every_picture_is_drawn_by_the_script_shown_on_a_page_and_small() -> None:
    pictures = ROOT / "screenshots"
    script = (pictures / "make.py").read_text()
    shown = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in re.findall(r"!\[[^\]]*\]\(([^)]*)\)", page.read_text())
    }
    taken = set(pictures.glob("*.svg"))
    assert shown - {ROOT / "docs" / "architecture.svg"} == taken
    for picture in taken:
        assert f'_take(pilot, "{picture.stem}")' in script
        assert picture.stat().st_size < 300_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link} in {page.name}"
        assert not anchor or anchor in anchors(target), f"{link} in {page.name}"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, queue = set(), [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        reached.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text())
        targets = {(page.parent / link).resolve() for link in links if "://" not in link}
        queue += targets - reached
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_make_targets_and_programs_that_pages_name_exist(page: Path) -> None:
    text = " ".join(page.read_text().split())
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for named in re.findall(r"`make ([a-z ]+)[^`]*`", text):
        assert set(named.split()) <= set(targets), f"make {named} in {page.name}"
    for module in re.findall(r"python -m (tests(?:\.\w+)+)", text):
        places = (ROOT / f"{module.replace('.', '/')}{end}" for end in (".py", "/__main__.py"))
        assert module == "tests.benchmarks.NAME" or any(map(Path.is_file, places)), module
    for benchmark in re.findall(
        r"^\| `(\w+)` \|", page.read_text().partition("## Benchmarks")[2], re.M
    ):
        assert (ROOT / "tests" / "benchmarks" / f"{benchmark}.py").is_file(), benchmark


def test_sentences_quoted_from_the_app_are_in_the_app() -> None:
    source = "".join(path.read_text() for path in (ROOT / "bear_tui").rglob("*.py"))
    page = (ROOT / "docs" / "troubleshooting.md").read_text()
    quoted = re.findall(r'^\| "([^"]+)"', page, re.MULTILINE)
    assert quoted
    assert not [sentence for sentence in quoted if sentence not in source]


@pytest.mark.parametrize("name", TABS)
def test_documented_keys_are_bound_and_the_keys_in_the_footer_documented(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text()
    documented = keys_in_table(page.partition("\n## ")[0])
    assert not documented - bound(SCREENS[name])
    assert not [key for key in in_the_footer(SCREENS[name][0]) if key not in documented | {"="}]


@pytest.mark.parametrize("title", SHEETS)
def test_a_sheet_is_documented_with_the_key_that_opens_it_and_with_its_own(title: str) -> None:
    documented = keys_in_section("sheets", title)
    assert not documented - bound(SHEETS[title])
    everywhere = bound((BearApp,))
    assert not in_the_footer(SHEETS[title][0]) - everywhere - documented


@pytest.mark.parametrize("title", OVER)
def test_a_screen_over_another_is_documented_with_the_key_that_opens_it_and_with_its_own(
    title: str,
) -> None:
    page, classes = OVER[title]
    documented = keys_in_section(page, title)
    assert not documented - bound(classes)
    assert not set().union(*map(in_the_footer, classes)) - bound((BearApp,)) - documented


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_keys_that_the_text_names_are_bound(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    named = {key for key in re.findall(r"`([^`\n]+)`", text) if re.fullmatch(KEY, key)}
    here = (*SCREENS.get(page.stem, ()), *OTHERS.get(page.stem, ()))
    if not here:  # a page about all of them
        every = (*SCREENS.values(), *SHEETS.values(), *OTHERS.values())
        here = tuple(chain.from_iterable(every))
    known = bound((*here, BearApp, Screen)) | {App.COMMAND_PALETTE_BINDING}
    assert not {NAMES.get(key, key) for key in named} - known


def anchors(page: Path) -> set[str]:
    """Return what a link to a heading of a page may name, as GitHub makes it."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def keys_in_section(page: str, title: str) -> set[str]:
    """Those of its table; the heading names a key that is bound on every screen it names."""
    text = (ROOT / "docs" / f"{page}.md").read_text()
    section = re.search(rf"^## {title}: `(\S+)` on ([^\n]*)$(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section, "it has a heading"
    for screen in section[2].lower().split(" and "):
        assert section[1] in bound(SCREENS[screen])
    found = keys_in_table(section[3])
    assert found
    return found


def keys_in_table(text: str) -> set[str]:
    """The keys in the first column."""
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`([^`]+)`", row)}


def in_the_footer(screen: type[DOMNode]) -> set[str]:
    """The first key of every binding of ours that the line of keys shows."""
    return {
        NAMES.get(binding.key, binding.key)
        for base in screen.__mro__
        if base.__module__.startswith("bear_tui.")
        for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", []))
        if binding.show
    }
