import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from bear_tui.engine.fit import fit
from bear_tui.engine.inputs.batches import shard_of
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import builder, summary
from bear_tui.engine.setup.prepare import Setup, prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.engine.training import optimizer
from bear_tui.engine.training.context import TrainingContext
from bear_tui.engine.training.step import Stepper, _sizes, class_weights
from bear_tui.engine.training.trainer import Trainer
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.conftest import draw_photos

MakeRecipe = Callable[..., Recipe]


def first_loss(recipe: Recipe) -> tuple[float, Setup, Tensor]:
    """The mean loss of the first step as the trainer has it, and what a copy of the model says."""
    setup = prepare(resolve(recipe))
    with closing(BatchSource(setup)) as inputs:
        photos = inputs.batches("train", 1)[0]
        given = inputs.batch(shard_of("train", 1, 0, photos))
        logits = given.module(*given.values).detach()
        outcome = Stepper(setup, inputs).step(shard_of("train", 1, 0, photos), 0.0)
        expected = functional.cross_entropy(
            logits,
            given.targets,
            weight=class_weights(setup),
            reduction="sum",
            label_smoothing=recipe.label_smoothing,
        )
    assert outcome.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    return outcome.loss.item() / outcome.photos, setup, given.targets


def test_smoothing_weights_and_mixing_change_the_training_loss(recipe_for: MakeRecipe) -> None:
    plain, _, targets = first_loss(recipe_for(augment="none"))
    assert targets.dtype == torch.int64
    assert first_loss(recipe_for(augment="none", label_smoothing=0.2))[0] != plain
    mixed, _, targets = first_loss(recipe_for(augment="none", mixup=0.4))
    assert mixed != plain
    assert targets.shape == (8, 2)
    assert targets.sum(dim=1).tolist() == pytest.approx([1.0] * 8)


def test_the_validation_loss_is_plain_whatever_makes_training_harder(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    found = []
    for name, options in {"plain": {}, "hard": {"label_smoothing": 0.5, "mixup": 0.5}}.items():
        # So small a rate that the model stays what it was.
        recipe = recipe_for(epochs=1, learning_rate=1e-8, optimizer="sgd", **options)
        told = fit(recipe, RunFolder(tmp_path / name), Control())
        found.append([ev.loss for ev in told if isinstance(ev, e.PhaseCompleted)])
    assert found[0][0] != pytest.approx(found[1][0], rel=1e-2)
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-4)


def test_balanced_classes_count_alike(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    for split, counts in {"train": (30, 10), "validation": (2, 2), "test": (2, 2)}.items():
        for label, count in zip(("green", "red"), counts, strict=True):
            draw_photos(tmp_path / "uneven" / split / label, count, (90, 90, 90), count)
    recipe = recipe_for(data=str(tmp_path / "uneven"), class_weights="balanced")
    weights = class_weights(prepare(resolve(recipe)))
    assert weights is not None
    assert weights.tolist() == pytest.approx([40 / 60, 40 / 20])
    even = replace(recipe, class_weights="none")
    assert class_weights(prepare(resolve(even))) is None


def test_earlier_stages_learn_at_lower_rates(recipe_for: MakeRecipe) -> None:
    recipe = recipe_for(
        model="resnet18", weights="none", unfreeze="all", image_size=32, stage_factor=0.5
    )
    setup = prepare(resolve(recipe))
    with closing(BatchSource(setup)) as inputs:
        stepper = Stepper(setup, inputs)
        stepper.step(shard_of("train", 1, 0, [0, 1, 2, 3]), 0.08)
    shares = {
        id(p): group["lr"] for group in stepper.optimizer.param_groups for p in group["params"]
    }
    found = {name: shares[id(p)] for name, p in setup.model.named_parameters()}
    assert found["fc.weight"] == pytest.approx(0.08)
    assert found["layer4.1.conv2.weight"] == pytest.approx(0.04)
    assert found["layer3.0.bn1.bias"] == pytest.approx(0.02)
    assert found["conv1.weight"] < found["layer1.0.conv1.weight"] < found["layer2.0.conv1.weight"]


def test_random_parts_learn_as_the_head_does_and_no_stage_stands_still(
    recipe_for: MakeRecipe,
) -> None:
    recipe = recipe_for(
        model="vgg11", weights="none", unfreeze="all", image_size=32, stage_factor=0.1
    )
    model = builder.build("vgg11", 2, 32)
    layers = summary.describe("vgg11", 32, 2, "all")
    made = optimizer.make(recipe, model, layers, ("classifier.3", "classifier.6"))
    shares = {id(p): group["share"] for group in made.param_groups for p in group["params"]}
    found = {name: shares[id(p)] for name, p in model.named_parameters()}
    assert found["classifier.6.weight"] == found["classifier.3.bias"] == 1
    assert found["classifier.0.weight"] == pytest.approx(0.1)
    assert found["features.18.weight"] == pytest.approx(0.01)
    assert found["features.0.weight"] == 0.01


def test_what_is_pretrained_waits_for_a_new_head_and_for_no_other(recipe_for: MakeRecipe) -> None:
    recipe = recipe_for(
        model="resnet18", weights="none", unfreeze="all", image_size=32, stage_factor=0.5
    )
    for random, share in (("fc",), 0.125), ((), 1.0):
        setup = replace(prepare(resolve(recipe)), missing_from_weights=random)
        with closing(BatchSource(setup)) as inputs:
            stepper = Stepper(setup, inputs)
            stepper.step(shard_of("train", 1, 0, [0, 1, 2, 3]), 0.08, pretrained_share=0.125)
        rates = [group["lr"] for group in stepper.optimizer.param_groups]
        assert rates[-1] == pytest.approx(0.08)
        assert rates[-2] == pytest.approx(0.04 * share)
        assert rates[-3] == pytest.approx(0.02 * share)


def test_a_training_lets_its_pretrained_stages_wait(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    recipe = recipe_for(
        model="resnet18", weights="none", unfreeze="all", image_size=32, stage_factor=0.5
    )
    setup = replace(prepare(resolve(recipe)), missing_from_weights=("fc",))
    with closing(BatchSource(setup)) as source:
        trainer = Trainer(TrainingContext(setup, source, RunFolder(tmp_path), Control()))
        list(trainer.phase("train"))
    earlier, head = (group["lr"] for group in trainer.stepper.optimizer.param_groups[-2:])
    # The first of three epochs is over: two thirds of the one and a half that they wait.
    assert earlier / head == pytest.approx(0.5 * (2 / 3) ** 3)


class Narrow:
    """A model on a device whose memory holds only `room` photos: more raise what CUDA raises."""

    def __init__(self, model: nn.Module, room: int) -> None:
        self.sizes: list[int] = []
        self.room = room
        model.register_forward_pre_hook(self._look)

    def _look(self, _module: nn.Module, inputs: tuple[Tensor]) -> None:
        self.sizes.append(len(inputs[0]))
        if len(inputs[0]) > self.room:
            raise torch.OutOfMemoryError


def trained(recipe: Recipe, room: int) -> tuple[Narrow, dict[str, Tensor]]:
    setup = prepare(resolve(recipe))
    narrow = Narrow(setup.model, room)
    with closing(BatchSource(setup)) as inputs:
        stepper = Stepper(setup, inputs)
        for step, photos in enumerate(inputs.batches("train", 1)):
            stepper.step(shard_of("train", 1, step, photos), 0.01)
    return narrow, setup.model.state_dict()


def test_where_memory_runs_out_smaller_parts_add_up_to_the_same_step(
    recipe_for: MakeRecipe, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = recipe_for(batch_size=16, optimizer="sgd")
    with caplog.at_level(logging.WARNING):
        narrow, halved = trained(recipe, room=5)
    assert narrow.sizes[:3] == [16, 8, 4]
    assert max(narrow.sizes[2:]) == 4
    assert "batches of 16 are computed in parts of 4 from here on" in caplog.text
    _, whole = trained(recipe, room=100)
    for name, tensor in whole.items():
        assert torch.allclose(tensor, halved[name], atol=1e-6), name


def test_a_batchnorm_that_learns_is_told_to_see_the_smaller_parts_of_two_or_more(
    recipe_for: MakeRecipe, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = recipe_for(
        model="resnet18", weights="none", unfreeze="all", image_size=32, batch_size=9
    )
    with caplog.at_level(logging.WARNING):
        narrow, _ = trained(recipe, room=5)
    assert narrow.sizes == [9, 4, 5, 4, 5, 4, 5, 4, 5, 4], "4, 4 and a single one do not go"
    assert "batches of 9 are computed in parts of 4 from here on" in caplog.text
    assert "a BatchNorm that learns takes its statistics from each part alone" in caplog.text
    assert "stays the same" not in caplog.text


@pytest.mark.parametrize(
    ("count", "at_once", "together", "sizes"),
    [
        (9, 4, False, [4, 4, 1]),
        (9, 4, True, [4, 5]),
        (7, 2, True, [2, 2, 3]),
        (3, 1, True, [3]),
        (4, 1, True, [2, 2]),
        (5, 8, True, [5]),
        (0, 8, False, []),
    ],
)
def test_no_part_of_photos_that_are_mixed_is_a_single_one(
    count: int, at_once: int, together: bool, sizes: list[int]
) -> None:
    assert _sizes(count, at_once, together) == sizes


def test_memory_that_does_not_suffice_after_three_halvings_ends_with_a_sentence(
    recipe_for: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, narrows = builder.build, []

    def narrow(*arguments: object) -> nn.Module:
        model = build(*arguments)  # type: ignore[arg-type]
        narrows.append(Narrow(model, room=1))
        return model

    monkeypatch.setattr("bear_tui.engine.setup.prepare.builder.build", narrow)
    told = list(fit(recipe_for(batch_size=32), RunFolder(tmp_path / "run"), Control()))
    assert narrows[-1].sizes == [32, 16, 8, 4]
    assert isinstance(told[-1], e.RunFailed)
    assert "memory ran out" in told[-1].error
