"""Exact resume: a run stopped anywhere and gone on with is one that was never stopped."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bear_tui.engine.fit import fit
from bear_tui.engine.models import builder, checkpoint
from bear_tui.engine.training import saver
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control, ask
from bear_tui.run.folder import RunFolder
from tests.unit.documents import show_document

pytestmark = pytest.mark.slow  # together more than half a minute


MakeRecipe = Callable[..., Recipe]


class AtStep(Control):
    """Does something before the step numbered `count`, of training and validation together."""

    def __init__(self, count: int, act: Callable[[Control], None]) -> None:
        super().__init__()
        self._left, self._act = count, act

    def obey(self) -> str:
        if self._left == 0:
            self._act(self)
        self._left -= 1
        return super().obey()


def stop_at(count: int, recipe: Recipe, folder: RunFolder) -> None:
    told = list(fit(recipe, folder, AtStep(count, lambda control: control.stop("enough"))))
    assert told[-1] == e.RunStopped("enough")
    assert folder.state().status == "stopped"


def assert_same(one: RunFolder, other: RunFolder) -> None:
    """Bit-equal weights and optimizer, equal history and test."""
    for name in ("last.pt", "best.pt"):
        first, second = (checkpoint.load(run.checkpoints / name) for run in (one, other))
        assert first.model.keys() == second.model.keys()
        for key, tensor in first.model.items():
            assert tensor.equal(second.model[key]), key
        states = [list(checkpoint._tensors(saved.optimizer)) for saved in (first, second)]
        assert all(a.equal(b) for a, b in zip(*states, strict=True))
        assert replace(first.progress, seconds=0.0) == replace(second.progress, seconds=0.0)
    documents = [show_document(folder) for folder in (one, other)]
    for row in (row for document in documents for row in document["history"]):
        row.pop("seconds")
    assert documents[0]["history"] == documents[1]["history"]
    assert documents[0]["best_epoch"] == documents[1]["best_epoch"]
    assert documents[0]["test"] == documents[1]["test"]


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights for MobileNetV2, in torchvision's layout."""
    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2.pth"
    torch.manual_seed(3)
    torch.save(builder.build("mobilenet_v2", 1000, 32).state_dict(), path)
    return path


# An epoch has 10 steps of training and 2 of validation: 11 and 23 are in the middle of validation,
# 10 is between the phases, 12 between the epochs.
POINTS = (0, 4, 10, 11, 12, 23)


@pytest.fixture(scope="session")
def never_stopped() -> dict[tuple[str, str], RunFolder]:
    """Runs to compare with, made once."""
    return {}


@pytest.mark.parametrize("count", POINTS)
@pytest.mark.parametrize(
    ("unfreeze", "augment"), [("head", "none"), ("head", "standard"), ("all", "standard")]
)
def test_a_run_stopped_anywhere_and_resumed_ends_as_one_never_stopped(
    unfreeze: str,
    augment: str,
    count: int,
    recipe_for: MakeRecipe,
    weights: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    never_stopped: dict[tuple[str, str], RunFolder],
) -> None:
    """Frozen layers kept from the first epoch, computed anew each time, and none frozen."""
    recipe = recipe_for(
        model="mobilenet_v2",
        weights=str(weights),
        unfreeze=unfreeze,
        augment=augment,
        image_size=32,
        epochs=2,
        batch_size=4,
    )
    whole = never_stopped.get((unfreeze, augment))
    if whole is None:
        whole = RunFolder(tmp_path_factory.mktemp("whole") / "run")
        list(fit(recipe, whole, Control()))
        never_stopped[unfreeze, augment] = whole
    parts = RunFolder(tmp_path / "run")
    stop_at(count, recipe, parts)
    assert list(fit(recipe, parts, Control()))[-1] == e.RunCompleted()
    assert_same(whole, parts)
    kept = checkpoint.load(parts.checkpoints / "last.pt").prefix
    assert bool(kept) == (unfreeze == "head"), "the cut is part of what is saved"


@pytest.mark.parametrize("epochs", [2, 3])
def test_a_run_with_more_epochs_is_one_that_had_them_from_the_start(
    epochs: int, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    recipe = recipe_for(epochs=4, scheduler="none")
    list(fit(recipe, whole, Control()))
    list(fit(replace(recipe, epochs=epochs), parts, Control()))
    told = list(fit(recipe, parts, Control()))
    assert isinstance(told[0], e.RunStarted)
    assert told[0].start_epoch == epochs + 1
    assert_same(whole, parts)
    assert parts.recipe().epochs == epochs, "the recipe is the one it was started with"
    assert [change.epochs for change in parts.state().changes] == [4]


def test_a_stop_during_the_test_is_gone_on_with_there(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder, recipe = RunFolder(tmp_path / "run"), recipe_for(epochs=1, batch_size=4)
    stop_at(12, recipe, folder)  # the epoch's 12 steps are done
    told = list(fit(recipe, folder, Control()))
    assert [type(event) for event in told] == [e.RunStarted, e.TestCompleted, e.RunCompleted]


def test_a_long_epoch_is_saved_midway(
    recipe_for: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saver, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(saver, "_MOST_OF_TIME", 1e9)
    folder = RunFolder(tmp_path / "run")
    whole, recipe = RunFolder(tmp_path / "whole"), recipe_for(epochs=2, batch_size=4)
    list(fit(recipe, whole, Control()))

    class Killed(BaseException):
        """As if the process had ended there: nothing is saved on the way out."""

    def die(_control: Control) -> None:
        raise Killed

    class Slowly(AtStep):
        def obey(self) -> str:
            time.sleep(0.05)  # a step takes 1 ms here: the write that began before it ends first
            return super().obey()

    with pytest.raises(Killed):
        list(fit(recipe, folder, Slowly(9, die)))
    saved, _ = checkpoint.load_latest(folder.checkpoints)
    assert saved is not None
    assert saved.progress.epoch == 1
    assert 0 < saved.progress.step <= 9
    list(fit(recipe, folder, Control()))
    assert_same(whole, folder)


def test_another_learning_rate_and_more_epochs_reach_a_running_trainer(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder, recipe = RunFolder(tmp_path / "run"), recipe_for(epochs=2, scheduler="none")

    def change(_control: Control) -> None:
        ask(folder.control_file, "learning_rate", 0.25)
        ask(folder.control_file, "epochs", 3)
        control._requests._polled = 0.0  # type: ignore[union-attr]

    control = AtStep(8, change)  # in epoch 2
    told = list(fit(recipe, folder, control))
    rates = {ev.epoch: ev.learning_rate for ev in told if isinstance(ev, e.StepCompleted)}
    assert rates == {1: recipe.learning_rate, 2: 0.25, 3: 0.25}
    started = [event for event in told if isinstance(event, e.RunStarted)]
    assert [(event.start_epoch, event.epochs) for event in started] == [(1, 2)]
    assert isinstance(told[-1], e.RunCompleted)
    assert folder.recipe() == recipe, "the recipe is the one it was started with"
    assert folder.state().changes == (e.ScheduleChanged(2, 2, 0.25, 3),)
    assert folder.state().epochs_done == folder.state().epochs == 3


@pytest.mark.parametrize(("wanted", "done"), [(1, 2), (0, 2), (-5, 2)])
def test_an_epoch_that_has_begun_is_finished(
    wanted: int, done: int, recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    control = AtStep(8, lambda control: control.want("epochs", wanted))
    told = list(fit(recipe_for(epochs=5), folder, control))
    assert isinstance(told[-1], e.RunCompleted)
    assert folder.state().epochs_done == done


@pytest.fixture
def copied(photos: Path, tmp_path: Path) -> Path:
    subprocess.run(["cp", "-r", str(photos), str(tmp_path / "data")], check=True)
    return tmp_path / "data"


def test_changed_photos_are_refused_by_name_or_taken(
    recipe_for: MakeRecipe, tmp_path: Path, copied: Path
) -> None:
    recipe, folder = recipe_for(data=str(copied), epochs=1), RunFolder(tmp_path / "run")
    list(fit(recipe, folder, Control()))
    (copied / "train" / "red" / "000.png").unlink()
    (copied / "test" / "red" / "001.png").rename(copied / "test" / "green" / "new.png")
    more = replace(recipe, epochs=2)
    with pytest.raises(BadInput, match="the photos have changed") as caught:
        list(fit(more, folder, Control()))
    assert "2 photos are gone (test/red/001.png, train/red/000.png)" in str(caught.value)
    assert "1 photo is new (test/green/new.png)" in str(caught.value)
    assert "--accept-changes" in str(caught.value)
    assert folder.state().status == "completed", "a refusal changes nothing"
    told = list(fit(more, folder, Control(), accept_changes=True))
    assert isinstance(told[-1], e.RunCompleted)
    assert list(fit(replace(recipe, epochs=3), folder, Control()))[-1] == e.RunCompleted()


def test_other_classes_are_never_taken(
    recipe_for: MakeRecipe, tmp_path: Path, copied: Path
) -> None:
    recipe, folder = recipe_for(data=str(copied), epochs=1), RunFolder(tmp_path / "run")
    list(fit(recipe, folder, Control()))
    for split in ("train", "test"):
        (copied / split / "red").rename(copied / split / "blue")
    with pytest.raises(BadInput, match="the classes were green, red and are blue, green now"):
        list(fit(replace(recipe, epochs=2), folder, Control(), accept_changes=True))
