from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from bear_tui.engine import models
from bear_tui.engine.fit import fit
from bear_tui.engine.proof import Proof
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder


@pytest.fixture
def model() -> nn.Module:
    """MobileNetV2 of which the last block and the head learn."""
    model = models.build("mobilenet_v2", 2, 32)
    models.freeze(model, "features.18")
    models.train_mode(model)
    return model


def step(model: nn.Module) -> None:
    """Photos go through, and all that learns moves."""
    with torch.no_grad():
        model(torch.rand(4, 3, 32, 32))
        for parameter in model.parameters():
            parameter.add_(0.01 if parameter.requires_grad else 0.0)


def test_frozen_and_moved_parameters_are_counted(model: nn.Module) -> None:
    proof = Proof(model)
    step(model)
    trainable, total = models.parameter_counts(model)
    assert proof.event(1, 1) == e.LayersProved(1, total - trainable, trainable)


def test_one_bit_of_a_frozen_weight_is_noticed(model: nn.Module) -> None:
    proof = Proof(model)
    step(model)
    weight = model.get_parameter("features.3.conv.0.0.weight").data.view(-1)
    weight[7] = torch.nextafter(weight[7], torch.tensor(9.0))
    with pytest.raises(Failure, match=r"features\.3\.conv\.0\.0\.weight: frozen, but changed"):
        proof.event(1, 1)


def test_statistics_of_a_frozen_batchnorm_are_noticed(model: nn.Module) -> None:
    proof = Proof(model)
    model.train()
    step(model)
    with pytest.raises(Failure, match=r"features\.0\.1\.running_mean"):
        proof.event(1, 1)


def test_a_layer_that_stands_still_is_waited_for_and_then_named(model: nn.Module) -> None:
    proof = Proof(model)
    before = model.get_submodule("features.18").state_dict()
    kept = {name: tensor.clone() for name, tensor in before.items()}
    step(model)
    model.get_submodule("features.18").load_state_dict(kept)
    assert proof.event(1, 3) is None  # a block may be left out at random
    with pytest.raises(Failure, match=r"features\.18\.0, .*unfrozen, but not changed by 8 steps"):
        proof.event(1, 8)


def test_a_run_whose_frozen_layers_change_ends_with_a_sentence_and_no_checkpoint(
    recipe_for: Callable[..., Recipe], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights.pth"
    torch.save(models.build("mobilenet_v2", 2, 32).state_dict(), file)
    recipe = recipe_for(model="mobilenet_v2", weights=str(file), unfreeze="head", image_size=32)
    monkeypatch.setattr(models, "train_mode", nn.Module.train)
    folder = RunFolder(tmp_path / "run")
    told = list(fit(recipe, folder, Control()))
    assert isinstance(told[-1], e.RunFailed)
    assert "frozen, but changed in training" in told[-1].error
    assert list(folder.checkpoints.iterdir()) == []


def test_a_run_tells_it_once(recipe_for: Callable[..., Recipe], tmp_path: Path) -> None:
    told = list(fit(recipe_for(epochs=3), RunFolder(tmp_path / "run"), Control()))
    proofs = [event for event in told if isinstance(event, e.LayersProved)]
    assert [proof.epoch for proof in proofs] == [1]
