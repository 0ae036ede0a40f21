"""`check`, `prepare` and `sample` from the command line: JSON, sentences and exit status."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bear_tui.cli import main
from tests.unit.data.coco_files import instances, served


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bear_tui", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(1)
    for label in ("bear", "cat"):
        (tmp_path / "source" / label).mkdir(parents=True)
        for number in range(8):
            image = Image.fromarray(pixels.integers(0, 256, (40, 60, 3), np.uint8))
            image.save(tmp_path / "source" / label / f"{number}.jpg")
    return tmp_path / "source"


def test_check_prints_the_contract_and_succeeds_with_problems(source: Path) -> None:
    (source / "bear" / "text.jpg").write_text("hello")
    (source / "cat" / "caf\udce9[b].jpg").touch()
    result = run("check", source, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document["classes"] == {"bear": {"all": 9}, "cat": {"all": 9}}
    assert document["images"] == 18
    assert document["problems"] == [
        {
            "path": f"{source}/cat/caf\udce9[b].jpg",
            "kind": "unreadable",
            "detail": "the file is empty",
        },
        {
            "path": f"{source}/bear/text.jpg",
            "kind": "not_an_image",
            "detail": "the content is no picture but text",
        },
    ]
    plain = run("check", source)
    assert plain.returncode == 0
    assert "caf\ufffd[b].jpg" in plain.stdout
    assert plain.stderr == "Problems: 1 unreadable, 1 not_an_image.\n"


def test_check_of_no_dataset_is_one_sentence(tmp_path: Path) -> None:
    result = run("check", tmp_path / "nowhere", "--json")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert str(tmp_path / "nowhere") in result.stderr


def test_prepare_writes_what_its_dry_run_says(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("prepare", source, "--out", out, "--hold-out", "2", "--json")
    dry = run(*arguments, "--dry-run")
    assert not out.exists()
    wet = run(*arguments)
    assert (dry.returncode, wet.returncode, wet.stderr) == (0, 0, "")
    assert dry.stdout == wet.stdout
    assert json.loads(wet.stdout) == {
        "out": str(out),
        "classes": {"bear": {"train": 6, "test": 2}, "cat": {"train": 6, "test": 2}},
        "excluded": [],
        "manifest": str(out / "manifest.json"),
    }
    assert len(list(out.rglob("*.jpg"))) == 16
    again = run(*arguments)
    assert (again.returncode, again.stdout) == (2, "")
    assert "not empty" in again.stderr


def test_classes_may_come_from_several_folders(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    classes = [f"--class=animal={source}/bear", f"--class=animal={source}/cat"]
    result = run("prepare", *classes, f"--class=b={source}/bear", "--out", out)
    # The bears were taken by the first class that names them.
    assert result.returncode == 2
    assert "b: 0 readable photos are too few" in result.stderr
    result = run("prepare", *classes[:1], f"--class=b={source}/cat", "--out", out)
    assert result.returncode == 0
    assert sorted(path.name for path in (out / "train").iterdir()) == ["animal", "b"]


def test_one_class_alone_is_written_and_said_to_be_too_few(source: Path, tmp_path: Path) -> None:
    result = run("prepare", "--class", f"bear={source / 'bear'}", "--out", tmp_path / "one")
    assert result.returncode == 0, result.stderr
    assert "A training needs two classes" in result.stderr
    assert "bear-tui train" not in result.stderr


def test_sources_that_make_no_sense_are_refused(source: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    for arguments, words in (
        ((source, "--class", f"a={source}"), "not both"),
        ((), "--class NAME=SOURCE per class"),
        (("--class", "bear"), "write NAME=SOURCE"),
    ):
        result = run("prepare", *arguments, *out)
        assert result.returncode == 2
        assert words in result.stderr


def test_sample_draws_a_dataset(tmp_path: Path) -> None:
    result = run("sample", "--out", tmp_path / "out", "--count", "6")
    assert (result.returncode, result.stdout) == (0, "")
    assert len(list((tmp_path / "out" / "test" / "bear").iterdir())) == 1
    assert len(list((tmp_path / "out" / "train" / "not_bear").iterdir())) == 5


def test_ctrl_c_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "bear_tui", "sample", "--out", str(out), "--count", "100000"],
        stderr=subprocess.PIPE,
        text=True,
        # Not started in the background of a shell, where Ctrl+C would be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while not any(name.startswith(".out.") for name in os.listdir(tmp_path)):  # noqa: PTH208
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.endswith(f"Stopped; nothing was written to {out}.\n")
    assert list(tmp_path.iterdir()) == []


def test_coco_photos_become_classes_with_their_licence(tmp_path: Path) -> None:
    coco = instances(tmp_path / "coco")
    out = tmp_path / "out"
    what = ("prepare", "--coco", coco, "--class", "bear=bear", "--rest", "not_bear")
    arguments = (*what, "--out", out, "--hold-out", "2", "--json")
    images = ("--images", tmp_path / "coco" / "images")
    result = run(*arguments, *images)
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["classes"] == {
        "bear": {"train": 4, "test": 2},
        "not_bear": {"train": 7, "test": 2},
    }
    manifest = json.loads((out / "manifest.json").read_text())
    assert {file["origin"]["licence"]["name"] for file in manifest["files"]} == {
        "Attribution-NonCommercial License"
    }
    for wrong, words in (
        (("prepare", "--coco", coco, "--out", tmp_path / "x"), "name what to tell apart"),
        (("prepare", "--images", coco, "--out", tmp_path / "x"), "belong to --coco"),
        ((*what[:4], "x=y", "--rest", "z", "--out", tmp_path / "x"), "file shows this"),
    ):
        refused = run(*wrong)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert words in refused.stderr


def test_coco_photos_are_downloaded_once_and_a_dry_run_downloads_none(tmp_path: Path) -> None:
    with served(tmp_path / "coco" / "images") as (url, asked):
        coco = instances(tmp_path / "coco", url)
        what = ("prepare", "--coco", coco, "--class", "bear=bear", "--rest", "not_bear")
        arguments = (*what, "--hold-out", "1", "--limit", "4", "--json", "--out")
        dry = run(*arguments, tmp_path / "one", "--dry-run")
        assert asked == []
        first = run(*arguments, tmp_path / "one")
        second = run(*arguments, tmp_path / "two")
    assert (first.returncode, second.returncode, len(asked)) == (0, 0, 8)
    counts = {label: {"train": 3, "test": 1} for label in ("bear", "not_bear")}
    assert json.loads(first.stdout)["classes"] == counts
    assert json.loads(dry.stdout)["classes"] == counts


def test_suspects_of_a_folder_or_of_a_run_are_the_contract(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from bear_tui.data.dataset import open_dataset
    from bear_tui.engine.suspects import inspection
    from bear_tui.recipe_defaults import default_recipe
    from bear_tui.run.runs import new_run

    # In this process, which has torch already, and so short: what is found is tested elsewhere.
    monkeypatch.setattr(inspection, "_EPOCHS", 2)

    def told(*arguments: object) -> list[dict[str, str]]:
        assert main(["suspects", *map(str, arguments), "--json"]) == 0
        found: list[dict[str, str]] = json.loads(capsys.readouterr().out)
        return found

    listed = told(source, "--weights", "none")
    assert listed
    assert all(set(one) == {"path", "label", "suggested", "confidence"} for one in listed)
    assert all(one["label"] != one["suggested"] for one in listed)
    assert all(Path(one["path"]).parent.name == one["label"] for one in listed)
    made = new_run(tmp_path / "runs", default_recipe(str(source), "vgg16-scratch"), "abcd")
    made.create(default_recipe(str(source), "vgg16-scratch"))
    of_run = told(made.run, "--runs", tmp_path / "runs")
    test = {str(photo.path) for photo in open_dataset(source).test}
    assert of_run
    assert not test & {one["path"] for one in of_run}, "test photos are left alone"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "neither a folder of photos nor a run"),
        (("source", "--weights", "x.pth"), "name the --model"),
        (("source", "--model", "resnet1"), "no such model"),
        (("source", "--model", "resnet18", "--weights", "x.pth"), "no such file"),
    ],
)
def test_suspects_of_what_cannot_be_are_a_sentence(
    arguments: tuple[str, ...],
    words: str,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(source.parent)
    assert main(["suspects", *arguments]) == 2
    assert words in capsys.readouterr().err
