"""Photos that cannot be read, for a moment or for good: tried again, counted, and said."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bear_tui import cli
from bear_tui.catalog import find_model
from bear_tui.engine.fit import fit
from bear_tui.engine.inference import evaluate
from bear_tui.engine.inputs.batches import shard_of
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import EarlyTestCompleted, EpochCompleted, RunStarted, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import summary
from tests.engine.conftest import draw_photos

SAID = "3 of 12 test photos could not be read"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two easy classes: 24 + 24 photos to train on, 6 + 6 to test."""
    root = tmp_path / "data"
    for split, count, seed in (("train", 24, 1), ("test", 6, 2)):
        draw_photos(root / split / "red", count, (190, 70, 70), seed)
        draw_photos(root / split / "green", count, (70, 190, 70), seed + 10)
    return root


def spoil(folder: Path) -> None:
    """One photo is gone, one cut short, in place of one stands a folder."""
    first, second, third, *_ = sorted(folder.iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:400])
    third.unlink()
    third.mkdir()


@pytest.fixture
def run(data: Path, recipe_for: Callable[..., Recipe], tmp_path: Path) -> RunFolder:
    """A run whose test photos were spoilt after it had begun; it was asked for an early test."""
    folder, control = RunFolder(tmp_path / "runs" / "run"), Control()
    for event in fit(recipe_for(data=str(data), epochs=2), folder, control):
        if isinstance(event, RunStarted):
            spoil(data / "test" / "red")
        if isinstance(event, EpochCompleted) and event.epoch == 1:
            control.want_early_test()
    return folder


def told(capsys: pytest.CaptureFixture[str], *command: object) -> str:
    capsys.readouterr()
    assert cli.main([*map(str, command)]) == 0
    return re.sub(r"\s+", " ", capsys.readouterr().out)


def document(capsys: pytest.CaptureFixture[str], *command: object) -> Any:
    capsys.readouterr()
    assert cli.main([*map(str, command), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_test_photos_that_could_not_be_read_are_said_wherever_the_result_is(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = ("--runs", run.path.parent)
    shown = document(capsys, "show", "run", *runs)
    assert shown["test"]["unreadable"] == 3
    assert sum(map(sum, shown["test"]["confusion_matrix"])) == 9
    assert shown["notes"][0].startswith(
        f"{SAID}: the accuracy and all other figures are over the 9"
    )
    assert json.loads(run.results_file.read_text())["test"]["unreadable"] == 3
    assert f"! {SAID}" in told(capsys, "show", "run", *runs)
    listed = told(capsys, "runs", *runs)
    assert "% of 9 " in listed
    assert f"! run: {SAID}." in listed
    assert document(capsys, "runs", *runs)[0]["test_unreadable"] == 3
    told(capsys, "report", "run", *runs, "--to", "html", "--out", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "the 9 of 12 test photos that could be read right" in page
    assert SAID in page
    told(capsys, "report", "run", *runs, "--to", "csv", "--out", tmp_path / "tables")
    header, row = (tmp_path / "tables" / "test.csv").read_text().split()
    assert dict(zip(header.split(","), row.split(","), strict=True))["unreadable"] == "3"
    assert all(str(path) in run.log_file.read_text() for path in _spoilt(run))


def _spoilt(run: RunFolder) -> list[Path]:
    return [Path(run.recipe().data) / f"test/red/{number:03}.png" for number in range(3)]


def test_the_events_say_how_many_an_early_and_the_last_test_could_not_read(run: RunFolder) -> None:
    state = run.state()
    assert isinstance(state.test, TestCompleted)
    assert state.test.unreadable == 3
    assert isinstance(state.early_test, EarlyTestCompleted)
    assert (state.early_test.photos, state.early_test.unreadable) == (9, 3)


def test_compare_says_it_and_pairs_what_both_read(
    run: RunFolder,
    data: Path,
    recipe_for: Callable[..., Recipe],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (data / "test/red/002.png").rmdir()
    draw_photos(data / "again", 6, (190, 70, 70), 2)
    for path in (data / "again").iterdir():
        path.replace(data / "test" / "red" / path.name)
    (data / "again").rmdir()
    whole = RunFolder(run.path.parent / "whole")
    list(fit(recipe_for(data=str(data), epochs=1), whole, Control()))
    compared = document(capsys, "compare", "run", "whole", "--runs", run.path.parent)
    assert [one["test_photos"] for one in compared["runs"]] == [9, 12]
    assert [one["test_unreadable"] for one in compared["runs"]] == [3, 0]
    assert compared["pairs"][0]["photos"] == 9
    assert f"A: {SAID}; two runs are compared on photos that both could read." in compared["notes"]


def test_testing_again_counts_photos_that_are_gone_broken_or_no_photo(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = ("--runs", run.path.parent)
    own = document(capsys, "test", "run", *runs)
    assert own["test"]["unreadable"] == 3
    assert sum(map(sum, own["test"]["confusion_matrix"])) == 9
    assert own["notes"][0].startswith(SAID)
    assert f"! {SAID}" in told(capsys, "test", "run", *runs)
    assert "log.txt" not in own["notes"][0], "which tells of the test that ended the run"
    other = tmp_path / "other"
    draw_photos(other / "red", 4, (190, 70, 70), 7)
    draw_photos(other / "green", 4, (70, 190, 70), 8)
    (other / "red/000.png").write_bytes(b"no photo")
    (other / "red/001.png").unlink()
    (other / "red/001.png").symlink_to("nowhere.png")
    tested = document(capsys, "test", "run", *runs, "--data", other)
    assert tested["test"]["unreadable"] == 2
    assert tested["notes"][0].startswith("2 of 8 test photos could not be read")


def test_a_result_of_an_earlier_version_is_told_as_far_as_its_files_tell(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.loads(line) for line in run.journal_file.read_text().splitlines()]
    for line in lines:
        line.pop("unreadable", None)
    run.journal_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    shown = document(capsys, "show", "run", "--runs", run.path.parent)
    assert shown["test"]["unreadable"] == 3
    assert shown["notes"][0].startswith(SAID)


def test_validation_photos_that_could_not_be_read_are_noted(
    data: Path, recipe_for: Callable[..., Recipe], tmp_path: Path
) -> None:
    for path in sorted((data / "train/red").iterdir())[:4]:
        (data / "validation/red").mkdir(parents=True, exist_ok=True)
        path.rename(data / "validation/red" / path.name)
    draw_photos(data / "validation/green", 4, (70, 190, 70), 50)
    run = RunFolder(tmp_path / "run")
    for event in fit(recipe_for(data=str(data), epochs=1), run, Control()):
        if isinstance(event, RunStarted):
            spoil(data / "validation" / "red")
    notes = summary.show(run)["notes"]
    assert any(note.startswith("3 of 8 validation photos could not be read") for note in notes)


def seen(inputs: BatchSource, phase: Any, epoch: int) -> set[str]:
    """The names of the photos that a phase takes."""
    inputs.decode_ahead(phase, epoch, 0)
    kept = [
        index
        for step, batch in enumerate(inputs.batches(phase, epoch))
        for index in inputs.batch(shard_of(phase, epoch, step, batch)).indices
    ]
    return {inputs.photos.photos[index].file for index in kept}


@pytest.mark.parametrize("model", ["mlp", "head on kept values", "head on views"])
@pytest.mark.parametrize("phase", ["train", "validation"])
def test_a_photo_that_was_refused_is_tried_again_in_each_epoch(
    model: str,
    phase: Any,
    data: Path,
    recipe_for: Callable[..., Recipe],
    head_on_frozen_body: Callable[..., Recipe],
) -> None:
    fields = {"augment": "light", "views": 2, "epochs": 6} if "views" in model else {}
    recipe = (recipe_for if model == "mlp" else head_on_frozen_body)(data=str(data), **fields)
    setup = prepare(resolve(recipe))
    photos = getattr(setup.dataset, phase)
    lost = photos[0].path
    with closing(BatchSource(setup)) as inputs:
        lost.rename(lost.with_suffix(".away"))
        for epoch in (1, 2):
            assert seen(inputs, phase, epoch) == {photo.file for photo in photos[1:]}
        lost.with_suffix(".away").rename(lost)
        for epoch in (3, 4, 5):
            assert seen(inputs, phase, epoch) == {photo.file for photo in photos}


def test_values_of_a_photo_that_was_cut_short_for_a_while_are_not_kept_for_later_runs(
    data: Path,
    head_on_frozen_body: Callable[..., Recipe],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bear_tui.engine.inputs.activation_cache._WORTH_KEEPING", 0.0)
    recipe = head_on_frozen_body(data=str(data), epochs=1)
    lost = data / "train" / "red" / "000.png"
    whole = lost.read_bytes()
    for event in fit(recipe, RunFolder(tmp_path / "first"), Control()):
        if isinstance(event, RunStarted):
            lost.write_bytes(whole[:400])
    lost.write_bytes(whole)
    setup = prepare(resolve(recipe))
    with closing(BatchSource(setup)) as inputs:
        assert seen(inputs, "train", 1) == {photo.file for photo in setup.dataset.train}


def test_a_test_photo_that_comes_back_while_the_others_are_tested_is_tested_too(
    data: Path, recipe_for: Callable[..., Recipe]
) -> None:
    recipe = recipe_for(data=str(data))
    setup = prepare(resolve(recipe))
    photos = setup.dataset.test
    lost = photos[0].path
    lost.rename(lost.with_suffix(".away"))

    def back(_done: int) -> None:
        if lost.with_suffix(".away").exists():
            lost.with_suffix(".away").rename(lost)

    labels = [setup.dataset.index[photo.label] for photo in photos]
    with closing(DecodedImages(photos, labels, 8)) as decoded:
        statistics = find_model("mlp").statistics
        found = evaluate.predict_photos(setup.model, decoded, setup.compute, statistics, 4, back)
    assert found.photos == photos


_REFUSES = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

/* Of every three times that a photo is opened, two are refused. */
static int asked[1024];

static int refused(const char *path) {
    const char *end = strrchr(path, '.');
    if (end == NULL || strcmp(end, ".png")) return 0;
    unsigned place = 5381;
    for (const char *at = path; *at; at++) place = place * 33 + (unsigned char)*at;
    return __sync_fetch_and_add(&asked[place % 1024], 1) % 3 != 2;
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        static int (*real)(const char *, int, ...); \
        va_list more; \
        va_start(more, flags); \
        int mode = va_arg(more, int); \
        va_end(more); \
        if (!real) real = dlsym(RTLD_NEXT, #name); \
        if (refused(path)) { errno = EIO; return -1; } \
        return real(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD is Linux's")
def test_a_disk_that_often_refuses_costs_no_photo(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here, which makes open() fail")
    for split, count in (("train", 4), ("test", 2)):
        draw_photos(tmp_path / "data" / split / "red", count, (190, 70, 70), count)
        draw_photos(tmp_path / "data" / split / "green", count, (70, 190, 70), 10 + count)
    (tmp_path / "refuses.c").write_text(_REFUSES)
    library = tmp_path / "refuses.so"
    source = str(tmp_path / "refuses.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), source, "-ldl"], check=True)
    train = [*("train", "--data", tmp_path / "data"), *("--model", "mlp", "--epochs", "1")]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bear_tui",
            *map(str, train),
            "--runs",
            str(tmp_path / "runs"),
            "--json",
        ],
        env={**os.environ, "LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    (test,) = (event for event in told if event["event"] == "TestCompleted")
    assert (test["unreadable"], sum(map(sum, test["confusion_matrix"]))) == (0, 4)
    (log,) = (tmp_path / "runs").glob("*/log.txt")
    assert "left out" not in log.read_text()
