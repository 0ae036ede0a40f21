import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from bear_tui.engine.fit import fit
from bear_tui.engine.models import builder, checkpoint, freezing
from bear_tui.engine.training.freeze_check import FreezeCheck
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.test_resume import AtStep, stop_at


@pytest.fixture
def model() -> nn.Module:
    """MobileNetV2 of which the last block and the head learn."""
    model = builder.build("mobilenet_v2", 2, 32)
    freezing.freeze(model, "features.18")
    freezing.train_mode(model)
    return model


def step(model: nn.Module) -> None:
    """Photos go through, and all that learns moves."""
    with torch.no_grad():
        model(torch.rand(4, 3, 32, 32))
        for parameter in model.parameters():
            parameter.add_(0.01 if parameter.requires_grad else 0.0)


def test_frozen_and_moved_parameters_are_counted(model: nn.Module) -> None:
    proof = FreezeCheck(model)
    step(model)
    trainable, total = freezing.parameter_counts(model)
    assert proof.event(1, 1) == e.LayersProved(1, total - trainable, trainable)


def test_one_bit_of_a_frozen_weight_is_noticed(model: nn.Module) -> None:
    proof = FreezeCheck(model)
    step(model)
    weight = model.get_parameter("features.3.conv.0.0.weight").data.view(-1)
    weight[7] = torch.nextafter(weight[7], torch.tensor(9.0))
    with pytest.raises(Failure, match=r"features\.3\.conv\.0\.0\.weight: frozen, but changed"):
        proof.event(1, 1)


def test_statistics_of_a_frozen_batchnorm_are_noticed(model: nn.Module) -> None:
    proof = FreezeCheck(model)
    model.train()
    step(model)
    with pytest.raises(Failure, match=r"features\.0\.1\.running_mean"):
        proof.event(1, 1)


def test_a_layer_that_stands_still_is_waited_for_and_then_named(model: nn.Module) -> None:
    proof = FreezeCheck(model)
    before = model.get_submodule("features.18").state_dict()
    kept = {name: tensor.clone() for name, tensor in before.items()}
    step(model)
    model.get_submodule("features.18").load_state_dict(kept)
    assert proof.event(1, 3) is None  # a block may be left out at random
    with pytest.raises(Failure, match=r"features\.18\.0, .*unfrozen, but not changed by 8 steps"):
        proof.event(1, 8)


def test_a_batchnorm_whose_statistics_alone_have_moved_does_not_learn(model: nn.Module) -> None:
    proof = FreezeCheck(model)
    norm = model.get_submodule("features.18.1")
    kept = [parameter.clone() for parameter in norm.parameters()]
    before = [buffer.clone() for buffer in norm.buffers()]
    step(model)
    with torch.no_grad():
        for parameter, value in zip(norm.parameters(), kept, strict=True):
            parameter.copy_(value)
    assert not all(a.equal(b) for a, b in zip(norm.buffers(), before, strict=True))
    with pytest.raises(Failure, match=r"features\.18\.1: unfrozen, but not changed"):
        proof.event(1, 8)


def test_a_run_whose_frozen_layers_change_ends_with_a_sentence_and_no_checkpoint(
    recipe_for: Callable[..., Recipe], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights.pth"
    torch.save(builder.build("mobilenet_v2", 2, 32).state_dict(), file)
    recipe = recipe_for(model="mobilenet_v2", weights=str(file), unfreeze="head", image_size=32)
    monkeypatch.setattr(freezing, "train_mode", nn.Module.train)
    folder = RunFolder(tmp_path / "run")
    told = list(fit(recipe, folder, Control()))
    assert isinstance(told[-1], e.RunFailed)
    assert "frozen, but changed in training" in told[-1].error
    assert list(folder.checkpoints.iterdir()) == []


def test_a_run_tells_it_once(recipe_for: Callable[..., Recipe], tmp_path: Path) -> None:
    told = list(fit(recipe_for(epochs=3), RunFolder(tmp_path / "run"), Control()))
    proofs = [event for event in told if isinstance(event, e.LayersProved)]
    assert [proof.epoch for proof in proofs] == [1]


def proofs_of(told: Iterable[e.Event]) -> list[e.LayersProved]:
    return [event for event in told if isinstance(event, e.LayersProved)]


@pytest.fixture
def half_frozen(recipe_for: Callable[..., Recipe], tmp_path: Path) -> Recipe:
    """MobileNetV2 of which the last block and the head learn; an epoch has 10 steps and 2."""
    file = tmp_path / "weights.pth"
    torch.save(builder.build("mobilenet_v2", 2, 32).state_dict(), file)
    return recipe_for(
        model="mobilenet_v2",
        weights=str(file),
        unfreeze="features.18",
        image_size=32,
        batch_size=4,
        epochs=2,
        scheduler="none",
    )


@pytest.mark.parametrize("count", [0, 4, 11])
def test_a_first_epoch_that_was_stopped_is_held_against_the_very_start(
    count: int, half_frozen: Recipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    stop_at(count, half_frozen, folder)
    # Weights that came into the file since are not what this run began with.
    torch.save(builder.build("mobilenet_v2", 2, 32).state_dict(), half_frozen.weights)
    told = list(fit(half_frozen, folder, Control()))
    assert told[-1] == e.RunCompleted()
    assert [proof.epoch for proof in proofs_of(told)] == [1]
    assert proofs_of(fit(replace(half_frozen, epochs=3), folder, Control())) == []


def test_what_was_touched_before_a_stop_is_noticed_after_it(
    half_frozen: Recipe, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    stop_at(4, half_frozen, folder)
    last = folder.checkpoints / "last.pt"
    saved = checkpoint.load(last)
    saved.model["features.3.conv.0.0.weight"].view(-1)[7] += 1e-3
    checkpoint.save(last, saved)
    ended = list(fit(half_frozen, folder, Control()))[-1]
    assert isinstance(ended, e.RunFailed)
    assert "features.3.conv.0.0.weight: frozen, but changed in training" in ended.error


def test_other_settings_in_the_first_epoch_leave_it_its_proof(
    half_frozen: Recipe, tmp_path: Path
) -> None:
    control = AtStep(4, lambda control: control.want("learning_rate", 0.01))
    told = list(fit(half_frozen, RunFolder(tmp_path / "run"), control))
    assert len([event for event in told if isinstance(event, e.ScheduleChanged)]) == 1
    assert [proof.epoch for proof in proofs_of(told)] == [1]


def test_a_run_too_short_to_tell_says_so(
    half_frozen: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Two steps at a rate that is lost in the digits of a float.
    short = replace(half_frozen, epochs=1, batch_size=24, learning_rate=1e-30, optimizer="sgd")
    with caplog.at_level(logging.INFO):
        told = list(fit(short, RunFolder(tmp_path / "run"), Control()))
    assert told[-1] == e.RunCompleted()
    assert proofs_of(told) == []
    assert "2 steps are too few to prove that all unfrozen layers learn: " in caplog.text


def test_a_checkpoint_of_before_says_that_nothing_will_be_proved(
    half_frozen: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = RunFolder(tmp_path / "run")
    stop_at(4, half_frozen, folder)
    last = folder.checkpoints / "last.pt"
    checkpoint.save(last, replace(checkpoint.load(last), unproved={}))
    told = list(fit(half_frozen, folder, Control()))
    assert told[-1] == e.RunCompleted()
    assert proofs_of(told) == []
    assert "it cannot be checked which layers move" in caplog.text
