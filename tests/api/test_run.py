"""A run from Python: found, read, asked, resumed, exported, shown in a notebook."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import bear_tui
from bear_tui import cli
from bear_tui.api.settings import Settings
from bear_tui.errors import BadInput
from bear_tui.run.events import Event, RunStarted
from tests.api.conftest import QUICK
from tests.engine.conftest import draw_photos


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert cli.main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_runs_are_found_by_last_id_beginning_and_path(
    run: bear_tui.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run.path.parent
    assert bear_tui.runs(folder) == [run]
    for name in ("last", run.id, run.id[:-2], run.path):
        assert bear_tui.open_run(name, runs=folder) == run
    monkeypatch.setenv("BEAR_TUI_RUNS", str(folder))
    assert bear_tui.open_run() == run
    with pytest.raises(BadInput, match="no such run"):
        bear_tui.open_run("other", runs=folder)


def test_results_are_what_show_prints(
    run: bear_tui.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said(capsys, "show", str(run.path))
    assert json.loads(json.dumps(run.results())) == shown
    assert run.history() == shown["history"]
    assert [row["epoch"] for row in run.history()] == [1, 2]


def test_a_new_test_is_what_test_prints(
    run: bear_tui.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_photos(tmp_path / "red", 3, (190, 70, 70), 9)
    draw_photos(tmp_path / "green", 2, (70, 190, 70), 9)
    for data in (None, tmp_path):
        option = ("--data", str(data)) if data else ()
        tested = run.test(data)
        assert json.loads(json.dumps(tested)) == said(capsys, "test", str(run.path), *option)
        assert tested["test"] is not None
        counts = [row["support"] for row in tested["test"]["per_class"]]
        assert counts == ([2, 3] if data else [4, 4])


def test_predictions_are_what_predict_prints_in_the_order_of_the_photos(
    run: bear_tui.Run, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [photos / "test" / "red" / "001.png", photos / "test" / "green" / "000.png"]
    printed = said(capsys, "predict", str(run.path), *map(str, paths), "--unsure", "0.9")
    found = run.predict(paths, unsure_below=0.9)
    for one, row, path in zip(found, printed, paths, strict=True):
        assert one.path == path == Path(row["path"])
        assert one.label == row["predicted"]
        # Photos that are decoded in time share a batch, which is worth a last digit.
        assert one.probabilities == pytest.approx(row["probabilities"], abs=1e-6)
        assert one.probability == pytest.approx(row["probability"], abs=1e-6)
        assert one.chance == pytest.approx(row["chance"], abs=1e-6)
        assert one.unsure == row["unsure"]


def test_folders_single_paths_and_images_are_predicted_too(run: bear_tui.Run, photos: Path) -> None:
    folder = photos / "test" / "red"
    of_folder = run.predict(folder)
    assert [one.path for one in of_folder] == sorted(folder.iterdir())
    path = folder / "000.png"
    (single,) = run.predict(str(path))
    assert single.probabilities == pytest.approx(of_folder[0].probabilities, abs=1e-6)
    with Image.open(path) as image:
        (of_image,) = run.predict(image)
    assert of_image.path is None
    assert of_image.probabilities == pytest.approx(single.probabilities, abs=1e-6)
    floats = Image.fromarray(np.full((9, 5), 0.5, np.float32))
    mixed = run.predict([floats, path, Image.open(path).convert("CMYK")])
    assert [one.path for one in mixed] == [None, path, None]
    assert mixed[1].label == single.label


def test_a_photo_turned_by_its_exif_is_seen_upright_in_memory_too(
    run: bear_tui.Run, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.random.default_rng(1).integers(0, 256, (30, 50, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    (of_file,) = run.predict(tmp_path / "turned.png")
    (of_image,) = run.predict(Image.open(tmp_path / "turned.png"))
    assert of_image.probabilities == of_file.probabilities


def test_a_photo_that_cannot_be_read_has_an_error_and_a_missing_one_is_refused(
    run: bear_tui.Run, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    (broken,) = run.predict(tmp_path)
    assert broken.label is None
    assert broken.error
    with pytest.raises(BadInput, match="no such photo"):
        run.predict(tmp_path / "missing.jpg")


def test_more_epochs_are_trained_on_and_a_finished_run_needs_them(
    photos: Path, tmp_path: Path
) -> None:
    run = bear_tui.train(photos, runs=tmp_path, **QUICK)
    with pytest.raises(BadInput, match="2 epochs of 2 done; name more_epochs"):
        run.resume()
    with pytest.raises(BadInput, match="more_epochs=0"):
        run.resume(rate="restart")
    events: list[Event] = []
    assert run.resume(more_epochs=1, on_event=events.append) is run
    assert isinstance(events[0], RunStarted)
    assert events[0].start_epoch == 3
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]
    run.resume(more_epochs=1, rate="restart")
    rates = [row["learning_rate"] for row in run.history()]
    assert rates[3] > rates[2], "the schedule began again"  # type: ignore[operator]


def test_a_model_and_a_report_are_written(run: bear_tui.Run, tmp_path: Path) -> None:
    exported = run.export(tmp_path / "model.safetensors")
    assert exported.path.is_file()
    assert exported.photos == 8
    assert exported.difference < 1e-4
    with pytest.raises(BadInput, match="end its name in"):
        run.export(tmp_path / "model.h5")
    with pytest.raises(BadInput, match="there already"):
        run.export(tmp_path / "model.safetensors")
    assert "<!doctype html>" in run.report(tmp_path / "page.html").read_text()
    tables = run.report(tmp_path / "tables", to="csv")
    assert (tables / "epochs.csv").is_file()


def test_two_runs_are_compared(run: bear_tui.Run, photos: Path, tmp_path: Path) -> None:
    settings: Settings = {**QUICK, "seed": 2}
    other = bear_tui.train(photos, runs=tmp_path, **settings)
    compared = bear_tui.compare(run, other)
    assert [row["run"] for row in compared["runs"]] == [run.id, other.id]
    assert compared["settings"] == {"seed": [1, 2]}
    with pytest.raises(BadInput, match="two runs or more"):
        bear_tui.compare(run)


def test_a_notebook_shows_the_figures_in_a_frame_that_nothing_escapes(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    odd = '</iframe><script>alert("x")'.replace("/", "\N{FRACTION SLASH}")
    for split, seed in (("train", 1), ("test", 2)):
        draw_photos(root / split / "red", 4, (190, 70, 70), seed)
        draw_photos(root / split / odd, 4, (70, 190, 70), seed)
    run = bear_tui.train(root, runs=tmp_path / "runs", **QUICK)
    html = run._repr_html_()
    frame = re.fullmatch(r'<iframe srcdoc="([^"]*)" sandbox style="[^"<>]*"></iframe>', html)
    assert frame, "one element, with nothing behind an attribute's end"
    page = unescape(frame[1])
    test = run.results()["test"]
    assert test is not None
    assert test["accuracy"] is not None
    assert f"{test['accuracy']:.1%}" in page
    assert "<polyline" in page
    assert "<script" not in page
    assert "<img" not in page, "photos stay out of the notebook's file"


def test_a_run_says_what_it_is_whatever_state_it_is_in(run: bear_tui.Run, tmp_path: Path) -> None:
    assert re.fullmatch(
        rf"<Run {run.id}: completed, 2 of 2 epochs, test accuracy [\d.]+%>", repr(run)
    )
    gone = bear_tui.Run(tmp_path / "gone\x1b[31m")
    assert "\x1b" not in repr(gone) + gone._repr_html_()
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "recipe.toml").write_text("model = 3")
    (damaged / "events.jsonl").symlink_to("/dev/zero")
    assert "cannot be read" in repr(bear_tui.Run(damaged))
    assert bear_tui.Run(damaged)._repr_html_().startswith("<pre>")


def test_only_a_run_that_is_trained_can_be_stopped(run: bear_tui.Run) -> None:
    with pytest.raises(BadInput, match="nobody trains it; it is completed"):
        run.stop()
