import errno
import itertools
import json
import math
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bear_tui.cli import main
from bear_tui.data.dataset import open_dataset
from bear_tui.engine.fit import fit
from bear_tui.engine.inputs.batches import batched
from bear_tui.engine.lr_finder import find_rate
from bear_tui.engine.models import builder, checkpoint
from bear_tui.engine.setup.resolve import resolve
from bear_tui.errors import BadInput, Failure
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_events
from tests.unit.documents import show_document

MakeRecipe = Callable[..., Recipe]


def test_the_events_follow_the_grammar_and_reach_the_journal(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    told = []
    for event in fit(recipe_for(epochs=2), folder, Control()):
        told.append(event)
        # Whoever acts on an event finds it in the journal already.
        assert list(read_events(folder.journal_file))[-1] == event
    phase = [e.PhaseStarted, e.StepCompleted, e.PhaseCompleted]
    epoch = [e.EpochStarted, *phase, *phase, e.EpochCompleted, e.CheckpointSaved]
    first = [*epoch[:-1], e.LayersProved, e.CheckpointSaved]
    kinds = [kind for kind, _ in itertools.groupby(type(event) for event in told)]
    assert kinds == [e.RunStarted, *first, *epoch, e.TestCompleted, e.RunCompleted]
    assert list(read_events(folder.journal_file)) == told


def test_a_model_learns_what_can_be_learnt(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    list(fit(recipe_for(epochs=4), folder, Control()))
    document = show_document(folder)
    assert document["status"] == "completed"
    assert document["test"]["accuracy"] == 1.0
    assert document["history"][-1]["train_loss"] < document["history"][0]["train_loss"]
    assert json.loads(folder.results_file.read_text()) == json.loads(json.dumps(document))
    rows = folder.predictions_file.read_text().splitlines()
    assert rows[0] == "path,label,predicted,green,red"
    assert len(rows) == 13


def test_steps_end_every_phase_and_count_every_photo(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    told = list(fit(recipe_for(epochs=1), RunFolder(tmp_path / "run"), Control()))
    started = {event.phase: event.steps for event in told if isinstance(event, e.PhaseStarted)}
    last = {event.phase: event for event in told if isinstance(event, e.StepCompleted)}
    done = {event.phase: event for event in told if isinstance(event, e.PhaseCompleted)}
    # 24 a class less 15% set aside: 40 to train on in 5 batches of 8, 8 to validate in one.
    assert started == {"train": 5, "validation": 1}
    for phase, steps in started.items():
        assert last[phase].step == steps
        assert last[phase].loss == done[phase].loss


def test_the_best_weights_are_those_of_the_best_epoch(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    told = list(fit(recipe_for(epochs=6, learning_rate=0.02), folder, Control()))
    scores = {
        event.epoch: (event.accuracy, -event.loss)
        for event in told
        if isinstance(event, e.PhaseCompleted) and event.phase == "validation"
    }
    best = max(scores, key=lambda epoch: scores[epoch])
    flagged = [ev.epoch for ev in told if isinstance(ev, e.EpochCompleted) and ev.is_best]
    assert flagged[-1] == best
    saved = checkpoint.load(folder.checkpoints / "best.pt")
    assert saved.progress.best_epoch == best


def test_a_finished_run_can_be_trained_further(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    list(fit(recipe_for(epochs=1, scheduler="none"), folder, Control()))
    told = list(fit(recipe_for(epochs=2, scheduler="none"), folder, Control()))
    assert isinstance(told[0], e.RunStarted)
    assert told[0].start_epoch == 2
    assert [row["epoch"] for row in show_document(folder)["history"]] == [1, 2]
    assert folder.recipe().epochs == 1
    assert show_document(folder)["changes"] == [
        {"epoch": 2, "step": 0, "learning_rate": 1e-3, "epochs": 2}
    ]


def test_patience_ends_a_training_that_gets_no_better(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(epochs=50, patience=2, learning_rate=1e-9, scheduler="step")
    folder = RunFolder(tmp_path / "run")
    told = list(fit(recipe, folder, Control()))
    assert isinstance(told[-1], e.RunCompleted)
    state = folder.state()
    assert state.best_epoch is not None
    assert state.epochs_done == state.best_epoch + 2 or state.epochs_done < 50


def test_patience_is_explained_by_what_it_watches(
    recipe_for: MakeRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "after N epochs without a better validation accuracy (or an equal one" in told
    folder = RunFolder(tmp_path / "run")
    list(fit(recipe_for(epochs=50, patience=2, learning_rate=1e-9), folder, Control()))
    shown = show_document(folder)
    rows = [(row["validation_accuracy"], -row["validation_loss"]) for row in shown["history"]]
    assert rows.index(max(rows)) + 1 == shown["best_epoch"] == len(rows) - 2
    assert "none had a higher validation accuracy" in folder.log_file.read_text()


def test_a_loss_that_is_no_number_ends_with_what_to_change(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(optimizer="sgd", learning_rate=90.0, epochs=30, scheduler="none")
    told = list(fit(recipe, RunFolder(tmp_path / "run"), Control()))
    assert isinstance(told[-1], e.RunFailed)
    assert "at step 5 of epoch 1, at a learning rate of 90; nothing was saved" in told[-1].error
    assert "Lower the learning rate" in told[-1].error
    assert all(math.isfinite(ev.loss) for ev in told if isinstance(ev, e.StepCompleted))


def test_an_unreadable_photo_is_named_and_left_out(
    recipe_for: MakeRecipe, tmp_path: Path, photos: Path
) -> None:
    data = tmp_path / "data"
    subprocess.run(["cp", "-r", str(photos), str(data)], check=True)
    for split in ("train", "test"):
        path = data / split / "red" / "000.png"
        path.write_bytes(path.read_bytes()[:200])
    folder = RunFolder(tmp_path / "run")
    told = list(fit(recipe_for(data=str(data), epochs=1), folder, Control()))
    assert isinstance(told[-1], e.RunCompleted)
    test = show_document(folder)["test"]
    assert [one["support"] for one in test["per_class"]] == [6, 5]
    log = folder.log_file.read_text()
    assert str(data / "train" / "red" / "000.png") in log
    assert str(data / "test" / "red" / "000.png") in log


def test_photos_of_which_none_can_be_read_end_with_a_sentence(
    recipe_for: MakeRecipe, tmp_path: Path, photos: Path
) -> None:
    data = tmp_path / "data"
    subprocess.run(["cp", "-r", str(photos), str(data)], check=True)
    for path in (data / "train").rglob("*.png"):
        path.write_bytes(path.read_bytes()[:200])
    told = list(fit(recipe_for(data=str(data)), RunFolder(tmp_path / "run"), Control()))
    assert isinstance(told[-1], e.RunFailed)
    assert "no photo could be read" in told[-1].error


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"data": "/nowhere/at/all"}, "/nowhere/at/all"),
        ({"model": "resnet19"}, "resnet18"),
        ({"unfreeze": "layers.9"}, "layers.9"),
        ({"device": "cuda:77"}, "--device"),
        ({"device": "tpu"}, "--device"),
        ({"model": "vgg16-scratch", "image_size": 16}, "32"),
        ({"model": "resnet18", "weights": "/no/such.pth"}, "no such file"),
    ],
)
def test_bad_input_is_a_sentence_and_leaves_nothing(
    change: dict[str, object], sentence: str, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "runs" / "run")
    recipe = replace(recipe_for(), **change)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=sentence):
        list(fit(recipe, folder, Control()))
    assert not (tmp_path / "runs").exists()


def test_a_last_single_photo_joins_its_neighbours() -> None:
    assert batched(list(range(9)), 4) == [[0, 1, 2, 3], [4, 5, 6, 7, 8]]
    assert batched([0], 4) == [[0]]


def test_bf16_on_a_cpu_trains_too(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    told = list(fit(recipe_for(precision="bf16"), folder, Control()))
    assert isinstance(told[-1], e.RunCompleted)
    assert folder.state().precision == "bf16"


@pytest.mark.slow
def test_vgg16_from_scratch_takes_a_step_at_228_pixels() -> None:
    from bear_tui.engine.models.builder import build

    model = build("vgg16-scratch", 2, 228)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    before = model.get_parameter("features.0.weight").clone()
    loss = torch.nn.functional.cross_entropy(
        model(torch.rand(2, 3, 228, 228)), torch.tensor([0, 1])
    )
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    assert not model.get_parameter("features.0.weight").equal(before)


def test_a_batch_in_parts_learns_the_same_as_in_one(
    recipe_for: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = []
    for name, parts in (("whole", 8), ("parts", 3)):
        monkeypatch.setattr(
            "bear_tui.engine.compute.device.Compute.micro_batch", lambda *_, parts=parts: parts
        )
        told = list(fit(recipe_for(), RunFolder(tmp_path / name), Control()))
        losses.append([ev.loss for ev in told if isinstance(ev, e.PhaseCompleted)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_dataset_that_is_open_already_is_not_listed_again(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    copy = shutil.copytree(recipe_for().data, tmp_path / "photos")  # others use the photos too
    recipe = replace(recipe_for(epochs=1), data=str(copy))
    folder = RunFolder(tmp_path / "run")
    opened = open_dataset(Path(recipe.data), recipe.validation, recipe.seed)
    photo = opened.train[0].path
    shutil.copy(photo, photo.with_stem("later"))
    list(fit(resolve(recipe, opened), folder, Control()))
    files = json.loads(folder.dataset_file.read_text())["files"]
    assert len(files) == len(opened.train) + len(opened.validation) + len(opened.test)


def test_a_batch_of_one_is_refused_where_batchnorm_learns(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(
        model="resnet18", weights="none", unfreeze="all", image_size=32, batch_size=1, epochs=1
    )
    *_, last = fit(recipe, RunFolder(tmp_path / "run"), Control())
    assert isinstance(last, e.RunFailed)
    assert last.error.startswith("--batch-size 1: BatchNorm learns from two photos or more")


def test_a_validation_tells_of_the_rate_that_the_epoch_ended_with(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    recipe = recipe_for(scheduler="cosine", batch_size=4)
    told = fit(recipe, RunFolder(tmp_path / "run"), Control())
    ends = [event for event in told if isinstance(event, e.StepCompleted)]
    for epoch in range(1, recipe.epochs + 1):
        rates = {event.phase: event.learning_rate for event in ends if event.epoch == epoch}
        assert rates["validation"] == rates["train"]


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (torch.OutOfMemoryError(), "the GPU's memory ran out at batch size 8; see with"),
        (OSError(errno.EDQUOT, "", "/cache"), "/cache: your disk quota is used up; free"),
    ],
)
def test_what_is_refused_before_the_first_step_is_a_sentence(
    recipe_for: MakeRecipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Exception,
    sentence: str,
) -> None:
    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(builder, "place", refuse)  # a GPU that others fill is not to be had here
    with pytest.raises(Failure, match=f"^{sentence}"):
        list(fit(recipe_for(), RunFolder(tmp_path / "run"), Control()))
    with pytest.raises(Failure, match=f"^{sentence}"):
        find_rate(recipe_for())
    assert not (tmp_path / "run").exists()
