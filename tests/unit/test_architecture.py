"""The picture and the page of the architecture agree with the code."""

import re
from itertools import chain
from pathlib import Path

import pytest

from tests import architecture
from tests.imports import ROOT, modules

DOCS = ROOT.parent / "docs"
PAGES = [ROOT.parent / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def test_the_picture_is_what_the_imports_say() -> None:
    assert architecture.PICTURE.read_text("utf-8") == architecture.picture(), (
        "docs/architecture.svg is out of date: run `python -m tests.architecture`"
    )


def test_what_is_imported_stands_lower_and_circles_stand_together() -> None:
    edges = {
        "above a circle": {"left"},
        "top": {"left", "right"},
        "left": {"right", "floor"},
        "right": {"left"},
        "floor": set(),
        "alone": set(),
    }
    height = architecture.levels(edges)
    assert height == {
        "floor": 0,
        "alone": 0,
        "left": 1,
        "right": 1,
        "top": 2,
        "above a circle": 2,
    }


def test_every_module_is_in_one_part_and_the_plain_ones_import_no_package() -> None:
    within = architecture.parts()
    assert sorted(chain.from_iterable(within.values())) == sorted(modules())
    assert "bear_tui.recipe" in within[architecture.FACTS]
    assert "bear_tui.cli" not in within[architecture.FACTS]
    assert not architecture.graph(within)[architecture.FACTS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_a_page_names_exist(page: Path) -> None:
    for name in re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|tsv))`", page.read_text("utf-8")):
        assert (ROOT / name).is_file() or (ROOT.parent / name).is_file(), name


def test_folders_that_the_page_names_exist() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:[\w-]+/)+)`", page)
    assert named
    for name in named:
        assert (ROOT / name).is_dir() or (ROOT.parent / name).is_dir(), name


def test_names_in_the_table_of_changes_are_in_the_file_beside_them() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    table = page.partition("## Where to put a change")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w.]+)`(?: and `(\w+)`)? in `([\w/]+\.py)`", table)
    assert len(named) > 5
    for first, second, file in named:
        source = (ROOT / file).read_text("utf-8")
        for name in filter(None, (first.rpartition(".")[2], second)):
            assert re.search(rf"\b{name}\b", source), f"{name} in {file}"
