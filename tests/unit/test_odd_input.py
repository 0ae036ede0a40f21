"""To go into the test file of each module once the code does what they say."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui import paths
from bear_tui.commands.output import print_table
from bear_tui.data.folders.inventory import Photo
from bear_tui.engine.inference.evaluate import Predictions, write_predictions
from bear_tui.errors import BadInput
from bear_tui.files import explain, read_text, write_text
from bear_tui.recipe_check import problems
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import from_toml
from bear_tui.run.events import EpochCompleted, EpochStarted, PhaseCompleted, RunFailed, from_json
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.results import predictions_csv
from bear_tui.run.runs import find_run
from bear_tui.text import safe
from tests.unit.documents import show_document
from tests.unit.scripted import run_started

VGG = default_recipe("/photos", "vgg16")


def make(path: Path) -> RunFolder:
    folder = RunFolder(path)
    folder.create(default_recipe("/photos", "mlp"))
    return folder


# text
@pytest.mark.parametrize("mark", ["\u0e4e", "\u0489"])
def test_marks_without_a_combining_class_are_cut_too(mark: str) -> None:
    assert safe("a" + mark * 50 + "b") == "a" + mark * 3 + "b"


def test_a_text_cut_for_its_length_says_so_though_marks_were_left_out() -> None:
    assert safe("a" + "\u0301" * 3000 + "the end").endswith("…")


# files
def test_a_refusal_names_the_file_that_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "recipe.toml"
    with pytest.raises(OSError) as caught:
        write_text(path, "x")
    assert str(explain(caught.value, path)).startswith(f"{path}: ")


def test_a_name_as_long_as_the_disk_allows_can_be_written(tmp_path: Path) -> None:
    write_text(tmp_path / ("x" * 255), "y")
    assert read_text(tmp_path / ("x" * 255)) == "y"


# paths
def test_a_folder_whose_name_begins_with_a_tilde_is_no_home() -> None:
    assert paths.absolute("~no-such-user/x") == Path.cwd() / "~no-such-user" / "x"


# output
def test_a_heading_is_shown_as_safely_as_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["a\x1b[31mb", ":bear:"], [["1", "2"]], frozenset())
    assert capsys.readouterr().out.split() == ["a\ufffd[31mb", ":bear:", "1", "2"]


# recipe
@pytest.mark.parametrize("device", ["cuda:²", "cuda:٣", "cuda:01"])
def test_a_device_number_is_plain_digits(device: str) -> None:
    assert list(problems(replace(VGG, device=device))) == ["device"]


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("epochs", 100_001, "100,000"),
        ("batch_size", 65_537, "65,536"),
        ("learning_rate", 100.0, "100"),
        ("seed", 2**63, "2^63"),
    ],
)
def test_a_value_too_large_is_told_the_limit(field: str, value: float, limit: str) -> None:
    sentence = problems(replace(VGG, **{field: value}))[field]  # type: ignore[arg-type]
    assert limit in sentence


@pytest.mark.parametrize("unfreeze", ["head,", " head ,head"])
def test_the_head_alone_is_seen_however_it_is_written(unfreeze: str) -> None:
    assert "unfreeze" in problems(replace(VGG, weights="none", unfreeze=unfreeze))


def test_a_weights_name_too_long_for_the_disk_is_no_file() -> None:
    assert "no such file" in problems(replace(VGG, weights="w" * 5000))["weights"]


@pytest.mark.parametrize(
    "line",
    [
        "seed = " + "9" * 5000,
        "seed = " + "9" * 40,
        "learning_rate = " + "9" * 400,
        "learning_rate = nan",
        "x = " + "[" * 5000,
        "x = " + "{a=" * 5000,
        "epochs" + ".a" * 100_000 + " = 1",
        "model" + " . a" * 100_000 + " = 1",
        "[epochs" + ".a" * 100_000 + "]",
        "x = {epochs" + ".a" * 100_000 + " = 1}",
        "epochs" + ".'a'.\"b\"" * 50_000 + " = 1",
        "epochs" + ".a" * 40 + " = 1",
        "name = [" + "'long', " * 10_000 + "]",
    ],
    ids=lambda line: line[:20],
)
def test_a_toml_file_made_to_break_the_reader_is_a_sentence(line: str) -> None:
    with pytest.raises(BadInput, match=r"^my\.toml: ") as caught:
        from_toml(f'{line}\nmodel = "mlp"', "my.toml")
    assert len(str(caught.value)) < 1000


# events, journal
@pytest.mark.parametrize(
    "line",
    [
        '{"event": "EpochStarted", "epoch": "five"}',
        '{"event": "EpochStarted", "epoch": null}',
        '{"event": "EpochStarted", "epoch": [1]}',
        '{"event": "PhaseStarted", "epoch": 1, "phase": "nap", "steps": 3}',
        '{"event": "RunStopped", "reason": 1}',
        "[" * 100_000,
    ],
    ids=["text", "null", "list", "phase", "number", "deep"],
)
def test_a_field_of_another_type_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        from_json(line)


# folder
def test_a_viewers_look_at_the_lock_does_not_stop_a_trainer_from_starting(tmp_path: Path) -> None:
    folder = make(tmp_path / "run")
    with folder.lock(1.0):
        pass
    stop = threading.Event()

    def view() -> None:
        while not stop.is_set():
            folder.being_trained()

    viewers = [threading.Thread(target=view) for _ in range(2)]
    for viewer in viewers:
        viewer.start()
    try:
        for _ in range(300):
            with folder.lock(2.0):
                pass
    finally:
        stop.set()


def test_a_name_too_long_for_the_disk_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such run"):
        find_run("x" * 300, tmp_path)


# results
def test_a_loss_in_the_history_that_is_no_number_is_null(tmp_path: Path) -> None:
    folder = make(tmp_path / "run")
    journal = Journal(folder.journal_file)
    nan = float("nan")
    for event in (
        run_started(1),
        EpochStarted(1),
        PhaseCompleted(1, "train", nan, 0.5, 1.0),
        PhaseCompleted(1, "validation", nan, 0.5, 1.0),
        EpochCompleted(1, True),
        RunFailed("x"),
    ):
        journal.append(event)
    journal.close()
    assert show_document(folder)["history"][0]["train_loss"] is None


@pytest.mark.parametrize("content", ["[]", "null", "3"])
def test_a_dataset_file_of_another_shape_has_no_fingerprint(content: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "run")
    folder.dataset_file.write_text(content)
    assert show_document(folder)["dataset_fingerprint"] is None


@pytest.mark.parametrize("row", ["x.jpg", "", "x.jpg,a,zebra,0.5", "x.jpg,a,a", "x.jpg,a,a,much"])
def test_a_damaged_row_of_predictions_is_left_out(row: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"path,label,predicted,a\n{row}\ny.jpg,a,a,0.9\n")
    assert [row.path for row in predictions_csv.read(path)[1]] == ["y.jpg"]


# evaluate + results: a carriage return in a file name is legal
def test_a_photo_with_a_carriage_return_in_its_name_is_written_and_read(tmp_path: Path) -> None:
    import torch

    photo = Photo(Path("/p/a\rb.jpg"), "a", "test")
    found = Predictions((photo,), torch.tensor([0]), torch.tensor([[0.25, 0.75]]))
    write_predictions(tmp_path / "p.csv", ("a", "b"), found)
    assert predictions_csv.read(tmp_path / "p.csv")[1][0].path == "/p/a\rb.jpg"
