"""Runs by name: how a new one is called, and how one is found."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bear_tui.errors import BadInput
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs, find_run, new_run
from tests.unit.sample_runs import untrained_run

RECIPE = default_recipe("/photos/bears", "mlp")


def test_runs_are_listed_newest_first_and_other_things_left_out(tmp_path: Path) -> None:
    for run, started in (("b", 200.0), ("a", 100.0), ("c", 300.0), ("d", None)):
        untrained_run(tmp_path, run, started)
    (tmp_path / "notes").mkdir()
    (tmp_path / "readme.txt").touch()
    assert [folder.run for folder in all_runs(tmp_path)] == ["c", "b", "a", "d"]
    assert all_runs(tmp_path / "missing") == []
    assert all_runs(tmp_path / "readme.txt") == []


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for run, started in (("bears-mlp-1a", 100.0), ("bears-mlp-2b", 300.0), ("cats-1", 200.0)):
        untrained_run(tmp_path / "runs", run, started)
    untrained_run(tmp_path / "runs", "bears-mlp", 50.0)
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("cats-1", "cats-1"),
        ("cats", "cats-1"),
        ("c", "cats-1"),
        ("bears-mlp-2", "bears-mlp-2b"),
        ("bears-mlp", "bears-mlp"),  # an id, and also the beginning of two others
        ("last", "bears-mlp-2b"),
    ],
)
def test_a_run_is_found_by_id_beginning_or_last(name: str, run: str, runs: Path) -> None:
    assert find_run(name, runs) == RunFolder(runs / run)


def test_a_run_is_found_by_its_path(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert find_run(str(runs / "cats-1"), elsewhere).path == runs / "cats-1"
    monkeypatch.chdir(runs)
    assert find_run("./cats-1", elsewhere).path == runs / "cats-1"
    assert find_run("cats-1/", elsewhere).path == runs / "cats-1"


def test_an_ambiguous_beginning_is_refused_with_the_names(runs: Path) -> None:
    with pytest.raises(BadInput) as caught:
        find_run("bears-mlp-", runs)
    assert str(caught.value) == (
        "bears-mlp-: 2 runs begin so: bears-mlp-2b, bears-mlp-1a; type more of the name."
    )


@pytest.mark.parametrize("name", ["dogs", "", "../runs", "cats-10", "CATS", "a\x00b"])
def test_a_name_of_no_run_is_refused(name: str, runs: Path) -> None:
    with pytest.raises(BadInput, match=f"no such run in {runs}; `bear-tui runs` lists them"):
        find_run(name, runs)


def test_there_is_no_last_run_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no run in .* yet; `bear-tui train` makes one"):
        find_run("last", tmp_path)


@pytest.mark.parametrize(
    ("data", "name", "plain"),
    [
        ("/photos/bears", "", "bears-vgg16"),
        ("/photos/bears/", "", "bears-vgg16"),
        ("/photos/bears", "first try", "first-try"),
        ("/photos/bears", "../../etc/passwd", "etc-passwd"),
        ("/photos/bears", "--help", "help"),
        ("/photos/bears", ".hidden", "hidden"),
        ("/photos/bears", "..", "run"),
        ("/photos/bears", "Медведи", "run"),
        ("/photos/bears", "\x1b[2J\nx", "2J-x"),
        (os.fsdecode(b"/photos/caf\xe9"), "", "caf--vgg16"),
        ("/photos/bears", "x" * 500, "x" * 60),
        ("", "", "vgg16"),
    ],
)
def test_a_run_is_called_after_its_name_or_its_photos(
    data: str, name: str, plain: str, tmp_path: Path
) -> None:
    recipe = replace(default_recipe(data, "vgg16"), name=name)
    folder = new_run(tmp_path, recipe, "1f2e")
    assert folder.run == f"{plain}-1f2e"
    assert not folder.path.exists()
    folder.create(recipe)
    assert find_run(folder.run, tmp_path) == folder
    assert folder.recipe() == recipe


@given(st.text(st.characters(exclude_categories=())))
def test_no_name_leads_out_of_the_runs_folder(name: str) -> None:
    runs = Path("/runs")
    folder = new_run(runs, replace(RECIPE, name=name), "1f2e")
    assert folder.path.parent == runs
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*-1f2e", folder.run)
    assert len(folder.run) <= 65
