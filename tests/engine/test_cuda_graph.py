"""Recorded steps beside the same steps taken one by one. Only a CUDA GPU can record."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest
import torch
from torch import nn

from bear_tui.engine.inputs.batches import shard_of
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.engine.training import cuda_graph
from bear_tui.engine.training.step import Stepper
from bear_tui.recipe import Recipe

MakeRecipe = Callable[..., Recipe]

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")

EPOCHS = 3
RATE = 2e-5


def train(recipe: Recipe, record: bool) -> tuple[list[float], nn.Module, int]:
    """The loss of each step, the model after them, and how many steps were recorded ones."""
    setup = prepare(resolve(recipe))
    torch.backends.cudnn.benchmark = False  # it may choose other kernels from run to run
    replayed = 0
    with closing(BatchSource(setup)) as inputs:
        stepper = Stepper(setup, inputs)
        if not record:
            stepper._recorder = None
        losses = []
        freezing.train_mode(setup.model)
        for epoch in range(1, EPOCHS + 1):
            batches = inputs.batches("train", epoch)
            for step, batch in enumerate(batches):
                following = None
                if step + 1 < len(batches):
                    following = shard_of("train", epoch, step + 1, batches[step + 1])
                outcome = stepper.step(shard_of("train", epoch, step, batch), RATE, following)
                losses.append(outcome.loss.item())
                if record and stepper._recorder is not None:
                    held = stepper._recorder._recorded
                    replayed += held is not None and len(batch) == len(held._given.labels)
    return losses, setup.model, replayed


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "vgg16-scratch", "image_size": 32},
        {"model": "resnet18", "image_size": 64, "unfreeze": "all"},
        {"model": "resnet18", "image_size": 64, "unfreeze": "layer4,head"},
        {"model": "mobilenet_v2", "image_size": 64, "unfreeze": "all", "precision": "bf16"},
        {"model": "mlp", "augment": "standard", "mixup": 0.3, "label_smoothing": 0.1},
        {"model": "efficientnet_b0", "image_size": 64, "unfreeze": "all"},
        {"model": "convnext_tiny", "image_size": 64, "unfreeze": "all"},
        {"model": "vit_b_16", "image_size": 224, "unfreeze": "all"},
        {"model": "swin_t", "image_size": 224, "unfreeze": "all"},
        {"model": "googlenet", "image_size": 64, "unfreeze": "all"},
    ],
    ids=lambda fields: f"{fields['model']} {fields.get('unfreeze', 'all')}",
)
def test_recorded_steps_come_to_what_single_ones_come_to(
    recipe_for: MakeRecipe, monkeypatch: pytest.MonkeyPatch, fields: dict[str, object]
) -> None:
    monkeypatch.setattr(cuda_graph, "_STEPS_BEFORE", 2)
    basis = {"device": "cuda", "precision": "fp32", "weights": "none", "batch_size": 10}
    recipe = recipe_for(**{**basis, **fields})
    single, alone, _ = train(recipe, False)
    together, model, replayed = train(recipe, True)
    # 38 photos in batches of 10: the last of an epoch is smaller, and comes as it comes.
    assert replayed >= 6
    # Two trainings drift apart on a GPU, for its sums differ in their last digits from time to
    # time. What dropout and the views drew, and what each step learnt, is seen long before.
    rough = 3e-2 if recipe.precision == "bf16" else 3e-3
    assert together[:7] == pytest.approx(single[:7], rel=rough, abs=rough)
    counts = {n: b for n, b in alone.named_buffers() if n.endswith("num_batches_tracked")}
    for name, buffer in model.named_buffers():
        if name in counts:
            assert torch.equal(buffer, counts[name]), name


def test_what_cannot_be_recorded_is_taken_step_by_step(
    recipe_for: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waits(nn.Module):
        """Asks the GPU for a number, and waits for it."""

        def __init__(self, model: nn.Module) -> None:
            super().__init__()
            self.model = model

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.model(images)
            return logits * (1.0 if logits.sum().item() else 0.5)

    monkeypatch.setattr(cuda_graph, "_STEPS_BEFORE", 2)
    recipe = recipe_for(model="mlp", device="cuda", precision="fp32", augment="none")
    setup = prepare(resolve(recipe))
    setup = replace(setup, model=Waits(setup.model))
    with closing(BatchSource(setup)) as inputs:
        stepper = Stepper(setup, inputs)
        batches = inputs.batches("train", 1)
        losses = [
            stepper.step(shard_of("train", 1, step, batch), 1e-3).loss.item()
            for step, batch in enumerate(batches * 3)
        ]
    assert stepper._recorder is not None
    assert stepper._recorder._recorded is None
    assert losses[-1] < losses[0]
