"""Files for other programs: opened without bear_tui, and refused where they answer otherwise."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors
import torch

from bear_tui.engine.fit import fit
from bear_tui.engine.inference.export import Exported, export
from bear_tui.engine.inference.predict import open_predictor, photos_to_test
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.models import checkpoint
from bear_tui.errors import BadInput, Failure
from bear_tui.files import read_text, write_text
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.results import predictions_csv

MakeRecipe = Callable[..., Recipe]
KINDS = pytest.mark.parametrize("kind", ["pt2", "onnx", "safetensors"])


@pytest.fixture
def run(recipe_for: MakeRecipe, tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "runs" / "run")
    list(fit(recipe_for(epochs=2), folder, Control()))
    return folder


def exported(run: RunFolder, kind: str, out: Path) -> Exported:
    if kind == "onnx":
        pytest.importorskip("onnxruntime")
    return export(run, kind, out)


@KINDS
def test_a_file_agrees_with_the_run_and_explains_itself(
    kind: str, run: RunFolder, tmp_path: Path
) -> None:
    out = tmp_path / f"model.{kind}"
    done = exported(run, kind, out)
    assert (done.path, done.photos) == (out, 12)
    assert done.difference < 1e-5
    assert done.run_difference is not None
    assert done.run_difference < 1e-5
    told = json.loads((tmp_path / f"model.{kind}.json").read_text())
    assert (told["model"], told["classes"], told["image_size"]) == ("mlp", ["green", "red"], 8)
    assert told["mean"] == [0.485, 0.456, 0.406]
    assert {path.name for path in tmp_path.iterdir()} == {"runs", out.name, f"{out.name}.json"}


# The first thing that a process does with the network: nothing was computed before.
_FIRST = """
import sys
from pathlib import Path

import torch

from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inference.export import export
from bear_tui.run.folder import RunFolder

export(RunFolder(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))
byte = torch.full((1, 3, 1, 1), 255, dtype=torch.uint8)
statistics = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
assert normalise(byte, statistics).flatten().tolist() == [2.0, 2.0, 2.0]
statistics = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
print([round(x, 3) for x in normalise(byte, statistics).flatten().tolist()])
"""


@KINDS
def test_an_export_may_be_the_first_that_a_process_does_and_leaves_it_sound(
    kind: str, run: RunFolder, tmp_path: Path
) -> None:
    if kind == "onnx":
        pytest.importorskip("onnxruntime")
    out = tmp_path / f"model.{kind}"
    command = [sys.executable, "-c", _FIRST, str(run.path), kind, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert out.exists()
    assert done.stdout.splitlines()[-1] == "[2.249, 2.429, 2.64]"


# What another program does: no bear_tui, photos as bytes, one at a time or any number.
_PT2 = """
import json, sys
sys.modules["bear_tui"] = None
import torch
extra = {"description.json": ""}
model = torch.export.load(sys.argv[1], extra_files=extra).module()
answers = lambda images: model(images).detach().tolist()
classes = json.loads(extra["description.json"])["classes"]
"""
_ONNX = """
import json, sys
sys.modules["bear_tui"] = None
sys.modules["torch"] = None
import onnxruntime
model = onnxruntime.InferenceSession(sys.argv[1])
answers = lambda images: model.run(None, {"images": images})[0].tolist()
metadata = model.get_modelmeta().custom_metadata_map
classes = json.loads(metadata["description"])["classes"]
"""
_ASK = """
import numpy
images = numpy.load(sys.argv[2])
if "torch" in globals():
    images = torch.from_numpy(images)
each = [answers(images[n : n + 1])[0] for n in range(len(images))]
print(json.dumps({"classes": classes, "together": answers(images), "each": each}))
"""


@pytest.mark.parametrize(("kind", "code"), [("pt2", _PT2), ("onnx", _ONNX)], ids=["pt2", "onnx"])
def test_a_process_without_bear_tui_gets_the_runs_predictions(
    kind: str, code: str, run: RunFolder, tmp_path: Path
) -> None:
    import numpy as np

    out = tmp_path / f"model.{kind}"
    exported(run, kind, out)
    photos = photos_to_test(run, None, ("green", "red"))
    images, _, _ = DecodedImages(photos, [0] * len(photos), 8).batch(range(len(photos)))
    np.save(tmp_path / "images.npy", images.contiguous().numpy())
    answer = subprocess.run(
        [sys.executable, "-c", code + _ASK, str(out), str(tmp_path / "images.npy")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    written = predictions_csv.probabilities_by_path(run.predictions_file)
    expected = torch.tensor([written[str(photo.path)] for photo in photos])
    assert found["classes"] == ["green", "red"]
    for way in ("together", "each"):
        assert torch.tensor(found[way]).sub(expected).abs().max() < 1e-4


def test_bare_weights_begin_a_run_as_a_pytorch_file_does(
    head_on_frozen_body: MakeRecipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = RunFolder(tmp_path / "first")
    list(fit(head_on_frozen_body(epochs=1), first, Control()))
    tensors, pickled = tmp_path / "w.safetensors", tmp_path / "w.pth"
    export(first, "safetensors", tensors)
    state = open_predictor(first).model.state_dict()
    torch.save(state, pickled)
    runs = []
    for weights in (tensors, pickled):
        recipe = replace(head_on_frozen_body(epochs=2, scheduler="none"), weights=str(weights))
        runs.append(RunFolder(tmp_path / weights.name.replace(".", "-")))
        if weights is tensors:  # resumed, with the file still there
            list(fit(replace(recipe, epochs=1), runs[-1], Control()))
        caplog.set_level("INFO")
        list(fit(recipe, runs[-1], Control()))
        assert f"{len(state)} tensors loaded from {weights}" in caplog.text
    one, other = (checkpoint.load(run.checkpoints / "last.pt").model for run in runs)
    assert all(one[name].equal(other[name]) for name in one)


def test_the_official_reader_reads_our_safetensors(run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "model.safetensors"
    export(run, "safetensors", out)
    weights = open_predictor(run).model.state_dict()
    with safetensors.safe_open(out, framework="pt") as file:
        assert set(file.keys()) == set(weights)
        assert all(file.get_tensor(name).equal(weights[name]) for name in weights)
        assert json.loads(file.metadata()["description"])["model"] == "mlp"
    assert int.from_bytes(out.read_bytes()[:8], "little") % 8 == 0, "the bytes are aligned"


@KINDS
def test_a_file_that_answers_otherwise_is_refused_and_not_kept(
    kind: str, run: RunFolder, tmp_path: Path
) -> None:
    lines = read_text(run.predictions_file).splitlines()
    path, label, predicted, *_ = lines[1].split(",")
    lines[1] = f"{path},{label},{predicted},0.5,0.5"
    write_text(run.predictions_file, "\r\n".join(lines) + "\r\n")
    with pytest.raises(Failure, match="refused: the file answers otherwise"):
        exported(run, kind, tmp_path / "model")
    assert [one.name for one in tmp_path.iterdir()] == ["runs"]


def test_a_photo_changed_since_the_test_is_no_reason_to_refuse(
    recipe_for: MakeRecipe, photos: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    subprocess.run(["cp", "-r", str(photos), str(data)], check=True)
    run = RunFolder(tmp_path / "run")
    list(fit(recipe_for(epochs=2, data=str(data)), run, Control()))
    green, red = (data / "test" / name / "000.png" for name in ("green", "red"))
    green.write_bytes(red.read_bytes())
    done = export(run, "safetensors", tmp_path / "model")
    assert (done.photos, done.difference < 1e-5) == (12, True)
    assert done.run_difference is not None
    assert done.run_difference < 1e-5


def test_a_run_trained_further_since_its_test_is_not_held_to_it(
    run: RunFolder, tmp_path: Path
) -> None:
    text = read_text(run.predictions_file)
    write_text(run.predictions_file, text.replace(",0.", ",0.0"))
    journal = Journal(run.journal_file)
    journal.append(RunStopped("asked to stop, with epochs after the test"))
    journal.close()
    done = export(run, "safetensors", tmp_path / "model")
    assert (done.photos, done.run_difference) == (12, None)


def test_without_its_photos_a_run_is_checked_on_random_pictures(
    run: RunFolder, tmp_path: Path
) -> None:
    recipe = read_text(run.recipe_file)
    data = run.recipe().data
    write_text(run.recipe_file, recipe.replace(data, str(tmp_path / "gone")))
    done = export(run, "pt2", tmp_path / "model.pt2")
    assert (done.photos, done.run_difference) == (0, None)
    assert done.difference < 1e-5


@pytest.mark.slow
def test_a_network_with_batchnorm_takes_any_number_of_photos(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    run = RunFolder(tmp_path / "run")
    recipe = recipe_for(model="resnet18", weights="none", unfreeze="all", image_size=32, epochs=1)
    list(fit(recipe, run, Control()))
    export(run, "pt2", tmp_path / "model.pt2")
    model = torch.export.load(tmp_path / "model.pt2").module()
    for count in (1, 3, 40):
        found = model(torch.zeros(count, 3, 32, 32, dtype=torch.uint8))
        assert found.shape == (count, 2)


def test_what_is_there_already_is_not_overwritten(run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "model.pt2"
    out.write_text("precious")
    with pytest.raises(BadInput, match="there already"):
        export(run, "pt2", out)
    assert out.read_text() == "precious"


def test_a_folder_that_is_not_there_is_a_sentence(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no such file or folder"):
        export(run, "safetensors", tmp_path / "no" / "model")


@pytest.fixture
def without_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)


@pytest.mark.usefixtures("without_onnx")
def test_onnx_without_its_packages_says_how_to_get_them(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="pip install onnx onnxruntime onnxscript"):
        export(run, "onnx", tmp_path / "model.onnx")
    assert [one.name for one in tmp_path.iterdir()] == ["runs"]


def test_a_pretrained_googlenet_is_asked_with_the_normalisation_it_learnt_with(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    from bear_tui.engine.models import builder

    weights = tmp_path / "googlenet.pth"
    torch.manual_seed(1)
    torch.save(builder.build("googlenet", 2, 64).state_dict(), weights)
    recipe = recipe_for(
        model="googlenet", weights=str(weights), unfreeze="head", image_size=64, epochs=1
    )
    run = RunFolder(tmp_path / "run")
    list(fit(recipe, run, Control()))
    assert vars(open_predictor(run).model)["transform_input"] is True
    written = predictions_csv.probabilities_by_path(run.predictions_file)
    photos = photos_to_test(run, None, ("green", "red"))
    found = open_predictor(run).predict(photos)
    expected = torch.tensor([written[str(photo.path)] for photo in found.photos])
    assert found.probabilities.sub(expected).abs().max() < 1e-5
