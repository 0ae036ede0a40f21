"""Testing the best weights while the training goes on: told, and nothing else is changed."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.engine.inference import evaluate
from bear_tui.engine.models import checkpoint
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control, ask
from bear_tui.run.folder import RunFolder
from tests.engine.test_resume import AtStep, assert_same
from tests.unit.documents import review_document

MakeRecipe = Callable[..., Recipe]


@pytest.fixture(scope="module")
def whole_run() -> dict[str, RunFolder]:
    """The run that nobody looked at, made once."""
    return {}


# 10 steps of training and 2 of validation: in the first epoch, in training, in validation.
@pytest.mark.parametrize("count", [4, 15, 23])
def test_a_look_at_the_test_photos_is_told_and_changes_no_bit(
    count: int,
    recipe_for: MakeRecipe,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    whole_run: dict[str, RunFolder],
) -> None:
    """Dropout, running statistics and augmented photos would all show a trace."""
    recipe = recipe_for(
        model="mobilenet_v2",
        weights="none",
        unfreeze="all",
        augment="standard",
        image_size=32,
        epochs=2,
        batch_size=4,
    )
    if not whole_run:
        whole_run[""] = RunFolder(tmp_path_factory.mktemp("whole") / "run")
        list(fit(recipe, whole_run[""], Control()))
    looked = RunFolder(tmp_path / "run")

    def look(_control: Control) -> None:
        ask(looked.control_file, "test")
        control._requests._polled = 0.0  # type: ignore[union-attr]

    control = AtStep(count, look)
    told = list(fit(recipe, looked, control))
    assert told[-1] == e.RunCompleted()
    looks = [event for event in told if isinstance(event, e.EarlyTestCompleted)]
    assert len(looks) == (count > 12), "before the first epoch is done there is nothing to test"
    assert all((look.epoch, look.photos) == (1, 12) for look in looks)
    assert looked.state().early_tests == len(looks)
    assert_same(whole_run[""], looked)
    flattered = [note for note in review_document(looked)["test"]["notes"] if "looked at" in note]
    assert len(flattered) == len(looks)


def test_it_tests_the_best_weights_not_the_newest(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    recipe = recipe_for(epochs=1)
    test = next(ev for ev in fit(recipe, folder, Control()) if isinstance(ev, e.TestCompleted))
    more = recipe_for(epochs=2, learning_rate=50.0)  # what comes now is no better
    told = fit(more, folder, AtStep(4, lambda control: control.want_early_test()))
    (look,) = [event for event in told if isinstance(event, e.EarlyTestCompleted)]
    assert (look.epoch, look.loss, look.accuracy) == (1, test.loss, test.accuracy)
    assert folder.state().early_tests == 2, "the test before it was trained further was one too"


def test_a_stop_meanwhile_ends_the_test_and_then_the_training(
    recipe_for: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, recipe = RunFolder(tmp_path / "run"), recipe_for(epochs=3, batch_size=4)
    real = evaluate.forward

    def slow(*arguments: object) -> object:
        control.stop("enough")
        return real(*arguments)  # type: ignore[arg-type]

    def look(control: Control) -> None:
        control.want_early_test()
        monkeypatch.setattr(evaluate, "forward", slow)

    control = AtStep(14, look)
    told = list(fit(recipe, folder, control))
    assert not [event for event in told if isinstance(event, e.EarlyTestCompleted)]
    assert told[-1] == e.RunStopped("enough")
    monkeypatch.undo()
    whole = RunFolder(tmp_path / "whole")
    list(fit(recipe, whole, Control()))
    list(fit(recipe, folder, Control()))
    assert_same(whole, folder)


def test_a_damaged_best_checkpoint_ends_no_training(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")

    def spoil(control: Control) -> None:
        while not (folder.checkpoints / checkpoint.LAST).exists():
            time.sleep(0.01)  # it is written after the best
        (folder.checkpoints / checkpoint.BEST).write_bytes(b"no checkpoint")
        control.want_early_test()

    # The last epoch writes it anew, or the run's own test says what is wrong.
    told = list(fit(recipe_for(epochs=2), folder, AtStep(8, spoil)))
    assert [ev.epoch for ev in told if isinstance(ev, e.EpochCompleted)] == [1, 2]
    assert not [event for event in told if isinstance(event, e.EarlyTestCompleted)]
    assert "the checkpoint is damaged" in folder.log_file.read_text()
