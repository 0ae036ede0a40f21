"""The command line as others rely on it: real processes, exit statuses, JSON."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow  # together more than half a minute


SHOW = {
    "run",
    "status",
    "model",
    "weights",
    "classes",
    "image_size",
    "device",
    "precision",
    "epochs_done",
    "best_epoch",
    "trainable_parameters",
    "total_parameters",
    "seconds",
    "dataset_fingerprint",
    "history",
    "test",
    "notes",
    "changes",
}


def bear_tui(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bear_tui", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def document(*arguments: object) -> Any:
    answer = bear_tui(*arguments, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli") / "photos"
    random = np.random.default_rng(3)
    for split, count in (("train", 20), ("test", 6)):
        for label, colour in (("bear", (120, 80, 40)), ("not_bear", (40, 120, 160))):
            folder = root / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                noise = random.integers(-40, 40, (32, 32, 3))
                pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{number}.png")
    return root


TRAIN = ("--model", "mlp", "--image-size", "16", "--epochs", "2", "--device", "cpu")


@pytest.fixture(scope="module")
def trained(photos: Path) -> tuple[Path, list[dict[str, Any]]]:
    """A folder of runs with one finished run, and the events it told."""
    runs = photos.parent / "runs"
    answer = bear_tui("train", "--data", photos, *TRAIN, "--runs", runs, "--name", "one", "--json")
    assert answer.returncode == 0, answer.stderr
    return runs, [json.loads(line) for line in answer.stdout.splitlines()]


def test_train_says_how_the_folder_was_read(
    trained: tuple[Path, list[dict[str, Any]]],
) -> None:
    (log,) = trained[0].glob("*/log.txt")
    said = "train/ and test/ found; 15% of train is set aside for validation."
    assert f"How the folder was read: {said}" in log.read_text()


def test_events_are_one_object_a_line_and_those_of_the_journal(
    trained: tuple[Path, list[dict[str, Any]]],
) -> None:
    runs, events = trained
    assert events[0]["event"] == "RunStarted"
    assert events[-1] == {"event": "RunCompleted"}
    journal = next(runs.iterdir()) / "events.jsonl"
    assert [json.loads(line) for line in journal.read_text().splitlines()] == events


def test_show_prints_the_contract(trained: tuple[Path, list[dict[str, Any]]]) -> None:
    runs, _ = trained
    shown = document("show", "last", "--runs", runs)
    assert set(shown) == SHOW
    assert shown["status"] == "completed"
    assert shown["epochs_done"] == 2
    assert set(shown["history"][0]) == {
        "epoch",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "learning_rate",
        "seconds",
    }
    test = shown["test"]
    assert set(test) == {
        "loss",
        "accuracy",
        "accuracy_ci95",
        "macro_f1",
        "per_class",
        "confusion_matrix",
        "mistakes",
        "unreadable",
    }
    assert sum(map(sum, test["confusion_matrix"])) == 12
    assert [one["class"] for one in test["per_class"]] == ["bear", "not_bear"]


def test_testing_again_gives_the_same_figures(
    trained: tuple[Path, list[dict[str, Any]]], photos: Path
) -> None:
    runs, _ = trained
    shown = document("show", "one", "--runs", runs)["test"]
    again = document("test", "one", "--runs", runs)["test"]
    other = document("test", "one", "--runs", runs, "--data", photos)["test"]
    assert again["confusion_matrix"] == shown["confusion_matrix"] == other["confusion_matrix"]
    assert again["loss"] == pytest.approx(shown["loss"], rel=1e-5)


def test_predict_answers_for_photos_folders_and_broken_files(
    trained: tuple[Path, list[dict[str, Any]]], photos: Path, tmp_path: Path
) -> None:
    runs, _ = trained
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    folder = photos / "test" / "bear"
    found = document("predict", "last", folder, broken, "--runs", runs)
    assert [set(one) for one in found] == [
        {"path", "predicted", "probability", "probabilities", "error"}
    ] * 7
    assert found[-1]["predicted"] is None
    assert found[-1]["error"].startswith("not_an_image")
    good = found[0]
    assert good["error"] is None
    assert sum(good["probabilities"].values()) == pytest.approx(1)
    assert good["probability"] == max(good["probabilities"].values())
    in_run = (next(runs.iterdir()) / "predictions.csv").read_text()
    row = next(line for line in in_run.splitlines() if good["path"] in line).split(",")
    assert float(row[3]) == pytest.approx(good["probabilities"]["bear"], abs=1e-5)


def test_runs_lists_what_was_trained(trained: tuple[Path, list[dict[str, Any]]]) -> None:
    runs, _ = trained
    listed = document("runs", "--runs", runs)
    assert [one["status"] for one in listed] == ["completed"]
    assert set(listed[0]) == {
        "run",
        "status",
        "model",
        "epochs_done",
        "epochs",
        "test_accuracy",
        "started",
        "seconds",
        "path",
    }


def test_layers_and_models_print_the_contract() -> None:
    layers = document("layers", "resnet18", "--unfreeze", "layer4")
    assert set(layers[0]) == {"name", "type", "output_shape", "parameters", "trainable"}
    trained_layers = {row["name"].split(".")[0] for row in layers if row["trainable"]}
    assert trained_layers == {"layer4", "fc"}
    assert {"mlp", "vgg16-scratch", "vgg16"} <= {row["name"] for row in document("models")}


def test_a_recipe_of_a_run_trains_the_same_again(
    trained: tuple[Path, list[dict[str, Any]]],
) -> None:
    runs, events = trained
    recipe = next(runs.iterdir()) / "recipe.toml"
    answer = bear_tui(
        "train", "--recipe", recipe, "--runs", runs.parent / "again", "--name", "two", "--json"
    )
    again = [json.loads(line) for line in answer.stdout.splitlines()]
    losses = [
        [event["loss"] for event in told if event["event"] == "PhaseCompleted"]
        for told in (events, again)
    ]
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "--data", "/no/such/folder"), "/no/such/folder"),
        (("train", "--data", "{photos}", "--model", "resnet19"), "resnet18"),
        (("train", "--data", "{photos}", *TRAIN, "--unfreeze", "layer9"), "layer9"),
        (("train", "--data", "{photos}", *TRAIN, "--device", "gpu"), "--device"),
        (("train", "--data", "{photos}", *TRAIN, "--epochs", "0"), "--epochs"),
        (("train", "--data", "{photos}", "--model", "vgg16-scratch", "--image-size", "8"), "32"),
        (("layers", "resnet18", "--image-size", "0"), "--image-size"),
        (("train", "--data", "{photos}", "--weights", "/no/w.pth"), "/no/w.pth"),
        (("train", "--data", "{photos}/train/bear"), "photos"),
        (("train", "--data", "{photos}", "--batch-size", "many"), "--batch-size"),
        (("train",), "--data"),
        (("show", "nothing", "--runs", "{photos}"), "no such run"),
        (("layers", "vgg61"), "vgg16"),
        (("frobnicate",), "frobnicate"),
        (("--data", "/no/such/folder"), "/no/such/folder"),
        ((), "terminal"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    arguments: tuple[str, ...], words: str, photos: Path, tmp_path: Path
) -> None:
    filled = [argument.format(photos=photos) for argument in arguments]
    runs = ["--runs", tmp_path / "runs"] if filled[:1] == ["train"] else []
    answer = bear_tui(*filled, *runs)
    assert answer.returncode == 2, answer.stderr
    assert answer.stdout == ""
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_step_and_leaves_a_run_that_can_go_on(
    number: signal.Signals, photos: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    command = [sys.executable, "-m", "bear_tui", "train", "--data", str(photos), *TRAIN]
    command += ["--epochs", "100000", "--runs", str(runs), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "StepCompleted" in line:
                break
        asked = time.monotonic()
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
    assert time.monotonic() - asked < 10
    assert process.returncode == 3, errors
    assert json.loads(rest.splitlines()[-1])["event"] == "RunStopped"
    listed = document("runs", "--runs", runs)
    assert listed[0]["status"] == "stopped"
    done = listed[0]["epochs_done"]
    resumed = bear_tui("resume", "last", "--runs", runs, "--epochs", done + 1, "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout.splitlines()[-1])["event"] == "RunCompleted"


def test_a_killed_training_is_shown_as_interrupted(photos: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    command = [sys.executable, "-m", "bear_tui", "train", "--data", str(photos), *TRAIN]
    command += ["--epochs", "100000", "--runs", str(runs), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "CheckpointSaved" in line:
                break
        assert document("runs", "--runs", runs)[0]["status"] == "running"
        os.kill(process.pid, signal.SIGKILL)
    assert document("runs", "--runs", runs)[0]["status"] == "interrupted"


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    answer = subprocess.run(
        f"{sys.executable} -m bear_tui models | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in answer.stderr
