"""`test --data` on photos that the run has seen says so, by their bytes and by what they show."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bear_tui import cli
from bear_tui.engine.fit import fit
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import summary


def draw(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    patches = np.random.default_rng(seed).integers(0, 256, (10, 10), np.uint8)
    Image.fromarray(patches).convert("RGB").resize((80, 80), Image.Resampling.BICUBIC).save(path)


@pytest.fixture
def run(recipe_for: Callable[..., Recipe], tmp_path: Path) -> RunFolder:
    seeds = iter(range(1000))
    for split, count in (("train", 10), ("validation", 4), ("test", 4)):
        for label in ("bear", "other"):
            for number in range(count):
                draw(tmp_path / "data" / split / label / f"{number}.png", next(seeds))
    folder = RunFolder(tmp_path / "runs" / "run")
    list(fit(recipe_for(data=str(tmp_path / "data"), epochs=1), folder, Control()))
    return folder


def asked_again(run: RunFolder, data: Path | None, capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    more = ["--data", str(data)] if data else []
    assert cli.main(["test", "run", "--runs", str(run.path.parent), *more, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def said(run: RunFolder, data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert cli.main(["test", "run", "--runs", str(run.path.parent), "--data", str(data)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("split", "what"), [("train", "trained the model"), ("validation", "chose the weights")]
)
@pytest.mark.parametrize("gone", [False, True])
def test_the_very_photos_are_known_by_their_bytes_even_when_they_are_gone_from_their_place(
    run: RunFolder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    split: str,
    what: str,
    gone: bool,
) -> None:
    other = tmp_path / "elsewhere"
    for label in ("bear", "other"):
        for path in sorted((tmp_path / "data" / split / label).iterdir())[:4]:
            target = other / label / f"copy of {path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
            if gone:
                path.unlink()
    found = asked_again(run, other, capsys)
    note = f"8 of 8 test photos also {what}, so the result is optimistic."
    assert note in found["notes"]
    assert f"! {note}" in said(run, other, capsys)


@pytest.mark.parametrize(
    ("split", "what"), [("train", "a training photo"), ("validation", "a validation photo")]
)
def test_copies_in_another_size_and_format_are_known_by_what_they_show(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str], split: str, what: str
) -> None:
    other = tmp_path / "elsewhere" / "test"
    for label in ("bear", "other"):
        draw(other / label / "new.png", 5000 + len(label))
        for path in sorted((tmp_path / "data" / split / label).iterdir())[:3]:
            with Image.open(path) as image:
                image.resize((60, 60)).save(other / label / f"{path.stem}.jpg", quality=80)
    found = asked_again(run, other.parent, capsys)
    assert any(
        n.startswith(f"6 of 8 test photos are nearly the same as {what}") for n in found["notes"]
    )
    shown = said(run, other.parent, capsys)
    assert f"is nearly {tmp_path / 'data' / split}" in shown
    assert "lookalikes.csv" not in shown, "they are not in the run's folder"


def test_photos_that_it_has_not_seen_flatter_nothing_and_have_the_other_notes(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in ("bear", "other"):
        for number in range(4):
            draw(tmp_path / "new" / label / f"{number}.png", 9000 + 10 * len(label) + number)
    found = asked_again(run, tmp_path / "new", capsys)
    assert not [note for note in found["notes"] if "optimistic" in note]
    assert any(note.startswith("8 test photos") for note in found["notes"])
    text = said(run, tmp_path / "new", capsys)
    assert all(f"! {note}" in text for note in found["notes"])


def test_its_own_test_photos_have_the_notes_that_show_has(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked_again(run, None, capsys)["notes"] == summary.show(run)["notes"] != []


def test_copies_that_nobody_can_know_because_the_training_photos_are_gone_are_told_of(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in ("bear", "other"):
        (tmp_path / "new" / label).mkdir(parents=True)
        for path in sorted((tmp_path / "data" / "train" / label).iterdir())[:4]:
            with Image.open(path) as image:
                image.resize((60, 60)).save(tmp_path / "new" / label / path.name)
            path.unlink()
    (note,) = [one for one in asked_again(run, tmp_path / "new", capsys)["notes"] if "28" in one]
    assert note.startswith("8 of 28 training and validation photos are no longer there")
    assert f"! {note}" in said(run, tmp_path / "new", capsys)
